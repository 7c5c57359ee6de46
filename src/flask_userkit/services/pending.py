"""The unfinished sign-in or sign-up of a browser."""

from __future__ import annotations

import datetime as dt
import typing as t

from sqlalchemy import select

from ..errors import VerificationError
from ..models import Client
from ..models import SignIn
from ..models import SignUp
from ..models import Verification
from ..security.tokens import token_digest
from ..translations import gettext as _
from .kit import Kit
from .verifications import RESEND_AFTER


class Pending(t.NamedTuple):
    """An attempt that waits for its code."""

    id: str
    client_id: str
    address: str
    verification_id: str
    return_to: str | None
    sent_at: dt.datetime

    def resend_in(self, now: dt.datetime) -> int:
        """Return the seconds until another code may be asked for."""
        return max(0, -int((now - self.sent_at - RESEND_AFTER) // dt.timedelta(seconds=1)))


def find(kit: Kit, token: str | None, model: type[SignIn | SignUp]) -> Pending | None:
    """Return the unfinished attempt of a client, or None."""
    if token is None:
        return None
    statement = (
        select(
            model.id,
            model.client_id,
            SignIn.identifier if model is SignIn else SignUp.email_address,
            model.verification_id,
            model.return_to,
            Verification.created_at,
        )
        .join(Client, Client.id == model.client_id)
        .join(Verification, Verification.id == model.verification_id)
        .where(Client.token_digest == token_digest(token), model.expire_at > kit.now())
        .order_by(model.id.desc())
        .limit(1)
    )
    with kit.database.reading() as connection:
        row = connection.execute(statement).one_or_none()
    return Pending(*row) if row else None


def require(kit: Kit, token: str | None, model: type[SignIn | SignUp]) -> Pending:
    """Return the unfinished attempt of a client.

    :raises VerificationError: ``verification_expired``: there is none, or no more.
    """
    found = find(kit, token, model)
    if found is None:
        raise expired()
    return found


def expired() -> VerificationError:
    """Return the refusal of a step without the one before it."""
    return VerificationError(_("This took too long. Start again."), code="verification_expired")
