"""The pages of the profile and their sections, in their order."""

from __future__ import annotations

from ..translations import gettext as _
from ..web.profile import ProfilePage
from . import activity
from . import connected_accounts
from . import data_export
from . import deletion
from . import email_addresses
from . import password
from . import phone_numbers
from . import profile
from . import sessions
from . import username

PAGES = [
    ProfilePage(
        "account",
        lambda: _("Profile"),
        lambda: _("Who you are here, and how we reach you."),
        "user",
    ),
    ProfilePage(
        "security",
        lambda: _("Security"),
        lambda: _("How you sign in, and where you are signed in."),
        "shield",
    ),
]
SECTIONS = [
    profile.SECTION,
    username.SECTION,
    email_addresses.SECTION,
    phone_numbers.SECTION,
    connected_accounts.SECTION,
    password.SECTION,
    sessions.SECTION,
    activity.SECTION,
    data_export.SECTION,
    deletion.SECTION,
]
