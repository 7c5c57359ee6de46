"""What people do about their own password, at the services."""

from __future__ import annotations

from flask_userkit import UserKit
from flask_userkit.models import User
from flask_userkit.services import own_passwords
from flask_userkit.services.reverification import Who
from flask_userkit.services.sessions import SignedIn
from tests.rig.recorder import record
from tests.services.acts import retried

Kits = UserKit[User]


@retried
def change(
    userkit: Kits, who: Who, password: str, *, device: str = "", sign_out: bool = True
) -> SignedIn:
    """Set or change one's own password."""
    with userkit.transaction() as db:
        changed = own_passwords.update_password(
            db, who, new_password=password, sign_out_of_other_sessions=sign_out, device=device
        )
    record("token", changed.token, changed.device)
    return changed


@retried
def remove(userkit: Kits, who: Who, *, device: str = "", sign_out: bool = True) -> SignedIn | None:
    """Remove one's own password."""
    with userkit.transaction() as db:
        changed = own_passwords.remove_password(
            db, who, sign_out_of_other_sessions=sign_out, device=device
        )
    if changed is not None:
        record("token", changed.token, changed.device)
    return changed
