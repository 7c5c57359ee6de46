"""Sign-in: known and unknown go one way, and end in the same words."""

from __future__ import annotations

import typing as t

import pytest
from flask import Flask

from flask_userkit import UserKit
from flask_userkit.models import Event
from flask_userkit.models import OutboxMessage
from flask_userkit.models import SignIn
from flask_userkit.models import User
from flask_userkit.models import Verification
from flask_userkit.services import sign_ins
from flask_userkit.services.kit import Kit
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_password
from tests.services.acts import Post
from tests.services.acts import begin_sign_in
from tests.services.acts import enter_sign_in_code
from tests.services.acts import sign_in
from tests.services.support import count
from tests.services.support import everything
from tests.services.support import identified
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
GENERIC = "form_password_or_identifier_incorrect"
NOBODY = "nobody@example.com"


@pytest.fixture
def password() -> str:
    return new_password()


@pytest.fixture
def ada(userkit: Kits, password: str) -> User:
    return userkit.users.create_user(
        email_address=["Ada@example.com", "lovelace@bücher.example"],
        username="Ada_1815",
        password=password,
    )


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize(
    "identifier",
    ["ada@example.com", " ADA@EXAMPLE.com\n", "lovelace@BÜCHER.example", "ada_1815", "ADA_1815 "],
)
def test_any_identifier_signs_in_as_it_is_written(
    userkit: Kits, kit: Kit, ada: User, password: str, identifier: str
) -> None:
    assert identified(kit, sign_in(userkit, identifier, password).token) == ada.id


@pytest.mark.usefixtures("backend")
def test_wrong_and_unknown_are_told_alike(
    userkit: Kits, kit: Kit, ada: User, password: str
) -> None:
    userkit.users.create_user(email_address=["bea@example.com"])
    messages = set()
    for identifier, typed in [
        ("ada@example.com", "not the password"),
        ("ada@example.com", password + " "),
        ("ada@example.com", "x" * 2000),
        ("ada@example.com", "\ud800"),
        ("ada_1815", "not the password"),
        ("bea@example.com", password),
        (NOBODY, password),
        ("nobody", password),
        ("a" * 254, password),
        ("' OR 1=1 --", password),
        ("áda@example.com", password),
        ("ad%", password),
    ]:
        with refused(GENERIC) as refusal:
            sign_in(userkit, identifier, typed)
        messages.add(refusal.message)
    assert len(messages) == 1
    audited = [event.user_id for event in rows(kit, Event, Event.name == "sign_in.failed")]
    assert audited.count(ada.id) == 5
    assert len(audited) == 12


@pytest.mark.parametrize(
    ("identifier", "typed", "code", "param"),
    [
        ("", "x", "form_param_nil", "identifier"),
        (" \n", "x", "form_param_nil", "identifier"),
        ("ada@example.com", "", "form_param_nil", "password"),
        ("a" * 255, "x", "form_param_format_invalid", "identifier"),
        ("a" * 10**6, "x", "form_param_format_invalid", "identifier"),
        ("ada\0", "x", "form_param_format_invalid", "identifier"),
        ("\ud800", "x", "form_param_format_invalid", "identifier"),
        ("a\nb", "x", "form_param_format_invalid", "identifier"),
    ],
    ids=lambda value: ascii(value)[:16],
)
def test_what_cannot_be_an_identifier_is_told_at_its_field(
    userkit: Kits, kit: Kit, ada: User, identifier: str, typed: str, code: str, param: str
) -> None:
    before = everything(kit)
    with refused(code, param):
        sign_in(userkit, identifier, typed)
    if param == "identifier":
        with refused(code, param):
            begin_sign_in(userkit, identifier)
    assert everything(kit) == before


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("identifier", ["ada@example.com", "ada_1815", "lovelace@bücher.example"])
def test_a_code_goes_to_the_address_that_was_named_or_the_primary_one(
    userkit: Kits, kit: Kit, post: Post, ada: User, identifier: str
) -> None:
    token = begin_sign_in(userkit, identifier)
    (mail,) = post.all()
    assert mail.to == (identifier if "bücher" in identifier else "Ada@example.com")
    assert mail.code is not None
    signed_in = enter_sign_in_code(userkit, token, mail.code)
    assert identified(kit, signed_in.token) == ada.id
    assert identified(kit, token) is None
    assert count(kit, SignIn) == 0


@pytest.mark.usefixtures("backend")
def test_known_and_unknown_leave_the_same_rows_and_one_of_them_no_mail(
    userkit: Kits, kit: Kit, post: Post, ada: User
) -> None:
    userkit.users.create_user(username="no_address")
    grown = []
    for identifier in ("ada@example.com", NOBODY, "nobody", "no_address"):
        before = everything(kit)
        token = begin_sign_in(userkit, identifier)
        after = everything(kit)
        # Only the first of them makes the counters of this network.
        grown.append({name: after[name] - before[name] for name in after if "limit" not in name})
        pending = sign_ins.pending_attempt(kit, token)
        assert pending is not None
        assert pending.address == identifier
    assert grown[0] == grown[1] == grown[2] == grown[3]
    assert [mail.to for mail in post.all()] == ["Ada@example.com"]
    assert [(row.sent, row.payload) for row in rows(kit, OutboxMessage)] == [
        (True, None),
        (False, None),
        (False, None),
        (False, None),
    ]


def test_a_code_that_was_sent_to_nobody_is_no_code_at_all(userkit: Kits, kit: Kit) -> None:
    begin_sign_in(userkit, NOBODY)
    (row,) = rows(kit, Verification)
    codes = (f"{number:06}" for number in range(0, 10**6, 7))
    assert row.code_digest not in {
        kit.keys.mac("verification code", f"{row.id}:{code}") for code in codes
    }


def test_where_sign_in_was_asked_for_is_kept_until_it_is_done(
    userkit: Kits, kit: Kit, post: Post, ada: User
) -> None:
    with userkit.transaction() as db:
        token = sign_ins.prepare_code(
            db, None, identifier="ada@example.com", return_to="/books?page=2#é"
        )
    with userkit.transaction() as db:
        _, return_to = sign_ins.attempt_code(db, token, post.code("Ada@example.com"))
    assert return_to == "/books?page=2#é"


def test_an_unfinished_sign_in_ends_after_ten_minutes(
    userkit: Kits, kit: Kit, clock: Clock, ada: User
) -> None:
    token = begin_sign_in(userkit, "ada@example.com")
    clock.tick(599)
    assert sign_ins.pending_attempt(kit, token) is not None
    clock.tick(1)
    assert sign_ins.pending_attempt(kit, token) is None
    with refused("verification_expired"), userkit.transaction() as db:
        sign_ins.deliver_code(db, token)


def test_an_address_that_changed_hands_gets_no_code_of_the_sign_in_before(
    userkit: Kits, kit: Kit, clock: Clock, post: Post, ada: User
) -> None:
    token = begin_sign_in(userkit, "ada@example.com")
    post.all()
    userkit.users.delete_user(ada.id)
    userkit.users.create_user(email_address=["ada@example.com"])
    clock.tick(30)
    with refused("verification_expired"), userkit.transaction() as db:
        sign_ins.deliver_code(db, token)
    assert len(post.all()) == 1


def test_a_password_that_changed_since_it_was_read_is_the_old_one(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app: Flask = make_app(USERKIT_OUTBOX="worker")
    with app.app_context():
        userkit = t.cast(Kits, app.extensions["userkit"])
        old = new_password()
        ada = userkit.users.create_user(username="ada_1815", password=old)
        verify = userkit.kit.passwords.verify

        def change_meanwhile(digest: str | None, password: str) -> bool:
            right = verify(digest, password)
            with app.app_context():
                userkit.kit.database._current.set(None)
                userkit.users.update_user(ada.id, password=new_password())
            return right

        monkeypatch.setattr(userkit.kit.passwords, "verify", change_meanwhile)
        with refused(GENERIC):
            sign_in(userkit, "ada_1815", old)
