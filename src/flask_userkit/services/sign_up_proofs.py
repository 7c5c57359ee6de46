"""What a sign-up proves: an address or a number, and the message that does it."""

from __future__ import annotations

import typing as t

from sqlalchemy.orm import Session

from ..models import Verification
from . import email_addresses
from . import identifiers
from . import phone_numbers
from . import verifications
from .email_addresses import EMAIL_ADDRESS
from .identifier_kinds import IdentifierKind
from .identifier_kinds import Typed
from .kit import Kit
from .kit import kit_of
from .purposes import Purpose


class Asked(t.NamedTuple):
    """What is to be proven."""

    kind: IdentifierKind
    typed: Typed


def asked(kind: IdentifierKind, value: str) -> Asked:
    """Return what is to be proven by a value that a sign-up has kept."""
    if kind is EMAIL_ADDRESS:
        return Asked(kind, email_addresses.typed(email_addresses.parse(value)))
    return Asked(kind, phone_numbers.typed(value))


def counted(kit: Kit, asked: Asked) -> dict[str, str]:
    """Return what a message that proves it counts against."""
    return asked.kind.limits(kit, asked.typed.key, None)


def verify(
    db: Session, asked: Asked, client_id: str, *, taken: bool, attempts: int = 0
) -> Verification:
    """Write what proves it, and send a code, or a notice to whose it is already.

    :param taken: whether it is somebody's.
    :param attempts: the guesses that are used up.
    """
    value = asked.typed.value
    verification = verifications.create(
        db,
        kind=asked.kind,
        purpose=Purpose.SIGN_UP,
        address=value,
        client_id=client_id,
        real=not taken,
        attempts=attempts,
    )
    # One message is written and one is not, whichever way it goes: the time tells nothing.
    asked.kind.send(
        db,
        "sign_up_notice",
        value,
        real=taken,
        address=value,
        sign_in_url=f"{kit_of(db).base_url}{kit_of(db).config.url_prefix}/sign-in",
    )
    return verification


def owner_id(kit: Kit, asked: Asked) -> str | None:
    """Return whose it is, or None."""
    return identifiers.owner_id(kit, asked.kind, asked.typed.key)
