"""A user's row: written, read, changed and locked."""

from __future__ import annotations

import typing as t

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..errors import FormError
from ..errors import NotFoundError
from ..events import EventName
from ..models import User
from ..security.ids import new_id
from ..security.text import is_plain
from ..security.usernames import username_key
from ..translations import gettext as _
from . import events
from . import names
from .kit import kit_of
from .locks import lock_user
from .locks import savepoint
from .locks import violates


class Unset:
    """The type of a parameter that was not given, where None means to clear."""

    def __repr__(self) -> str:
        return "UNSET"


UNSET: t.Final = Unset()


def insert_user(
    db: Session, *, username: str | None, by_self: bool = False, **values: t.Any
) -> User:
    """Write a user's row; unique indexes decide whether it may exist.

    :param by_self: whether somebody signs up.
    :raises FormError: ``form_identifier_exists``.
    """
    now = kit_of(db).now()
    user = User(
        id=new_id("user"),
        username=username,
        username_key=username_key(username) if username else None,
        password_updated_at=now if values.get("password_digest") else None,
        created_at=now,
        updated_at=now,
        **values,
    )
    try:
        with savepoint(db):
            db.add(user)
            db.flush()
    except IntegrityError as error:
        raise _taken(error) from error
    events.emit(db, EventName.USER_CREATED, user.id, actor_id=user.id if by_self else None)
    return user


def get_user(db: Session, user_id: str) -> User:
    """Return a user.

    :raises NotFoundError: ``resource_not_found``.
    """
    user = db.get(User, user_id, populate_existing=True) if is_plain(user_id) else None
    if user is None:
        raise _not_found()
    _ = user.email_addresses, user.phone_numbers, user.external_accounts
    return user


def lock_row(db: Session, user_id: str) -> None:
    """Lock a user's row until the transaction ends.

    :raises NotFoundError: ``resource_not_found``.
    """
    if not is_plain(user_id) or lock_user(db, user_id) is None:
        raise _not_found()


def write_row(db: Session, user_id: str, changes: dict[str, t.Any]) -> None:
    """Change what is given of a user's row; unique indexes decide whether it may be so.

    :raises FormError: ``form_identifier_exists``.
    """
    if not changes:
        return
    statement = update(User).where(User.id == user_id)
    try:
        with savepoint(db):
            db.execute(statement.values(updated_at=kit_of(db).now(), **changes))
    except IntegrityError as error:
        raise _taken(error) from error


def _taken(error: IntegrityError) -> Exception:
    if violates(error, "userkit_user", "username_key"):
        return names.username_taken()
    if violates(error, "userkit_user", "external_id"):
        return FormError(
            _("This external id belongs to another user."),
            code="form_identifier_exists",
            param="external_id",
        )
    return error


def _not_found() -> NotFoundError:
    return NotFoundError(_("There is no such user."))
