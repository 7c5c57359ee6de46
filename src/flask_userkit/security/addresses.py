"""Email addresses and usernames: what is valid, and the key by which one is found."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from email_validator import EmailNotValidError
from email_validator import validate_email

MAX_INPUT = 320
_USERNAME = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


class Address(NamedTuple):
    """An address as mail is sent to it, and as it is looked up."""

    address: str
    key: str


def parse_email_address(value: str) -> Address | None:
    """Return the address that a text is, or None.

    The spelling is kept for mail. The key is lower case (local parts differ by case nowhere)
    with the domain in ASCII, so a homograph domain stays another domain; accents stay, since
    to fold them would let one person's address find another's.
    """
    value = value.strip()
    if not value or len(value) > MAX_INPUT:
        return None
    try:
        checked = validate_email(value, check_deliverability=False)
    except (EmailNotValidError, UnicodeError):
        return None
    local = unicodedata.normalize("NFC", checked.local_part.lower())
    return Address(checked.normalized, f"{local}@{checked.ascii_domain.lower()}")


def username_problem(value: str, minimum: int = 4, maximum: int = 64) -> str | None:
    """Return the code of what is wrong with a username, or None."""
    if not minimum <= len(value) <= maximum:
        return "form_username_invalid_length"
    if not _USERNAME.fullmatch(value):
        return "form_username_invalid_character"
    if not any(character.isalpha() for character in value):
        return "form_username_needs_non_number_char"
    return None


def username_key(value: str) -> str:
    """Return the key by which a username is unique and found."""
    return value.lower()
