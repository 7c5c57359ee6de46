"""Deletion of one's own account: by who has typed that they mean it, and proven who they are."""

from __future__ import annotations

import unicodedata

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..errors import ForbiddenError
from ..errors import FormError
from ..models import User
from ..translations import gettext as _
from . import users
from .kit import kit_of
from .reverification import Who
from .reverification import check
from .reverification import require

PARAM = "confirmation"


def phrase() -> str:
    """Return what is to be typed, in the language of its reader."""
    return _("Delete account")


def delete_own_account(db: Session, who: Who, confirmation: str | None) -> None:
    """Delete one's own account and all that is in it.

    :param confirmation: what was typed; spaces around it and how accents are put together do not
        count.
    :raises ForbiddenError: ``user_delete_self_not_enabled``: for everybody here, or for this user.
    :raises FormError: ``form_param_value_invalid``: it is another phrase.
    :raises ReverificationError: ``session_reverification_required``.
    :raises UserKitError: a hook of the app's refuses it.
    """
    kit = kit_of(db)
    allowed = select(User.delete_self_enabled).where(User.id == who.user_id)
    with kit.database.reading() as connection:
        enabled = connection.scalar(allowed)
    # None is a user who went meanwhile, of whom the session knows.
    if not kit.config.delete_self or enabled is False:
        raise _not_enabled()
    if _clean(confirmation or "") != _clean(phrase()):
        raise FormError(
            _("Type “%(phrase)s”, as it is written here.", phrase=phrase()), param=PARAM
        )
    check(kit, who)
    user = require(db, who)
    if not db.execute(allowed.with_for_update(read=True)).scalar_one():
        raise _not_enabled()
    users.delete_user(db, user.id, notify=True)


def _clean(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(text.split()))


def _not_enabled() -> ForbiddenError:
    return ForbiddenError(
        _("Accounts cannot be deleted here by their owners."), code="user_delete_self_not_enabled"
    )
