"""What is done about an account while it is deleted, and about a copy of its data."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress

from flask_userkit import UserKit
from flask_userkit.models import User
from flask_userkit.services.identity import Identity
from tests.races import pause
from tests.rig.pictures import picture
from tests.services.acts import begin_reset
from tests.services.acts import begin_sign_in
from tests.services.acts import let_in
from tests.services.acts import reverify
from tests.services.acts import sign_in
from tests.services.address_acts import add
from tests.services.deletion_acts import delete
from tests.services.deliveries import deliver_all
from tests.services.export_acts import ask

Kits = UserKit[User]


def enter(userkit: Kits, user_id: str) -> None:
    # Nobody can be let in as somebody who is gone.
    with suppress(AssertionError):
        let_in(userkit, user_id)


def change_password(userkit: Kits, user_id: str, password: str) -> None:
    # Whoever deletes the account stays signed in.
    userkit.users.update_user(user_id, password=password, sign_out_of_other_sessions=False)


def delete_or_do(userkit: Kits, number: int, given: tuple[Identity, Identity, str, str]) -> str:
    """Delete an account in one thread; in each of the others do something else about it."""
    ada, elsewhere, password, address = given
    acts: list[Callable[[], object]] = [
        lambda: delete(userkit, ada),
        lambda: add(userkit, elsewhere, f"{os.getpid()}.{address}"),
        lambda: userkit.users.update_user_profile_image(ada.user_id, file=picture()),
        lambda: sign_in(userkit, address, password),
        lambda: begin_sign_in(userkit, address),
        lambda: begin_reset(userkit, address),
        lambda: reverify(userkit, elsewhere, password),
        lambda: ask(userkit, elsewhere),
        lambda: deliver_all(userkit.kit),
        lambda: change_password(userkit, ada.user_id, f"{password} new"),
        lambda: enter(userkit, ada.user_id),
    ]
    if number == 0:
        pause.after_late()
    acts[number]()
    return "deleted" if number == 0 else ""


def ask_often(userkit: Kits, _number: int, who: Identity) -> None:
    ask(userkit, who)


def prepare_all(userkit: Kits, _number: int, _given: None) -> None:
    deliver_all(userkit.kit)
