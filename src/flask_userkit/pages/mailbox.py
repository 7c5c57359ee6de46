"""The development mailbox: mail that was not sent, for the machine it was made on."""

from __future__ import annotations

from dataclasses import asdict
from urllib.parse import urlsplit

from flask import jsonify
from flask import render_template
from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from ..config import is_loopback
from ..current import current_kit
from ..delivery.mailbox import Mailbox
from ..delivery.mailbox import MailboxMessage
from ..web.blueprint import public


@public
def mailbox() -> ResponseReturnValue:
    return render_template("userkit/mailbox/page.html", messages=_messages())


@public
def mailbox_json() -> ResponseReturnValue:
    response = jsonify([asdict(message) for message in _messages()])
    response.headers["Cache-Control"] = "no-store"
    return response


def _messages() -> list[MailboxMessage]:
    sender = current_kit().email_sender
    if not isinstance(sender, Mailbox) or not _is_local():
        raise NotFound
    return sender.messages()


def _is_local() -> bool:
    # A proxy on this machine brings strangers; a name that is not this machine's may be a page
    # elsewhere that had its name point here.
    forwarded = {"Forwarded", "X-Forwarded-For", "X-Real-Ip"} & {
        name for name, _ in request.headers
    }
    host = urlsplit(request.host_url).hostname or ""
    return not forwarded and is_loopback(request.remote_addr or "") and is_loopback(host)
