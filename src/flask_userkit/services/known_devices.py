"""Known devices: browsers in which somebody has signed in before, by a cookie that names nobody.

What strangers guess then does not keep the owner out (OWASP, Slow Down Online Guessing Attacks
with Device Cookies).
"""

from __future__ import annotations

import re
import secrets
from base64 import urlsafe_b64decode
from base64 import urlsafe_b64encode

from sqlalchemy import update
from sqlalchemy.orm import Session

from ..models import User
from .kit import Kit

#: People who share a browser.
MOST = 5
SEPARATOR = "~"
_PURPOSE = "known device"
_ENTRY = re.compile(r"([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})", re.ASCII)
_LENGTH = MOST * (22 + 1 + 43) + (MOST - 1) * len(SEPARATOR)


def find(kit: Kit, cookie: str, user_id: str | None, device_key: str | None) -> str | None:
    """Return the name of a device that somebody has signed in with, or None.

    It takes as long for nobody.
    """
    nonces = [
        nonce
        for nonce, mac in _entries(cookie)
        if kit.keys.verify_mac(_PURPOSE, _text(user_id or "", nonce, device_key), mac)
    ]
    return nonces[0] if nonces and user_id is not None else None


def add(kit: Kit, cookie: str, user_id: str, device_key: str | None) -> str:
    """Return the cookie of a device that somebody has just signed in with."""
    known = find(kit, cookie, user_id, device_key)
    nonce = known or secrets.token_urlsafe(16)
    mac = kit.keys.mac(_PURPOSE, _text(user_id, nonce, device_key))
    others = [_entry(*entry) for entry in _entries(cookie) if entry[0] != known]
    return SEPARATOR.join([_entry(nonce, mac), *others][:MOST])


def forget(db: Session, user_id: str) -> str:
    """Make every device a stranger's, and return the key under which they are known anew.

    The caller has the user's lock. A thief's browser is not known once it is signed out from
    elsewhere, or once the password is another.
    """
    key = new_key()
    db.execute(update(User).where(User.id == user_id).values(device_key=key))
    return key


def new_key() -> str:
    """Return a key of a user, under which no device is known yet."""
    return secrets.token_urlsafe(16)


def _text(user_id: str, nonce: str, device_key: str | None) -> str:
    # Not by the password's digest: that changes also where the password does not.
    return f"{user_id} {nonce} {device_key or ''}"


def _entry(nonce: str, mac: bytes) -> str:
    return f"{nonce}.{urlsafe_b64encode(mac).decode('ascii').rstrip('=')}"


def _entries(cookie: str) -> list[tuple[str, bytes]]:
    if not cookie or len(cookie) > _LENGTH:
        return []
    found = [_ENTRY.fullmatch(part) for part in cookie.split(SEPARATOR)]
    return [(match[1], urlsafe_b64decode(f"{match[2]}=")) for match in found if match]
