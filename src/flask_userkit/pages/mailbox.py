"""The development mailbox: mail that was not sent."""

from __future__ import annotations

from dataclasses import asdict
from urllib.parse import urlsplit

from flask import jsonify
from flask import render_template
from flask import request
from flask.typing import ResponseReturnValue

from ..request_state import current_kit
from ..services.mailbox import MailboxMessage
from ..services.mailbox import local_messages
from ..web.blueprint import public

#: How headers begin that a proxy adds.
FORWARDED = ("forwarded", "via", "x-forwarded-", "x-real-ip")


@public
def mailbox() -> ResponseReturnValue:
    return render_template("userkit/mailbox/page.html", messages=_messages())


@public
def mailbox_json() -> ResponseReturnValue:
    response = jsonify([asdict(message) for message in _messages()])
    response.headers["Cache-Control"] = "no-store"
    return response


def _messages() -> list[MailboxMessage]:
    return local_messages(
        current_kit(),
        address=request.remote_addr,
        host=urlsplit(request.host_url).hostname,
        forwarded=any(name.lower().startswith(FORWARDED) for name, _value in request.headers),
    )
