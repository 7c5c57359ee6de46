"""What can be removed: every account, every setting, every removal."""

from __future__ import annotations

import itertools
import typing as t

import pytest

from flask_userkit import UserKit
from flask_userkit.config import Config
from flask_userkit.models import User
from flask_userkit.services import inventory
from flask_userkit.services.inventory import Inventory
from flask_userkit.services.kit import Kit
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_address
from tests.rig.people import new_password
from tests.services.support import refused

Kits = UserKit[User]
SETTINGS = [
    Config(
        email_address=email_address,
        username=username,
        password=password,
        email_code_sign_in=email_code_sign_in,
        sign_up=False,
    )
    for email_address in ("required", "optional", "locked", "off")
    for username in ("required", "optional", "locked", "off")
    for password in ("required", "optional", "off")
    for email_code_sign_in in (True, False)
    if password != "off" or email_code_sign_in
]
HELD: dict[str, list[frozenset[str]]] = {
    "email_address": [frozenset(), frozenset({"idn_1"}), frozenset({"idn_1", "idn_2"})],
    "username": [frozenset(), frozenset({"username"})],
    "password": [frozenset(), frozenset({"password"})],
}
ACCOUNTS = [dict(zip(HELD, held, strict=True)) for held in itertools.product(*HELD.values())]
CASES = [
    (config, account, kind, one)
    for config in SETTINGS
    for account in ACCOUNTS
    for kind, ids in account.items()
    for one in sorted(ids)
]
LAST = {
    "email_address": "last_required_identification_deletion_failed",
    "username": "last_required_identification_deletion_failed",
    "password": "password_required",
}
ONLY_WAY = {
    "email_address": "identification_deletion_failed",
    "username": "identification_deletion_failed",
    "password": "password_required",
}


def ways(config: Config, account: Inventory) -> set[tuple[str, str]]:
    """Return what somebody could type to sign in: an identifier, and what goes with it.

    Said a second time and in another form than the code says it, as what a person does.
    """
    found: set[tuple[str, str]] = set()
    for identifier in account["email_address"] | account["username"]:
        if account["password"] and config.password != "off":
            found.add((identifier, "password"))
        if config.email_code_sign_in and account["email_address"]:
            found.add((identifier, "code"))
    return found


def needed(config: Config, kind: str) -> bool:
    return getattr(config, kind) == "required"


def test_the_cases_are_all_there() -> None:
    assert set(HELD) == set(inventory.KINDS), "a kind that is new joins the table above"
    assert len(SETTINGS) == 4 * 4 * 5
    assert len(CASES) == len(SETTINGS) * (12 + 6 + 6)


def test_whatever_may_go_leaves_a_way_in_and_what_everybody_keeps() -> None:
    for config, account, kind, one in CASES:
        left = {**account, kind: account[kind] - {one}}
        if inventory.refusal(config, account, kind, one) is None:
            assert ways(config, left), (config, account, kind)
            assert left[kind] or not needed(config, kind), (config, account, kind)


def test_nothing_is_refused_without_need() -> None:
    for config, account, kind, one in CASES:
        left = {**account, kind: account[kind] - {one}}
        error = inventory.refusal(config, account, kind, one)
        if error is None:
            continue
        last = needed(config, kind) and not left[kind]
        assert last or not ways(config, left), (config, account, kind)
        assert error.code == (LAST if last else ONLY_WAY)[kind]
        assert (error.status, error.param) == (400, None)


def test_both_answers_occur_for_each_kind() -> None:
    found = {
        (kind, inventory.refusal(config, account, kind, one) is None)
        for config, account, kind, one in CASES
    }
    assert found == set(itertools.product(HELD, (True, False)))


def test_removing_all_that_may_go_in_any_order_leaves_a_way_in() -> None:
    def walk(config: Config, account: Inventory) -> None:
        for kind, ids in account.items():
            for one in ids:
                if inventory.refusal(config, account, kind, one) is None:
                    left = {**account, kind: ids - {one}}
                    assert ways(config, left)
                    walk(config, left)

    for config in SETTINGS:
        walk(config, {kind: held[-1] for kind, held in HELD.items()})


class Made(t.NamedTuple):
    user_id: str
    account: Inventory


def make(userkit: Kits, *, addresses: int, username: bool, password: bool, claim: bool) -> Made:
    """Create a user who has so much."""
    user = userkit.users.create_user(
        email_address=[new_address() for _ in range(addresses)],
        username=f"u{new_address().partition('.')[0]}" if username else None,
        password=new_password() if password else None,
        external_id=new_address(),
    )
    ids = frozenset(email.id for email in user.email_addresses)
    if claim:
        userkit.email_addresses.create(user.id, new_address())
    return Made(
        user.id,
        {
            "email_address": ids,
            "username": frozenset({"username"} if username else ()),
            "password": frozenset({"password"} if password else ()),
        },
    )


@pytest.mark.usefixtures("backend")
def test_what_a_user_has_is_read_alike_before_the_click_and_under_the_lock(
    userkit: Kits, kit: Kit
) -> None:
    make(userkit, addresses=2, username=True, password=True, claim=True)
    for addresses, username, password, claim in itertools.product(
        range(3), (False, True), (False, True), (False, True)
    ):
        made = make(userkit, addresses=addresses, username=username, password=password, claim=claim)
        assert inventory.read(kit, made.user_id) == made.account
        for kind, ids in made.account.items():
            for one in ids:
                error = inventory.refusal(kit.config, made.account, kind, one)
                with userkit.transaction() as db:
                    if error is None:
                        inventory.require_removable(db, made.user_id, kind, one)
                        continue
                    with refused(error.code):
                        inventory.require_removable(db, made.user_id, kind, one)


def test_nobody_has_nothing(kit: Kit) -> None:
    nothing = inventory.read(kit, "user_0")
    assert set(nothing) == set(HELD)
    assert not any(nothing.values())
    assert not inventory.can_sign_in(kit.config, nothing)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, "Everybody has an email address here. Add another one first."),
        (
            {"USERKIT_EMAIL_ADDRESS": "optional"},
            "You sign in with this email address alone. Add another one first.",
        ),
    ],
)
def test_a_refusal_is_a_sentence_with_the_way_out(
    make_app: MakeApp, settings: dict[str, str], sentence: str
) -> None:
    app = make_app(**settings)
    with app.app_context():
        userkit = t.cast(Kits, app.extensions["userkit"])
        made = make(userkit, addresses=1, username=True, password=False, claim=True)
        (one,) = made.account["email_address"]
        error = inventory.refusal(userkit.kit.config, made.account, "email_address", one)
        assert error is not None
        assert error.message == sentence
