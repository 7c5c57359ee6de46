"""The kit's pages, in HTML."""

from __future__ import annotations

from flask import Flask

from ..web.blueprint import blueprint
from . import assets
from . import mailbox
from . import sign_in
from . import sign_out
from . import sign_up
from . import user_profile

__all__ = ["assets", "sign_in", "sign_out", "sign_up", "user_profile"]


def install(app: Flask, url_prefix: str, *, development: bool) -> None:
    """Register the pages; the mailbox has addresses in development alone."""
    app.register_blueprint(blueprint, url_prefix=url_prefix)
    if development:
        app.add_url_rule(f"{url_prefix}/mailbox", "userkit.mailbox", mailbox.mailbox)
        app.add_url_rule(f"{url_prefix}/mailbox.json", "userkit.mailbox_json", mailbox.mailbox_json)
