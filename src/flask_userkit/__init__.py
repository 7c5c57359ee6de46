"""The account button and the account page for Flask apps."""

from __future__ import annotations

from .current import current_identity
from .current import current_session
from .current import current_user
from .current import login_required
from .errors import SetupError
from .errors import UserKitError
from .events import EventName
from .events import signal
from .extension import UserKit

__all__ = [
    "EventName",
    "SetupError",
    "UserKit",
    "UserKitError",
    "current_identity",
    "current_session",
    "current_user",
    "login_required",
    "signal",
]
