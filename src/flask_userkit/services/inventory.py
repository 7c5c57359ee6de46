"""The inventory: what identifies a user and signs them in, and so what can be removed."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import BindParameter
from sqlalchemy import Select
from sqlalchemy import String
from sqlalchemy import bindparam
from sqlalchemy import literal_column
from sqlalchemy import select
from sqlalchemy import union_all
from sqlalchemy.orm import Session

from ..config import Config
from ..errors import UserKitError
from ..models import EmailAddress
from ..models import ExternalAccount
from ..models import PhoneNumber
from ..models import User
from ..translations import gettext as _
from .kit import Kit
from .kit import kit_of
from .prepared import PreparedRead

#: What a user has: the ids of each kind.
Inventory = Mapping[str, frozenset[str]]
_USER: BindParameter[str] = bindparam("user_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of what a user can have; a new one is registered in ``KINDS`` and nowhere else.

    :param ids: reads the ids that a user has of it; where there is one at most, its own name.
    :param identifies: whether sign-in finds a user by it, by these settings.
    :param signs_in: whether it signs a user in, by these settings and with what else there is.
    :param required: whether everybody keeps one, by these settings.
    :param last: the refusal of the last one where everybody keeps one.
    :param only_way: the refusal of one without which nobody could sign in.
    """

    ids: Select[*tuple[t.Any, ...]]
    identifies: Callable[[Config], bool]
    signs_in: Callable[[Config, Inventory], bool]
    required: Callable[[Config], bool]
    last: Callable[[], UserKitError]
    only_way: Callable[[], UserKitError]


def account_id(provider: str, id: str) -> str:
    """Return what the inventory calls an account at a provider: one that is off signs nobody in."""
    return f"{provider}:{id}"


def _offered(config: Config, inventory: Inventory) -> bool:
    offered = config.connections or {}
    return any(each.partition(":")[0] in offered for each in inventory["external_account"])


def _only_account() -> UserKitError:
    return UserKitError(
        _("This is your only way to sign in. Connect another account first, or set a password."),
        code="identification_deletion_failed",
    )


def _identified(config: Config, inventory: Inventory) -> bool:
    return any(inventory[name] for name, kind in KINDS.items() if kind.identifies(config))


KINDS: t.Final[dict[str, Kind]] = {
    "email_address": Kind(
        ids=select(EmailAddress.id).where(
            EmailAddress.user_id == _USER, EmailAddress.verified_key.is_not(None)
        ),
        identifies=lambda config: True,
        signs_in=lambda config, inventory: config.email_code_sign_in,
        required=lambda config: config.email_address == "required",
        last=lambda: UserKitError(
            _("Everybody has an email address here. Add another one first."),
            code="last_required_identification_deletion_failed",
        ),
        only_way=lambda: UserKitError(
            _("You sign in with this email address alone. Add another one first."),
            code="identification_deletion_failed",
        ),
    ),
    "phone_number": Kind(
        ids=select(PhoneNumber.id).where(
            PhoneNumber.user_id == _USER, PhoneNumber.verified_key.is_not(None)
        ),
        identifies=lambda config: config.phone_number != "off",
        signs_in=lambda config, inventory: config.phone_numbers_sign_in,
        required=lambda config: config.phone_number == "required",
        last=lambda: UserKitError(
            _("Everybody has a phone number here. Add another one first."),
            code="last_required_identification_deletion_failed",
        ),
        only_way=lambda: UserKitError(
            _("You sign in with this phone number alone. Add another one first."),
            code="identification_deletion_failed",
        ),
    ),
    "username": Kind(
        ids=select(literal_column("'username'", String).label("id")).where(
            User.id == _USER, User.username_key.is_not(None)
        ),
        identifies=lambda config: True,
        signs_in=lambda config, inventory: False,
        required=lambda config: config.username == "required",
        last=lambda: UserKitError(
            _("Everybody has a username here. Change it instead."),
            code="last_required_identification_deletion_failed",
        ),
        only_way=lambda: UserKitError(
            _("You sign in with this username alone. Add an email address first."),
            code="identification_deletion_failed",
        ),
    ),
    "password": Kind(
        ids=select(literal_column("'password'", String).label("id")).where(
            User.id == _USER, User.password_digest.is_not(None)
        ),
        identifies=lambda config: False,
        signs_in=lambda config, inventory: (
            config.password != "off" and _identified(config, inventory)
        ),
        required=lambda config: config.password == "required",
        last=lambda: UserKitError(
            _("Everybody has a password here. Change it instead."), code="password_required"
        ),
        only_way=lambda: UserKitError(
            _("You sign in with this password alone. Change it instead."),
            code="password_required",
        ),
    ),
    "external_account": Kind(
        ids=select((ExternalAccount.provider + ":" + ExternalAccount.id).label("id")).where(
            ExternalAccount.user_id == _USER
        ),
        identifies=lambda config: False,
        signs_in=_offered,
        required=lambda config: False,
        last=_only_account,
        only_way=_only_account,
    ),
}
_ALL = PreparedRead(
    union_all(
        *(
            select(
                literal_column(f"'{name}'", String).label("kind"), kind.ids.subquery(f"{name}_ids")
            )
            for name, kind in KINDS.items()
        )
    )
)


def read(kit: Kit, user_id: str) -> Inventory:
    """Return what a user has, in one query; what is told before the click comes from it."""
    with kit.database.reading() as connection:
        rows = _ALL.all(connection, {"user_id": user_id})
    return {name: frozenset(row[1] for row in rows if row[0] == name) for name in KINDS}


def refusal(config: Config, inventory: Inventory, kind: str, id: str) -> UserKitError | None:
    """Return why something cannot be removed, or None.

    :param kind: one of ``KINDS``.
    :param id: which of them; the kind's own name where there is one at most.
    """
    left = {**inventory, kind: inventory[kind] - {id}}
    if KINDS[kind].required(config) and not left[kind]:
        return KINDS[kind].last()
    return None if can_sign_in(config, left) else KINDS[kind].only_way()


def can_sign_in(config: Config, inventory: Inventory) -> bool:
    """Tell whether a user with these has a way to sign in."""
    return any(inventory[name] and kind.signs_in(config, inventory) for name, kind in KINDS.items())


def require_removable(db: Session, user_id: str, kind: str, id: str) -> None:
    """Refuse to remove what is needed; the caller holds the user's lock.

    :raises UserKitError: ``last_required_identification_deletion_failed``: everybody keeps one;
        ``identification_deletion_failed``: nothing else is left to sign in with;
        ``password_required``: either, of a password.
    """
    # Locking reads: in an app's own transaction MariaDB would show what was there at its start.
    inventory = {
        name: frozenset(
            db.execute(each.ids.with_for_update(read=True), {"user_id": user_id}).scalars()
        )
        for name, each in KINDS.items()
    }
    error = refusal(kit_of(db).config, inventory, kind, id)
    if error is not None:
        raise error
