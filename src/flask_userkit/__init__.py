"""The account button and the account page for Flask apps."""

from __future__ import annotations

from .connections.connection import Connection
from .current import current_identity
from .current import current_session
from .current import current_user
from .current import login_required
from .errors import SetupError
from .errors import UserKitError
from .events import EventName
from .events import signal
from .extension import UserKit
from .web.forms import KitForm
from .web.guard import reverification_required
from .web.menu import MenuAction
from .web.menu import MenuLink
from .web.profile import ProfilePage
from .web.section import OpenCard
from .web.section import ProfileSection

__all__ = [
    "Connection",
    "EventName",
    "KitForm",
    "MenuAction",
    "MenuLink",
    "OpenCard",
    "ProfilePage",
    "ProfileSection",
    "SetupError",
    "UserKit",
    "UserKitError",
    "current_identity",
    "current_session",
    "current_user",
    "login_required",
    "reverification_required",
    "signal",
]
