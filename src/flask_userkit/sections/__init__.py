"""The pages of the profile and their sections, in their order."""

from __future__ import annotations

from ..translations import gettext as _
from ..web.profile import ProfilePage
from . import email_addresses
from . import profile
from . import username

PAGES = [
    ProfilePage(
        "account",
        lambda: _("Profile"),
        lambda: _("Who you are here, and how we reach you."),
        "user",
    ),
]
SECTIONS = [
    profile.SECTION,
    username.SECTION,
    email_addresses.SECTION,
]
