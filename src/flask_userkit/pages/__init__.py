"""The kit's pages, in HTML."""

from __future__ import annotations

from flask import Flask

from ..web.blueprint import blueprint
from . import email_address_link
from . import mailbox
from . import oauth
from . import oauth_reverification
from . import oauth_sign_up
from . import password_reset
from . import reverification
from . import sign_in
from . import sign_out
from . import sign_up
from . import user_profile
from .sign_in import sign_in_form
from .sign_up import sign_up_form

__all__ = [
    "email_address_link",
    "oauth",
    "oauth_reverification",
    "oauth_sign_up",
    "password_reset",
    "reverification",
    "sign_in",
    "sign_in_form",
    "sign_out",
    "sign_up",
    "sign_up_form",
    "user_profile",
]


def install(app: Flask, url_prefix: str, *, development: bool) -> None:
    """Register the pages; the mailbox has addresses in development alone."""
    app.url_map.converters["userkit_page"] = user_profile.ProfilePageConverter
    app.register_blueprint(blueprint, url_prefix=url_prefix)
    if development:
        app.add_url_rule(f"{url_prefix}/mailbox", "userkit.mailbox", mailbox.mailbox)
        app.add_url_rule(f"{url_prefix}/mailbox.json", "userkit.mailbox_json", mailbox.mailbox_json)
