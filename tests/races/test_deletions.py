"""An account that goes leaves nothing, whatever else is done at that moment (R9)."""

from __future__ import annotations

import typing as t

import pytest
from sqlalchemy import select

from flask_userkit import UserKit
from flask_userkit.models import Base
from flask_userkit.models import DataExport
from flask_userkit.models import DataExportChunk
from flask_userkit.models import Event
from flask_userkit.models import User
from flask_userkit.services.identity import Identity
from flask_userkit.services.kit import Kit
from tests.races import deletion_works as works
from tests.races.conftest import ROUNDS
from tests.races.conftest import Race
from tests.services.acts import Post
from tests.services.acts import let_in
from tests.services.acts import sign_up
from tests.services.address_acts import who
from tests.services.export_acts import ask
from tests.services.export_acts import fetch
from tests.services.support import count
from tests.services.support import rows

Kits = UserKit[User]
pytestmark = pytest.mark.usefixtures("backend")
ACTS = 11
DELETED = "Your account was deleted"
#: The line that stays; and a try at that very moment, which is written down once it has failed.
KEPT = ("user.deleted", "sign_in.failed", "session.reverification_failed")
#: What is told to whoever comes too late.
REFUSALS = {
    "resource_not_found",
    "form_password_or_identifier_incorrect",
    "session_reverification_required",
    "authentication_invalid",
    "strategy_disabled",
    "verification_expired",
    "form_password_incorrect",
}


def left(kit: Kit, word: str) -> list[str]:
    """Return every row that names somebody."""
    tables = [each for each in Base.metadata.sorted_tables if each.name.startswith("userkit_")]
    with kit.database.reading() as connection:
        lines = [
            f"{table.name} {row}" for table in tables for row in connection.execute(select(table))
        ]
    return [line for line in lines if word in line]


def delete(
    userkit: Kits, kit: Kit, post: Post, start_race: Race, missing: str | None = None
) -> list[str]:
    """Delete an account while all else happens to it, and return what is wrong after."""
    ada = sign_up(userkit, post)
    me = who(userkit, ada.signed_in.token)
    elsewhere = who(userkit, let_in(userkit, me.user_id).token)
    ask(userkit, elsewhere)
    given = (me, elsewhere, ada.password, ada.address)
    outcomes = start_race(works.delete_or_do, given, processes=1, threads=ACTS, missing=missing)
    wrong = [name for name in outcomes if not name.startswith("done") and name not in REFUSALS]
    if outcomes["done deleted"] != 1:
        return [*wrong, "it was not deleted"]
    told = [mail.subject.partition(": ")[2] for mail in post.all() if mail.to == ada.address]
    # By its id: anybody may type an address that is nobody's any more.
    named = [line for line in left(kit, me.user_id) if not any(name in line for name in KEPT)]
    return [*wrong, *named, *([] if told.count(DELETED) == 1 else told)]


def test_nothing_is_left_of_an_account_to_which_all_else_happens(
    userkit: Kits, kit: Kit, post: Post, start_race: Race
) -> None:
    for _ in range(2):
        assert delete(userkit, kit, post, start_race) == []


def test_without_a_lock_something_would_be(
    userkit: Kits, kit: Kit, post: Post, start_race: Race
) -> None:
    assert any(delete(userkit, kit, post, start_race, "lock of a claim") for _ in range(ROUNDS))


def ask_often(
    userkit: Kits, kit: Kit, post: Post, start_race: Race, missing: str | None = None
) -> tuple[t.Any, ...]:
    """Send one form many times at once, and count what came of it."""
    ada = who(userkit, sign_up(userkit, post).signed_in.token)
    outcomes = start_race(works.ask_often, ada, missing=missing)
    mine = (Event.user_id == ada.user_id, Event.name == "user.data_export.created")
    exports = rows(kit, DataExport, DataExport.user_id == ada.user_id)
    return len(exports), count(kit, Event, *mine), set(outcomes), ada


def test_a_form_that_is_sent_often_makes_one_export(
    userkit: Kits, kit: Kit, post: Post, start_race: Race
) -> None:
    exports, told, outcomes, ada = ask_often(userkit, kit, post, start_race)
    assert (exports, told, outcomes) == (1, 1, {"done"})
    (row,) = rows(kit, DataExport)
    assert fetch(userkit, ada, row.id)


def test_without_a_lock_it_would_fail_or_make_several(
    userkit: Kits, kit: Kit, post: Post, start_race: Race
) -> None:
    def lost() -> bool:
        made = ask_often(userkit, kit, post, start_race, "lock of an export")
        return made[:3] != (1, 1, {"done"})

    assert any(lost() for _ in range(ROUNDS))


def prepare(
    userkit: Kits, kit: Kit, post: Post, start_race: Race, missing: str | None = None
) -> tuple[int, int, Identity]:
    """Let many workers prepare one export, and count how often it was told."""
    ada = who(userkit, sign_up(userkit, post).signed_in.token)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flask_userkit.services.data_exports.SMALL", 0)
        ask(userkit, ada)
    start_race(works.prepare_all, None, missing=missing)
    mine = (Event.user_id == ada.user_id, Event.name == "user.data_export.prepared")
    chunks = count(kit, DataExportChunk)
    return count(kit, Event, *mine), chunks, ada


def test_of_many_workers_one_prepares_it(
    userkit: Kits, kit: Kit, post: Post, start_race: Race
) -> None:
    told, chunks, ada = prepare(userkit, kit, post, start_race)
    assert (told, chunks) == (1, 1)
    (row,) = rows(kit, DataExport)
    assert (row.status, fetch(userkit, ada, row.id)[:2]) == ("ready", b"PK")


def test_without_a_lease_several_would(
    userkit: Kits, kit: Kit, post: Post, start_race: Race
) -> None:
    assert any(
        prepare(userkit, kit, post, start_race, "export lease")[0] > 1 for _ in range(ROUNDS)
    )
