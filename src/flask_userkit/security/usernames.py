"""Usernames: what is valid, what stands for the site, and the key by which one is found.

They have the letters of ASCII alone: anybody's keyboard has them, and with no other script in
it a name can imitate another only by digits and by letters in a row.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

MIN_LENGTH = 4
MAX_LENGTH = 64
_MAX_INPUT = 4 * MAX_LENGTH
_SHAPE = re.compile(r"[A-Za-z0-9]+(?:[_-]+[A-Za-z0-9]+)*", re.ASCII)

# Roles, the mailboxes that RFC 2142 keeps for a site, and words that stand in its addresses or
# in place of a name.
_WORDS = """
abuse account accounts admin administrator administrators admins all anonymous api app apps
assets auth billing blog bot careers chat community contact contactus customerservice dashboard
deleted demo dev developer developers docs donotreply everybody everyone faq feedback ftp guest
guests help helpcenter helpdesk home hostmaster index info legal login logout mail mailerdaemon
mailbox manager me media member members mod moderation moderator moderators news newsletter
nobody none noreply notifications null official oauth operator owner password payment payments
postmaster press pricing privacy profile public register registration root sales search secure
security self server service services settings shop signin signout signup site somebody someone
staff static status store subscribe superadmin superuser support supportteam sys sysadmin system
systems team teams terms test tester tests trust undefined unknown update user username users
verification verify webmail webmaster website welcome www you
"""
#: What a stranger would take for the site or for its staff.
RESERVED = frozenset(_WORDS.split())
_DIGITS = str.maketrans("0134578i", "oleastbl")


def normalize_username(value: str) -> str:
    """Return a username as it is stored: without spaces around it, full-width letters as plain.

    A Japanese keyboard types the latter, and the person sees hardly a difference.
    """
    if len(value) > _MAX_INPUT:
        return value
    return unicodedata.normalize("NFKC", value).strip()


def username_problem(value: str) -> str | None:
    """Return the code of what is wrong with a username, or None."""
    if not MIN_LENGTH <= len(value) <= MAX_LENGTH:
        return "form_username_invalid_length"
    if not _SHAPE.fullmatch(value):
        return "form_username_invalid_character"
    if not any(character.isalpha() for character in value):
        return "form_username_needs_non_number_char"
    return None


def username_key(value: str) -> str:
    """Return the key by which a username is unique and found, however it is typed.

    A key of its own key, since every stored username is ASCII.
    """
    return normalize_username(value).casefold()


def is_reserved(value: str, more: Iterable[str] = ()) -> bool:
    """Tell whether a username is, or looks like, one that stands for the site.

    :param more: names besides ``RESERVED``, such as the app's own.
    """
    looks = _look(value)
    return looks in _RESERVED_LOOKS or any(looks == _look(name) for name in more)


def _look(value: str) -> str:
    """Return what names that are easily taken for one another have in common."""
    letters = "".join(filter(str.isalnum, username_key(value))).translate(_DIGITS)
    return letters.replace("rn", "m").replace("vv", "w").replace("cl", "d")


_RESERVED_LOOKS = frozenset(map(_look, RESERVED))
