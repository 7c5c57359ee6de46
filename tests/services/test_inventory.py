"""What can be removed: every account, every setting, every removal."""

from __future__ import annotations

import itertools
import typing as t

import pytest

from flask_userkit import UserKit
from flask_userkit.config import Config
from flask_userkit.config import NameRequirement
from flask_userkit.connections.connection import Profile
from flask_userkit.connections.connection import Tokens
from flask_userkit.models import User
from flask_userkit.services import external_accounts
from flask_userkit.services import inventory
from flask_userkit.services.inventory import Inventory
from flask_userkit.services.kit import Kit
from flask_userkit.services.oauth_proofs import Proof
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_address
from tests.rig.people import new_number
from tests.rig.people import new_password
from tests.services.support import refused

Kits = UserKit[User]
PHONES: list[tuple[NameRequirement, bool]] = [
    ("required", True),
    ("optional", True),
    ("optional", False),
    ("locked", True),
    ("off", True),
]
CONNECTIONS: list[dict[str, t.Any] | None] = [None, {"acme": {}}]
SETTINGS = [
    Config(
        email_address=email_address,
        username=username,
        password=password,
        email_code_sign_in=email_code_sign_in,
        phone_number=phone_number,
        phone_code_sign_in=phone_code_sign_in,
        sign_up=False,
        connections=connections,
    )
    for email_address in ("required", "optional", "locked", "off")
    for username in ("required", "optional", "locked", "off")
    for password in ("required", "optional", "off")
    for email_code_sign_in in (True, False)
    for phone_number, phone_code_sign_in in PHONES
    for connections in CONNECTIONS
    if password != "off" or email_code_sign_in
]
HELD: dict[str, list[frozenset[str]]] = {
    "email_address": [frozenset(), frozenset({"idn_1"}), frozenset({"idn_1", "idn_2"})],
    "phone_number": [frozenset(), frozenset({"idn_3"})],
    "username": [frozenset(), frozenset({"username"})],
    "password": [frozenset(), frozenset({"password"})],
    "external_account": [frozenset(), frozenset({"acme:eac_1"})],
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
    "phone_number": "last_required_identification_deletion_failed",
    "username": "last_required_identification_deletion_failed",
    "password": "password_required",
    "external_account": "identification_deletion_failed",
}
ONLY_WAY = {
    "email_address": "identification_deletion_failed",
    "phone_number": "identification_deletion_failed",
    "username": "identification_deletion_failed",
    "password": "password_required",
    "external_account": "identification_deletion_failed",
}


def ways(config: Config, account: Inventory) -> set[tuple[str, str]]:
    """Return what somebody could type to sign in: an identifier, and what goes with it.

    Said a second time and in another form than the code says it, as what a person does.
    """
    found: set[tuple[str, str]] = set()
    phones = account["phone_number"] if config.phone_number != "off" else frozenset[str]()
    for identifier in account["email_address"] | account["username"] | phones:
        if account["password"] and config.password != "off":
            found.add((identifier, "password"))
        if config.email_code_sign_in and account["email_address"]:
            found.add((identifier, "code"))
        if config.phone_code_sign_in and phones:
            found.add((identifier, "text message"))
    if config.connections:
        found |= {(account_id, "button") for account_id in account["external_account"]}
    return found


def needed(config: Config, kind: str) -> bool:
    return kind != "external_account" and getattr(config, kind) == "required"


def test_the_cases_are_all_there() -> None:
    assert set(HELD) == set(inventory.KINDS), "a kind that is new joins the table above"
    assert len(SETTINGS) == 4 * 4 * 5 * 5 * 2
    assert len(CASES) == len(SETTINGS) * (48 + 24 + 24 + 24 + 24)


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


def connect(userkit: Kits, user_id: str) -> str:
    """Connect an account at a provider, and return what the inventory calls it."""
    proof = Proof(
        "acme",
        Profile(provider_user_id=new_address(), issuer="https://acme.example"),
        Tokens(access_token="a", refresh_token=None, scopes=(), expires_at=None),
    )
    with userkit.transaction() as db:
        return f"acme:{external_accounts.add(db, user_id, proof)}"


class Made(t.NamedTuple):
    user_id: str
    account: Inventory


def make(
    userkit: Kits,
    *,
    addresses: int,
    phone: bool,
    username: bool,
    password: bool,
    claim: bool,
    account: bool = False,
) -> Made:
    """Create a user who has so much."""
    user = userkit.users.create_user(
        email_address=[new_address() for _ in range(addresses)],
        phone_number=[new_number()] if phone else [],
        username=f"u{new_address().partition('.')[0]}" if username else None,
        password=new_password() if password else None,
        external_id=new_address(),
    )
    ids = frozenset(email.id for email in user.email_addresses)
    if claim:
        userkit.email_addresses.create(user.id, new_address())
        userkit.phone_numbers.create(user.id, new_number())
    return Made(
        user.id,
        {
            "external_account": frozenset({connect(userkit, user.id)} if account else ()),
            "email_address": ids,
            "phone_number": frozenset(phone.id for phone in user.phone_numbers),
            "username": frozenset({"username"} if username else ()),
            "password": frozenset({"password"} if password else ()),
        },
    )


@pytest.mark.usefixtures("backend")
def test_what_a_user_has_is_read_alike_before_the_click_and_under_the_lock(
    userkit: Kits, kit: Kit
) -> None:
    make(userkit, addresses=2, phone=True, username=True, password=True, claim=True)
    for addresses, flags in itertools.product(range(3), itertools.product((False, True), repeat=5)):
        phone, username, password, claim, account = flags
        made = make(
            userkit,
            addresses=addresses,
            phone=phone,
            username=username,
            password=password,
            claim=claim,
            account=account,
        )
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
        made = make(userkit, addresses=1, phone=False, username=True, password=False, claim=True)
        (one,) = made.account["email_address"]
        error = inventory.refusal(userkit.kit.config, made.account, "email_address", one)
        assert error is not None
        assert error.message == sentence
