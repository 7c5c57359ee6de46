"""What is left of a user in every table, and goes with them."""

from __future__ import annotations

import typing as t

from sqlalchemy import ColumnElement
from sqlalchemy import Delete
from sqlalchemy import Update
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import null
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from .. import models
from ..errors import SetupError
from ..events import EventName
from ..models import EmailAddress
from ..models import Event
from ..models import ExternalAccount
from ..models import PhoneNumber
from ..models import SignIn
from ..models import SignUp
from ..models import User
from ..models import Verification
from . import clients
from . import data_exports
from . import suspended_forms

#: Of so many sessions the browsers are written by one statement.
BATCH = 500


def delete_all(db: Session, user_id: str) -> None:
    """Delete a user's row and all others that are theirs or name them; the caller has the lock.

    What an administrator did to others stays in the audit trail of those.

    :raises SetupError: a table of the app's refers to the user, and does not say what then.
    """
    # What an app's hook left to be written has errors of its own.
    db.flush()
    try:
        _delete_all(db, user_id)
    except IntegrityError as error:
        # Not as the database's own error, which would be tried again, and be refused again.
        raise SetupError(
            f"A table of the app's refuses the deletion of a user: {error.orig}. Give its foreign "
            "key an ondelete, or delete its rows in before_user_deletion."
        ) from error


def _delete_all(db: Session, user_id: str) -> None:
    # The foreign keys do much of it, but for an app's own SQLite, which does not enforce them.
    suspended_forms.forget(db, models.Session.user_id == user_id)
    _delete_attempts(db, user_id)
    data_exports.forget(db, user_id)
    _retire_browsers(db, user_id)
    for model in (models.Session, models.Avatar, ExternalAccount, EmailAddress, PhoneNumber):
        _run(db, delete(model).where(model.user_id == user_id))
    _run(db, delete(User).where(User.id == user_id))
    _run(db, delete(Event).where(Event.user_id == user_id))
    # Such as a limit that they have reached.
    _run(db, delete(Event).where(Event.actor_id == user_id, Event.user_id == null()))
    # Whose place they took in a browser had it end there, and not by an administrator.
    took = (Event.actor_id == user_id, Event.name == EventName.SESSION_ENDED.value)
    about = dict.fromkeys(("actor_id", "session_id", "ip_address", "user_agent"))
    _run(db, update(Event).where(*took).values(about))


def _delete_attempts(db: Session, user_id: str) -> None:
    """Delete every code, and the sign-ins and sign-ups that it would finish."""
    # Read first, and without a lock: nothing waits for rows of others that are looked at.
    ids = {
        code_id
        for which in _codes(db, user_id)
        for code_id in db.scalars(select(Verification.id).where(which)).all()
    }
    for model in (SignIn, SignUp):
        _run(db, delete(model).where(model.verification_id.in_(ids)))
    _run(db, delete(SignIn).where(SignIn.user_id == user_id))
    _run(db, delete(Verification).where(Verification.id.in_(ids)))


def _codes(db: Session, user_id: str) -> t.Iterator[ColumnElement[bool]]:
    yield Verification.user_id == user_id
    # Asked for by who was not signed in, such as to sign up with an address that is taken.
    values = [
        *db.scalars(_proven(EmailAddress, EmailAddress.email_address, user_id)),
        *db.scalars(_proven(PhoneNumber, PhoneNumber.phone_number, user_id)),
    ]
    if values:
        lower = [value.lower() for value in values]
        yield (Verification.user_id == null()) & func.lower(Verification.address).in_(lower)


def _proven(model: t.Any, value: t.Any, user_id: str) -> t.Any:
    mine = (model.user_id == user_id, model.verified_key.is_not(None))
    # A locking read: in an app's own transaction MariaDB would show what was there at its start.
    return select(value).where(*mine).with_for_update(read=True)


def _retire_browsers(db: Session, user_id: str) -> None:
    """Make the cookies of browsers worthless where this user was the last who signed in."""
    mine = select(models.Session.id).where(models.Session.user_id == user_id)
    # Locked in the order of who signs in there meanwhile: the sessions, then their browser.
    ids = db.scalars(mine.order_by(models.Session.id).with_for_update()).all()
    for start in range(0, len(ids), BATCH):
        clients.retire_all(db, ids[start : start + BATCH])


def _run(db: Session, statement: Delete | Update) -> None:
    db.execute(statement.execution_options(synchronize_session=False))
