"""Keys derived from the app's secret key, one per purpose, with fallbacks for rotation."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence

from cryptography.fernet import Fernet
from cryptography.fernet import InvalidToken
from cryptography.fernet import MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class KeyRing:
    """The keys of one app: the first is used for what is new, all for what is old.

    A key per purpose keeps what was made for one from being taken for another.
    """

    def __init__(self, secret: str | bytes, fallbacks: Sequence[str | bytes] = ()) -> None:
        self._secrets = [_to_bytes(value) for value in (secret, *fallbacks)]
        self._derived: dict[str, list[bytes]] = {}
        self._fernet = MultiFernet(
            [Fernet(base64.urlsafe_b64encode(key)) for key in self._keys("encryption")]
        )

    def mac(self, purpose: str, message: str) -> bytes:
        """Return the HMAC-SHA256 of a message (RFC 2104) under the newest key."""
        return _hmac(self._keys(purpose)[0], message)

    def verify_mac(self, purpose: str, message: str, mac: bytes) -> bool:
        """Compare in constant time, under every key that is still accepted."""
        matches = [hmac.compare_digest(_hmac(key, message), mac) for key in self._keys(purpose)]
        return any(matches)

    def encrypt(self, text: str) -> str:
        """Encrypt and authenticate a text (Fernet)."""
        return self._fernet.encrypt(text.encode()).decode("ascii")

    def encrypt_bytes(self, content: bytes) -> bytes:
        """Encrypt and authenticate what a file holds (Fernet)."""
        return self._fernet.encrypt(content)

    def decrypt_bytes(self, value: bytes) -> bytes | None:
        """Return the content, or None if no key of the ring made the value."""
        try:
            return self._fernet.decrypt(value)
        except InvalidToken:
            return None

    def decrypt(self, value: str) -> str | None:
        """Return the text, or None if no key of the ring made the value."""
        try:
            return self._fernet.decrypt(value).decode()
        except (InvalidToken, ValueError):
            return None

    def _keys(self, purpose: str) -> list[bytes]:
        if purpose not in self._derived:
            self._derived[purpose] = [_derive(secret, purpose) for secret in self._secrets]
        return self._derived[purpose]


def _derive(secret: bytes, purpose: str) -> bytes:
    """HKDF (RFC 5869) with the purpose as its info."""
    return HKDF(
        algorithm=hashes.SHA256(), length=32, salt=b"flask-userkit", info=purpose.encode()
    ).derive(secret)


def _hmac(key: bytes, message: str) -> bytes:
    return hmac.digest(key, message.encode(), hashlib.sha256)


def _to_bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value
