"""The unfinished sign-in, password reset or sign-up of a browser."""

from __future__ import annotations

import datetime as dt
import typing as t

from sqlalchemy import null
from sqlalchemy import select

from ..errors import VerificationError
from ..models import Client
from ..models import SignIn
from ..models import SignUp
from ..models import Verification
from ..security.tokens import token_digest
from ..translations import gettext as _
from .kit import Kit
from .phone_numbers import PHONE_NUMBER
from .purposes import Purpose
from .verifications import RESEND_AFTER


class Pending(t.NamedTuple):
    """An attempt that waits for its code."""

    id: str
    client_id: str
    #: Whose account it is about; empty for the unknown, and where there is none yet.
    user_id: str | None
    address: str
    verification_id: str
    return_to: str | None
    sent_at: dt.datetime
    strategy: str

    @property
    def by_text(self) -> bool:
        """Whether the code goes out by text message."""
        return self.strategy == PHONE_NUMBER.strategy

    @property
    def receiver(self) -> str:
        """Where the code goes, as one reads it."""
        return PHONE_NUMBER.display(self.address) if self.by_text else self.address

    def resend_in(self, now: dt.datetime) -> int:
        """Return the seconds until another code may be asked for."""
        return max(0, -int((now - self.sent_at - RESEND_AFTER) // dt.timedelta(seconds=1)))


def find(kit: Kit, token: str | None, purpose: Purpose) -> Pending | None:
    """Return the unfinished attempt of a client, or None.

    :param purpose: what the attempt is for: that of one purpose is none of another.
    """
    if token is None:
        return None
    model = SignUp if purpose is Purpose.SIGN_UP else SignIn
    statement = (
        select(
            model.id,
            model.client_id,
            null() if model is SignUp else SignIn.user_id,
            Verification.address if model is SignUp else SignIn.identifier,
            model.verification_id,
            model.return_to,
            Verification.created_at,
            Verification.strategy,
        )
        .join(Client, Client.id == model.client_id)
        .join(Verification, Verification.id == model.verification_id)
        .where(
            Client.token_digest == token_digest(token),
            Verification.purpose == purpose.value,
            model.expire_at > kit.now(),
        )
        .order_by(model.id.desc())
        .limit(1)
    )
    with kit.database.reading() as connection:
        row = connection.execute(statement).one_or_none()
    return Pending._make(row) if row else None


def require(kit: Kit, token: str | None, purpose: Purpose) -> Pending:
    """Return the unfinished attempt of a client.

    :raises VerificationError: ``verification_expired``: there is none, or no more.
    """
    found = find(kit, token, purpose)
    if found is None:
        raise expired()
    return found


def expired() -> VerificationError:
    """Return the refusal of a step without the one before it."""
    return VerificationError(_("This took too long. Start again."), code="verification_expired")
