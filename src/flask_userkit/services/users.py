"""Users: created, read, updated and deleted by the app."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..errors import FormError
from ..events import EventName
from ..models import User
from ..security.text import is_plain
from ..security.usernames import username_key
from ..translations import gettext as _
from . import email_addresses
from . import events
from . import identifiers
from . import known_devices
from . import names
from . import notices
from . import outbox
from . import outstanding
from . import passwords
from . import phone_numbers
from . import remains
from . import sessions
from . import user_rows
from .email_addresses import EMAIL_ADDRESS
from .kit import kit_of
from .metadata import clean_metadata
from .phone_numbers import PHONE_NUMBER
from .user_rows import UNSET
from .user_rows import Unset

EXTERNAL_ID_LENGTH = 255


def create_user(
    db: Session,
    *,
    email_address: Sequence[str] = (),
    phone_number: Sequence[str] = (),
    password: str | None = None,
    username: str | None = None,
    first_name: str | None = None,
    last_name: str | None = None,
    external_id: str | None = None,
    public_metadata: Mapping[str, t.Any] | None = None,
    private_metadata: Mapping[str, t.Any] | None = None,
    unsafe_metadata: Mapping[str, t.Any] | None = None,
    delete_self_enabled: bool = True,
    skip_password_checks: bool = False,
) -> User:
    """Create a user; addresses and numbers count as verified, and the first is primary.

    :param email_address: addresses.
    :param phone_number: numbers, each with a plus sign and the code of its country.
    :param password: checked like a person's own, unless ``skip_password_checks``.
    :param external_id: the app's own key for this person.
    :param delete_self_enabled: whether they may delete their account by themselves.
    :raises FormError: ``form_identifier_exists``, or a code of the value that cannot be taken.
    """
    addresses = [email_addresses.parse(value) for value in email_address]
    phones = [phone_numbers.parse(value) for value in phone_number]
    name = names.clean_username(kit_of(db), username)
    external_id = _clean_external_id(external_id)
    if not addresses and not phones and name is None and external_id is None:
        raise FormError(
            _("A user has an email address, a phone number or a username."),
            code="form_data_missing",
        )
    context = [name, first_name, last_name, *(address.key for address in addresses), *phones]
    digest = _digest(db, password, context, skip_password_checks) if password is not None else None
    user = user_rows.insert_user(
        db,
        username=name,
        first_name=names.clean_name(first_name, "first_name", "optional"),
        last_name=names.clean_name(last_name, "last_name", "optional"),
        password_digest=digest,
        external_id=external_id,
        public_metadata=clean_metadata(public_metadata, "public_metadata"),
        private_metadata=clean_metadata(private_metadata, "private_metadata"),
        unsafe_metadata=clean_metadata(unsafe_metadata, "unsafe_metadata"),
        delete_self_enabled=delete_self_enabled,
    )
    for index, address in enumerate(addresses):
        typed = email_addresses.typed(address)
        identifiers.add_verified(db, EMAIL_ADDRESS, user.id, typed, primary=index == 0)
    for index, number in enumerate(phones):
        typed = phone_numbers.typed(number)
        identifiers.add_verified(db, PHONE_NUMBER, user.id, typed, primary=index == 0)
    return user_rows.get_user(db, user.id)


def update_user(
    db: Session,
    user_id: str,
    *,
    first_name: str | Unset | None = UNSET,
    last_name: str | Unset | None = UNSET,
    username: str | Unset | None = UNSET,
    external_id: str | Unset | None = UNSET,
    password: str | Unset = UNSET,
    skip_password_checks: bool = False,
    sign_out_of_other_sessions: bool = True,
    delete_self_enabled: bool | Unset = UNSET,
    primary_email_address_id: str | Unset = UNSET,
    primary_phone_number_id: str | Unset = UNSET,
    notify: bool = False,
) -> User:
    """Change what is given and nothing else, so that two changes at once both stay.

    :param username: None removes it.
    :param sign_out_of_other_sessions: with a password, end every session of the user.
    :param delete_self_enabled: whether they may delete their account by themselves.
    :param notify: tell the user by mail, as of a change of their own.
    :raises NotFoundError: ``resource_not_found``.
    :raises FormError: ``form_identifier_exists``, or a code of the value that cannot be taken.
    """
    changes: dict[str, t.Any] = {}
    if not isinstance(first_name, Unset):
        changes["first_name"] = names.clean_name(first_name, "first_name", "optional")
    if not isinstance(last_name, Unset):
        changes["last_name"] = names.clean_name(last_name, "last_name", "optional")
    if not isinstance(external_id, Unset):
        changes["external_id"] = _clean_external_id(external_id)
    if not isinstance(delete_self_enabled, Unset):
        changes["delete_self_enabled"] = delete_self_enabled
    if not isinstance(username, Unset):
        name = names.clean_username(kit_of(db), username)
        changes |= {"username": name, "username_key": username_key(name) if name else None}
    if not isinstance(password, Unset):
        digest = _digest(db, password, _context(db, user_id), skip_password_checks)
        changes |= {"password_digest": digest, "password_updated_at": kit_of(db).now()}
    user_rows.lock_row(db, user_id)
    tell = notices.before(db, user_id) if notify else notices.NOBODY
    user_rows.write_row(db, user_id, changes)
    for kind, primary in (
        (EMAIL_ADDRESS, primary_email_address_id),
        (PHONE_NUMBER, primary_phone_number_id),
    ):
        if not isinstance(primary, Unset):
            identifiers.promote(db, kind, user_id, primary, notify=notify)
            changes[kind.pointer.key] = primary
    if not isinstance(username, Unset):
        removed = changes["username"] is None
        happened = EventName.USERNAME_REMOVED if removed else EventName.USERNAME_UPDATED
        events.emit(db, happened, user_id, tell)
    if not isinstance(password, Unset):
        known_devices.forget(db, user_id)
        events.emit(db, EventName.PASSWORD_CHANGED, user_id, tell)
        if sign_out_of_other_sessions:
            sessions.revoke_all(db, user_id)
        outstanding.end(db, user_id)
    events.emit(db, EventName.USER_UPDATED, user_id, fields=",".join(sorted(changes)))
    return user_rows.get_user(db, user_id)


def ban_user(db: Session, user_id: str) -> User:
    """Ban a user and end every session.

    :raises NotFoundError: ``resource_not_found``.
    """
    user_rows.lock_row(db, user_id)
    user_rows.write_row(db, user_id, {"banned": True})
    known_devices.forget(db, user_id)
    sessions.revoke_all(db, user_id)
    outstanding.end(db, user_id)
    events.emit(db, EventName.USER_BANNED, user_id)
    return user_rows.get_user(db, user_id)


def unban_user(db: Session, user_id: str) -> User:
    """Let a banned user sign in again.

    :raises NotFoundError: ``resource_not_found``.
    """
    user_rows.lock_row(db, user_id)
    user_rows.write_row(db, user_id, {"banned": False})
    events.emit(db, EventName.USER_UNBANNED, user_id)
    return user_rows.get_user(db, user_id)


def delete_user(db: Session, user_id: str, *, notify: bool = False) -> None:
    """Delete a user and all that is theirs; their addresses are free again.

    What the app has to do or to say before it runs first, in the same transaction.

    :param notify: tell the user by mail, as of a change of their own.
    :raises NotFoundError: ``resource_not_found``.
    :raises UserKitError: a hook of the app's refuses it.
    :raises SetupError: a table of the app's refers to the user, and does not say what then.
    """
    user_rows.lock_row(db, user_id)
    hooks = kit_of(db).hooks
    if hooks.before_user_deletion:
        hooks.tell_of_deletion(user_rows.get_user(db, user_id))
    tell = notices.before(db, user_id) if notify else notices.NOBODY
    remains.delete_all(db, user_id)
    outbox.forget_user(db, user_id)
    # The one line that stays: that there was somebody, and who deleted them from where.
    events.emit(db, EventName.USER_DELETED, user_id, tell)


def _clean_external_id(value: str | None) -> str | None:
    if not value:
        return None
    if len(value) > EXTERNAL_ID_LENGTH or not is_plain(value):
        message = _("An external id has up to %(maximum)s characters.", maximum=EXTERNAL_ID_LENGTH)
        raise FormError(message, param="external_id")
    return value


def _digest(db: Session, password: str, context: Sequence[str | None], skip_checks: bool) -> str:
    if skip_checks:
        passwords.check_usable(password)
    else:
        passwords.check(kit_of(db), password, context)
        if not db.in_transaction():
            # Within one of the app's it would hold up whoever waits for its locks.
            passwords.check_breaches(kit_of(db), password)
    return passwords.hash_password(kit_of(db), password)


def _context(db: Session, user_id: str) -> list[str | None]:
    """Return the words of a person that do not make a password."""
    names = select(User.username, User.first_name, User.last_name).where(User.id == user_id)
    own = passwords.identifiers_of(user_id)
    if not is_plain(user_id):
        return []
    if db.in_transaction():
        rows, identifiers = db.execute(names).all(), db.scalars(own).all()
    else:
        # Hashing comes next, and no transaction is held open for that.
        with kit_of(db).database.reading() as connection:
            rows, identifiers = connection.execute(names).all(), connection.scalars(own).all()
    return [*(word for row in rows for word in row), *identifiers]
