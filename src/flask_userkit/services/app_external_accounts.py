"""Connected accounts of users, disconnected by the app."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..events import EventName
from ..models import ExternalAccount
from ..models import User
from ..security.text import is_plain
from . import events
from . import external_accounts
from . import notices
from . import user_rows
from .kit import kit_of


def delete_user_external_account(
    db: Session, user_id: str, external_account_id: str, *, notify: bool = False
) -> User:
    """Disconnect an account of a user, and forget its tokens.

    The app may take the last way in: it answers for that.

    :param notify: tell the user by mail, as of a change of their own.
    :raises NotFoundError: ``resource_not_found``; ``external_account_not_found``.
    """
    user_rows.lock_row(db, user_id)
    account_id = external_account_id if is_plain(external_account_id) else ""
    mine = (ExternalAccount.id == account_id, ExternalAccount.user_id == user_id)
    statement = select(ExternalAccount.provider).where(*mine).with_for_update(read=True)
    provider = db.execute(statement).scalar_one_or_none()
    if provider is None:
        raise external_accounts.not_found()
    label = kit_of(db).connections.labels().get(provider, provider.title())
    tell = notices.before(db, user_id, label) if notify else notices.NOBODY
    external_accounts.remove(db, user_id, account_id, provider)
    data = {"external_account_id": account_id, "provider": provider}
    events.emit(db, EventName.EXTERNAL_ACCOUNT_DISCONNECTED, user_id, tell, **data)
    return user_rows.get_user(db, user_id)
