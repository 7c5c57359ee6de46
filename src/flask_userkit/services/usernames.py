"""What people change about their username."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..errors import ForbiddenError
from ..models import User
from ..translations import gettext as _
from . import inventory
from . import names
from . import user_rows
from . import users
from .kit import Kit
from .kit import kit_of
from .limits import caller_network
from .reverification import Who
from .reverification import check
from .reverification import require


def update_username(db: Session, who: Who, value: str | None) -> User:
    """Set or change one's own username; nothing removes it, where it is optional.

    :raises FormError: ``form_identifier_exists``, decided by a unique index;
        ``form_param_nil``, one of ``form_username_…``, or ``form_param_value_invalid``: reserved.
    :raises ForbiddenError: ``immutable_attribute_modification_not_allowed``: off or locked.
    :raises ReverificationError: ``session_reverification_required``.
    :raises RateLimitError: ``too_many_requests``: that a username is taken is told, and who may
        ask without end would have the list of all users.
    """
    kit = kit_of(db)
    _refuse_if_immutable(kit)
    username = names.clean_username(kit, value, required=kit.config.username == "required")
    if username is None:
        with kit.database.reading() as connection:
            known = connection.scalar(select(User.username).where(User.id == who.user_id))
        if known is None:
            raise names.username_missing()
        return remove_username(db, who)
    check(kit, who)
    kit.limits.hit({"username:account": who.user_id, "username:ip": caller_network(kit)})
    require(db, who)
    return users.update_user(db, who.user_id, username=username, notify=True)


def remove_username(db: Session, who: Who) -> User:
    """Remove one's own username.

    :raises UserKitError: ``last_required_identification_deletion_failed``: people have one here;
        ``identification_deletion_failed``: nothing else is left to sign in with.
    :raises ReverificationError: ``session_reverification_required``.
    :raises ForbiddenError: ``immutable_attribute_modification_not_allowed``: off or locked.
    :raises RateLimitError: ``too_many_requests``.
    """
    kit = kit_of(db)
    _refuse_if_immutable(kit)
    check(kit, who)
    # Each removal is told by mail, or by a text message that costs.
    kit.limits.hit({"username:account": who.user_id})
    # It locks the user, so that the last address does not go while the username does.
    require(db, who)
    if db.scalar(select(User.username_key).where(User.id == who.user_id)) is None:
        return user_rows.get_user(db, who.user_id)
    inventory.require_removable(db, who.user_id, "username", "username")
    return users.update_user(db, who.user_id, username=None, notify=True)


def _refuse_if_immutable(kit: Kit) -> None:
    if kit.config.username in ("off", "locked"):
        raise ForbiddenError(
            _("This cannot be changed here."),
            code="immutable_attribute_modification_not_allowed",
            param="username",
        )
