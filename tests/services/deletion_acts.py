"""What people do to be gone, at the services."""

from __future__ import annotations

from flask_userkit import UserKit
from flask_userkit.models import User
from flask_userkit.services import deletions
from flask_userkit.services.reverification import Who
from tests.services.acts import retried

PHRASE = "Delete account"


@retried
def delete(userkit: UserKit[User], who: Who, confirmation: str | None = PHRASE) -> None:
    """Delete one's own account."""
    with userkit.transaction() as db:
        deletions.delete_own_account(db, who, confirmation)
