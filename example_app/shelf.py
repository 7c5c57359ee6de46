"""A page that acts for somebody at a provider: it reads their shelf at Meadow ID."""

from __future__ import annotations

import typing as t

import requests
from flask import Blueprint
from flask import current_app
from flask import render_template
from flask.typing import ResponseReturnValue

from flask_userkit import UserKitError
from flask_userkit import current_user
from flask_userkit import login_required

from .extensions import userkit
from .provider.settings import NAME
from .provider.settings import SHELF_SCOPE
from .provider.settings import base_url

#: Seconds; whoever opens the page waits for it.
PATIENCE = 5

shelf = Blueprint("shelf", __name__)


class NoShelf(Exception):
    """It cannot be shown; the message says why.

    :param way: what helps, as the page shows it: ``connect``, ``reconnect`` or ``wait``.
    """

    def __init__(self, message: str, way: str) -> None:
        super().__init__(message)
        self.way = way


@shelf.get("/shelf")
@login_required
def show_shelf() -> ResponseReturnValue:
    try:
        found = [book for token in _tokens(current_user.id) for book in _read(token)]
    except NoShelf as reason:
        return render_template("shelf.html", books=[], reason=reason)
    return render_template("shelf.html", books=found, reason=None)


def _tokens(user_id: str) -> list[str]:
    """Return a token for each account that somebody has there and lets the app read."""
    try:
        # It may have to ask the provider for a new one, so no transaction is open here.
        accounts = userkit.users.get_user_oauth_access_token(user_id, NAME)
    except UserKitError as error:
        if error.code == "external_account_not_found":
            raise NoShelf("Connect your account there to see your books.", "connect") from error
        raise NoShelf(error.message, "wait" if error.status == 503 else "reconnect") from error
    tokens = [account.token for account in accounts if SHELF_SCOPE in account.scopes]
    if not tokens:
        raise NoShelf("Reading list may not look at your shelf yet.", "reconnect")
    return tokens


def _read(token: str) -> list[dict[str, str]]:
    try:
        answer = requests.get(
            f"{base_url(current_app)}/provider/api/books",
            headers={"Authorization": f"Bearer {token}"},
            timeout=PATIENCE,
        )
        if answer.status_code == 401:
            # It was taken back there, which nobody has told the kit.
            raise NoShelf("Meadow ID does not show your shelf any more.", "reconnect")
        answer.raise_for_status()
        return t.cast("list[dict[str, str]]", answer.json()["books"])
    except requests.RequestException as error:
        raise NoShelf("Meadow ID does not answer. Try again in a moment.", "wait") from error
