"""Whose page this is: what a page asks that was made for a session, when it is looked at."""

from __future__ import annotations

import base64
import hashlib

from flask import jsonify
from flask.typing import ResponseReturnValue

from ..request_state import state
from ..services.identity import Identity
from ..services.identity import identify
from .blueprint import blueprint
from .blueprint import public

_PURPOSE = "session of a page"
_LENGTH = 16


@blueprint.get("/session")
@public
def session() -> ResponseReturnValue:
    found = state()
    found.depends_on_cookie = True
    # That a page asks is no activity of a person, and must not keep an idle session open, also
    # where the app has asked before who this is.
    found.is_activity = False
    identity = identify(found.kit, found.token)
    return jsonify(session=session_mark(identity) if identity else None)


def session_mark(identity: Identity) -> str:
    """Return what tells the pages of a session from those of others, and is no key to it."""
    # By no key: with the app's next one every page that is open would be another's.
    digest = hashlib.sha256(f"{_PURPOSE} {identity.session_id}".encode()).digest()
    return base64.urlsafe_b64encode(digest[:_LENGTH]).decode("ascii").rstrip("=")
