"""A username is set, changed and removed by its owner, as far as the app lets them."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from flask_userkit import UserKit
from flask_userkit.models import EmailAddress
from flask_userkit.models import Event
from flask_userkit.models import User
from flask_userkit.services import usernames
from flask_userkit.services.kit import Kit
from flask_userkit.services.reverification import Who
from flask_userkit.services.sessions import SignedIn
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_address
from tests.rig.people import new_password
from tests.services.acts import begin_sign_up
from tests.services.acts import let_in
from tests.services.acts import sign_in
from tests.services.support import everything
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
on_each_database = pytest.mark.usefixtures("backend")
IMMUTABLE = "immutable_attribute_modification_not_allowed"
SIGNED_IN = "session.created"
UPDATED, REMOVED = "user.username.updated", "user.username.removed"


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(
        USERKIT_USERNAME="optional",
        USERKIT_USERNAME_RESERVED=["PayPal", "Jane Doe"],
        USERKIT_APP_NAME="Reading list",
        USERKIT_OUTBOX="worker",
    )


@pytest.fixture
def ada(userkit: Kits) -> SignedIn:
    user = userkit.users.create_user(email_address=["ada@example.com"], username="ada_1815")
    return let_in(userkit, user.id)


def update(userkit: Kits, who: Who, username: str | None) -> User:
    with userkit.transaction() as db:
        return usernames.update_username(db, who, username)


def remove(userkit: Kits, who: Who) -> User:
    with userkit.transaction() as db:
        return usernames.remove_username(db, who)


def stored(kit: Kit, user_id: str) -> tuple[str | None, str | None]:
    (row,) = rows(kit, User, User.id == user_id)
    return row.username, row.username_key


def events(kit: Kit, user_id: str) -> list[str]:
    return [row.name for row in rows(kit, Event, Event.user_id == user_id)]


@on_each_database
@pytest.mark.parametrize(
    ("typed", "name", "key"),
    [
        ("countess", "countess", "countess"),
        ("  Countess\u00a0", "Countess", "countess"),
        ("ADA_1815", "ADA_1815", "ada_1815"),
        ("\uff21\uff44\uff41\uff11", "Ada1", "ada1"),
        ("ada_1815", "ada_1815", "ada_1815"),
    ],
    ids=ascii,
)
def test_a_username_is_changed_and_found_in_any_case(
    userkit: Kits, kit: Kit, ada: SignedIn, typed: str, name: str, key: str
) -> None:
    assert update(userkit, ada, typed).username == name
    assert stored(kit, ada.user_id) == (name, key)
    assert events(kit, ada.user_id) == ["user.created", SIGNED_IN, UPDATED, "user.updated"]
    found = userkit.users.get_user_list(username=[name.swapcase()]).data
    assert [user.id for user in found] == [ada.user_id]


@on_each_database
def test_the_new_name_signs_in_and_the_old_one_is_free(userkit: Kits, ada: SignedIn) -> None:
    password = new_password()
    userkit.users.update_user(ada.user_id, password=password)
    # A new password ends the sessions of the old one.
    update(userkit, let_in(userkit, ada.user_id), "Countess")
    assert sign_in(userkit, "COUNTESS", password).user_id == ada.user_id
    with refused("form_password_or_identifier_incorrect"):
        sign_in(userkit, "ada_1815", password)
    bea = userkit.users.create_user(email_address=[new_address()])
    assert update(userkit, let_in(userkit, bea.id), "Ada_1815").username == "Ada_1815"


@on_each_database
def test_somebody_elses_username_is_told_and_nothing_changes(
    userkit: Kits, kit: Kit, ada: SignedIn
) -> None:
    userkit.users.create_user(username="Bea_1815")
    before = everything(kit)
    for spelling in ("bea_1815", "BEA_1815", " Bea_1815 ", "\uff22\uff25\uff21_1815"):
        with refused("form_identifier_exists", "username"):
            update(userkit, ada, spelling)
    assert everything(kit) | {"userkit_limit_hit": 0} == before | {"userkit_limit_hit": 0}
    assert stored(kit, ada.user_id) == ("ada_1815", "ada_1815")


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("ada", "form_username_invalid_length"),
        ("x" * 65, "form_username_invalid_length"),
        ("x" * 1_000_000, "form_username_invalid_length"),
        ("ad\u0430m", "form_username_invalid_character"),
        ("a\0dam", "form_username_invalid_character"),
        ("ada@example.com", "form_username_invalid_character"),
        ("18151815", "form_username_needs_non_number_char"),
        ("admin", "form_param_value_invalid"),
        ("Adm1n", "form_param_value_invalid"),
        ("reading_list", "form_param_value_invalid"),
        ("PayPaI", "form_param_value_invalid"),
        ("jane-d0e", "form_param_value_invalid"),
    ],
    ids=lambda value: ascii(value)[:24],
)
def test_a_name_that_cannot_be_is_refused_in_every_way_in(
    userkit: Kits, kit: Kit, ada: SignedIn, typed: str, code: str
) -> None:
    before = everything(kit)
    with refused(code, "username"):
        update(userkit, ada, typed)
    with refused(code, "username"):
        userkit.users.update_user(ada.user_id, username=typed)
    with refused(code, "username"):
        userkit.users.create_user(username=typed)
    with refused(code, "username"):
        begin_sign_up(userkit, new_address(), username=typed)
    assert everything(kit) == before
    assert stored(kit, ada.user_id) == ("ada_1815", "ada_1815")


@on_each_database
def test_a_username_is_removed_and_set_again(userkit: Kits, kit: Kit, ada: SignedIn) -> None:
    assert remove(userkit, ada).username is None
    assert stored(kit, ada.user_id) == (None, None)
    assert update(userkit, ada, "ada_1815").username == "ada_1815"
    assert update(userkit, ada, " ").username is None
    assert [name for name in events(kit, ada.user_id) if name in (UPDATED, REMOVED)] == [
        REMOVED,
        UPDATED,
        REMOVED,
    ]


def test_a_username_that_is_not_there_is_removed_in_silence(
    userkit: Kits, kit: Kit, ada: SignedIn
) -> None:
    for _ in range(2):
        assert remove(userkit, ada).username is None
    assert events(kit, ada.user_id).count(REMOVED) == 1, "each would be a mail or a text"


def test_nothing_in_place_of_no_username_is_asked_for(userkit: Kits, ada: SignedIn) -> None:
    remove(userkit, ada)
    for nothing in ("", " \u00a0", None):
        with refused("form_param_nil", "username"):
            update(userkit, ada, nothing)


@on_each_database
def test_what_one_signs_in_with_alone_stays(userkit: Kits, kit: Kit) -> None:
    user = userkit.users.create_user(username="ada_1815", external_id="42")
    with userkit.transaction() as db:
        claim = EmailAddress(id="idn_claim", user_id=user.id, created_at=userkit.clock())
        claim.email_address = claim.email_key = "claim@example.com"
        db.add(claim)
    who = let_in(userkit, user.id)
    before = everything(kit) | {"userkit_limit_hit": 0}
    for act in (remove, lambda kits, who: update(kits, who, "")):
        with refused("identification_deletion_failed"):
            act(userkit, who)
    assert everything(kit) | {"userkit_limit_hit": 0} == before
    assert stored(kit, user.id) == ("ada_1815", "ada_1815")
    with userkit.transaction() as db:
        claim = db.get_one(EmailAddress, "idn_claim")
        claim.verified_key, claim.verified_at = claim.email_key, userkit.clock()
    assert remove(userkit, who).username is None


def test_somebody_elses_address_does_not_count(userkit: Kits, ada: SignedIn) -> None:
    bea = userkit.users.create_user(username="bea_1815")
    with refused("identification_deletion_failed"):
        remove(userkit, let_in(userkit, bea.id))
    assert userkit.users.get_user(ada.user_id).email_addresses


@on_each_database
def test_nobody_changes_it_without_a_fresh_proof_in_their_own_session(
    userkit: Kits, kit: Kit, clock: Clock, ada: SignedIn
) -> None:
    bea = let_in(userkit, userkit.users.create_user(email_address=["bea@example.com"]).id)
    clock.tick(minutes=10)
    another = let_in(userkit, ada.user_id)
    before = everything(kit)
    for who in (
        ada,
        replace(ada, session_id=bea.session_id),
        replace(bea, session_id=another.session_id),
        replace(another, session_id="sess_0"),
        replace(another, user_id="user_0"),
        replace(another, user_id=""),
    ):
        with refused("session_reverification_required"):
            update(userkit, who, "countess")
        with refused("session_reverification_required"):
            remove(userkit, who)
    assert everything(kit) == before
    assert update(userkit, another, "countess").username == "countess"


@pytest.fixture(params=["off", "locked", "required"])
def strict(request: pytest.FixtureRequest, make_app: MakeApp) -> Iterator[tuple[str, Kits]]:
    app = make_app(USERKIT_USERNAME=request.param, USERKIT_OUTBOX="worker")
    with app.app_context():
        yield request.param, t.cast(Kits, app.extensions["userkit"])


def test_configuration_protects_what_it_switches_off_locks_or_requires(
    strict: tuple[str, Kits],
) -> None:
    setting, userkit = strict
    user = userkit.users.create_user(email_address=["ada@example.com"], username="ada_1815")
    who = let_in(userkit, user.id)
    if setting == "required":
        assert update(userkit, who, "countess").username == "countess"
        with refused("form_param_nil", "username"):
            update(userkit, who, "")
        with refused("last_required_identification_deletion_failed"):
            remove(userkit, who)
    else:
        for typed in ("countess", "", "1"):
            with refused(IMMUTABLE, "username"):
                update(userkit, who, typed)
        with refused(IMMUTABLE, "username"):
            remove(userkit, who)
    assert userkit.users.get_user(user.id).username_key in ("ada_1815", "countess")
    assert userkit.users.update_user(user.id, username="lovelace").username == "lovelace"
    assert userkit.users.update_user(user.id, username=None).username is None


@on_each_database
def test_who_asks_for_names_without_end_is_slowed_down(make_app: MakeApp) -> None:
    limits = {"username:account": "3/hour"}
    app = make_app(USERKIT_USERNAME="optional", USERKIT_RATE_LIMITS=limits, USERKIT_OUTBOX="worker")
    with app.app_context():
        userkit = t.cast(Kits, app.extensions["userkit"])
        ada = let_in(userkit, userkit.users.create_user(email_address=["ada@example.com"]).id)
        userkit.users.create_user(username="bea_1815")
        for _ in range(3):
            with refused("form_username_invalid_length", "username"):
                update(userkit, ada, "x")
            with refused("form_identifier_exists", "username"):
                update(userkit, ada, "bea_1815")
        with refused("too_many_requests") as refusal:
            update(userkit, ada, "bea_1816")
        assert refusal.retry_after
        bea = let_in(userkit, userkit.users.create_user(email_address=["bea@example.com"]).id)
        assert update(userkit, bea, "bea_1816").username == "bea_1816"


def test_a_network_is_counted_too(make_app: MakeApp) -> None:
    limits = {"username:ip": "2/hour"}
    app = make_app(USERKIT_USERNAME="optional", USERKIT_RATE_LIMITS=limits, USERKIT_OUTBOX="worker")
    with app.app_context():
        userkit = t.cast(Kits, app.extensions["userkit"])
        people = [
            let_in(userkit, userkit.users.create_user(email_address=[new_address()]).id)
            for _ in range(3)
        ]
        for number, person in enumerate(people[:2]):
            update(userkit, person, f"ada_{number}")
        with refused("too_many_requests"):
            update(userkit, people[2], "ada_2")
