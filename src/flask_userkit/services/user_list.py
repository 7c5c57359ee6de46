"""Lists of users, a page at a time."""

from __future__ import annotations

import typing as t
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm import selectinload

from ..errors import FormError
from ..models import EmailAddress
from ..models import PhoneNumber
from ..models import User
from ..security.text import is_plain
from ..security.usernames import username_key
from ..translations import gettext as _
from . import email_addresses
from . import phone_numbers

MAX_LIMIT = 500
MAX_OFFSET = 2**31
ORDER_BY = ("created_at", "updated_at", "last_sign_in_at", "username", "first_name", "last_name")
_FRESH = {"populate_existing": True}


@dataclass(frozen=True, slots=True)
class UserList:
    """A page of users and the number of all that match, from one transaction."""

    data: list[User]
    total_count: int


def get_user_list(
    db: Session,
    *,
    email_address: Sequence[str] = (),
    phone_number: Sequence[str] = (),
    username: Sequence[str] = (),
    user_id: Sequence[str] = (),
    external_id: Sequence[str] = (),
    limit: int = 10,
    offset: int = 0,
    order_by: str = "-created_at",
) -> UserList:
    """Return a page of users.

    :param email_address: only users who own one of these addresses; likewise the next four.
    :param order_by: a column, with ``-`` before it for the reverse.
    :raises FormError: ``form_param_value_invalid``: a limit, offset or order that cannot be.
    """
    if not 1 <= limit <= MAX_LIMIT or not 0 <= offset <= MAX_OFFSET:
        raise FormError(_("A page has 1 to %(maximum)s users.", maximum=MAX_LIMIT), param="limit")
    column = order_by.removeprefix("-").removeprefix("+")
    if column not in ORDER_BY:
        raise FormError(_("Users cannot be put in this order."), param="order_by")
    statement = select(User)
    if email_address:
        statement = _with_addresses(statement, email_address)
    if phone_number:
        statement = _with_numbers(statement, phone_number)
    if username:
        names = [username_key(value) for value in username]
        statement = statement.where(User.username_key.in_(_storable(names)))
    if user_id:
        statement = statement.where(User.id.in_(_storable(user_id)))
    if external_id:
        statement = statement.where(User.external_id.in_(_storable(external_id)))
    total = db.execute(select(func.count()).select_from(statement.subquery())).scalar_one()
    keys = (getattr(User, column), User.id)
    ordered = [key.desc() if order_by.startswith("-") else key.asc() for key in keys]
    page = statement.order_by(*ordered).limit(limit).offset(offset)
    page = page.options(selectinload(User.email_addresses), selectinload(User.phone_numbers))
    users = db.scalars(page, execution_options=_FRESH).all()
    return UserList(list(users), total)


def _with_addresses(statement: Select[t.Any], values: Sequence[str]) -> Select[t.Any]:
    keys = [email_addresses.parse(value).key for value in values]
    owners = select(EmailAddress.user_id).where(EmailAddress.verified_key.in_(keys))
    return statement.where(User.id.in_(owners))


def _with_numbers(statement: Select[t.Any], values: Sequence[str]) -> Select[t.Any]:
    keys = [phone_numbers.parse(value) for value in values]
    owners = select(PhoneNumber.user_id).where(PhoneNumber.verified_key.in_(keys))
    return statement.where(User.id.in_(owners))


def _storable(values: Sequence[str]) -> list[str]:
    """Return the values that a database could hold at all; the others match nothing."""
    return [value for value in values if is_plain(value)]
