"""A forgotten password: the code proves whose it is, and whoever else was in is out."""

from __future__ import annotations

import pytest
from flask import Flask

from flask_userkit import UserKit
from flask_userkit import UserKitError
from flask_userkit.errors import FormError
from flask_userkit.models import Event
from flask_userkit.models import OutboxMessage
from flask_userkit.models import Session
from flask_userkit.models import SignIn
from flask_userkit.models import User
from flask_userkit.models import Verification
from flask_userkit.services import password_resets
from flask_userkit.services import sign_ins
from flask_userkit.services.kit import Kit
from flask_userkit.services.limits import DEFAULTS
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_password
from tests.services.acts import Post
from tests.services.acts import begin_reset
from tests.services.acts import begin_sign_in
from tests.services.acts import enter_sign_in_code
from tests.services.acts import let_in
from tests.services.acts import reset
from tests.services.acts import sign_in
from tests.services.address_acts import add
from tests.services.address_acts import somebody
from tests.services.support import count
from tests.services.support import everything
from tests.services.support import identified
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
ADA = "ada@example.com"
OTHER = "lovelace@example.com"
NOBODY = "nobody@example.com"
GENERIC = "form_password_or_identifier_incorrect"

on_each_database = pytest.mark.usefixtures("backend")


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    limits = dict.fromkeys(DEFAULTS, "1000/minute")
    return make_app(
        USERKIT_OUTBOX="worker", USERKIT_RATE_LIMITS=limits, USERKIT_USERNAME="optional"
    )


class Known:
    """Looks passwords up among a few."""

    def __init__(self, known: set[str]) -> None:
        self.known = known

    def is_breached(self, password: str) -> bool:
        return password in self.known


@pytest.fixture
def old() -> str:
    return new_password()


@pytest.fixture
def new() -> str:
    return new_password()


@pytest.fixture
def ada(userkit: Kits, old: str) -> User:
    return userkit.users.create_user(
        email_address=[ADA, OTHER], username="ada_1815", first_name="Augusta", password=old
    )


@on_each_database
@pytest.mark.parametrize("identifier", [ADA, "ADA@example.com ", OTHER, "ada_1815"])
def test_the_code_sets_the_password_and_signs_in(
    userkit: Kits, kit: Kit, post: Post, ada: User, old: str, new: str, identifier: str
) -> None:
    token = begin_reset(userkit, identifier)
    code = post.code(OTHER if identifier == OTHER else ADA)
    signed_in = reset(userkit, token, code, new)
    assert identified(kit, signed_in.token) == ada.id
    assert identified(kit, token) is None, "the browser has another token"
    assert rows(kit, Session)[-1].strategy == "reset_password_email_code"
    assert sign_in(userkit, ADA, new).user_id == ada.id
    with refused(GENERIC):
        sign_in(userkit, ADA, old)
    assert count(kit, SignIn) == 0


@on_each_database
def test_everybody_who_was_in_is_out(
    userkit: Kits, kit: Kit, post: Post, ada: User, old: str, new: str
) -> None:
    inside = [sign_in(userkit, ADA, old).token, let_in(userkit, ada.id).token]
    token = begin_reset(userkit, ADA)
    signed_in = reset(userkit, token, post.code(ADA), new)
    assert [identified(kit, each) for each in inside] == [None, None]
    assert count(kit, Session, Session.status == "active") == 1
    assert identified(kit, signed_in.token) == ada.id


@on_each_database
def test_every_code_that_was_sent_before_is_worth_nothing(
    userkit: Kits, kit: Kit, post: Post, ada: User, new: str
) -> None:
    to_sign_in = begin_sign_in(userkit, OTHER)
    sign_in_code = post.code(OTHER)
    elsewhere = begin_reset(userkit, OTHER)
    reset_code = post.code(OTHER)
    token = begin_reset(userkit, ADA)
    reset(userkit, token, post.code(ADA), new)
    with refused("verification_expired"):
        enter_sign_in_code(userkit, to_sign_in, sign_in_code)
    with refused("verification_expired"):
        reset(userkit, elsewhere, reset_code, new_password())
    assert count(kit, Verification, Verification.consumed_at.is_(None)) == 0
    assert sign_in(userkit, ADA, new).user_id == ada.id


@on_each_database
def test_an_address_that_waits_to_be_proven_waits_no_more(
    userkit: Kits, kit: Kit, post: Post, new: str
) -> None:
    who = somebody(userkit, post)
    address = userkit.users.get_user(who.user_id).primary_email_address
    assert address is not None
    add(userkit, who, "planted@example.com")
    token = begin_reset(userkit, address.email_address)
    reset(userkit, token, post.code(address.email_address), new)
    assert count(kit, Verification, Verification.consumed_at.is_(None)) == 0


@on_each_database
def test_known_and_unknown_leave_the_same_rows_and_one_of_them_a_mail(
    userkit: Kits, kit: Kit, post: Post, ada: User
) -> None:
    userkit.users.create_user(username="no_address")
    banned = userkit.users.create_user(email_address=["banned@example.com"])
    userkit.users.ban_user(banned.id)
    grown = []
    for identifier in (ADA, NOBODY, "nobody", "no_address", "banned@example.com"):
        before = everything(kit)
        token = begin_reset(userkit, identifier)
        after = everything(kit)
        grown.append({name: after[name] - before[name] for name in after if "limit" not in name})
        waiting = password_resets.pending_attempt(kit, token)
        assert waiting is not None
        assert waiting.address == identifier
    assert all(each == grown[0] for each in grown)
    assert [mail.to for mail in post.all()] == [ADA]
    assert count(kit, OutboxMessage) == 5


def test_a_code_of_one_purpose_is_none_of_another(
    userkit: Kits, kit: Kit, post: Post, ada: User, new: str
) -> None:
    to_reset = begin_reset(userkit, ADA)
    reset_code = post.code(ADA)
    assert sign_ins.pending_attempt(kit, to_reset) is None
    with refused("verification_expired"):
        enter_sign_in_code(userkit, to_reset, reset_code)
    to_sign_in = begin_sign_in(userkit, ADA)
    assert password_resets.pending_attempt(kit, to_sign_in) is None
    with refused("verification_expired"):
        reset(userkit, to_sign_in, post.code(ADA), new)
    assert count(kit, Session) == 0


@on_each_database
@pytest.mark.parametrize("weak", ["short", "12345678", "password", ""])
def test_a_weak_password_spends_no_attempt(
    userkit: Kits, kit: Kit, post: Post, ada: User, weak: str
) -> None:
    token = begin_reset(userkit, ADA)
    code = post.code(ADA)
    for _ in range(6):
        with pytest.raises(FormError) as caught:
            reset(userkit, token, code, weak)
        assert caught.value.param == "password"
    assert [row.attempts for row in rows(kit, Verification)] == [0]


@pytest.mark.parametrize("own", ["augusta 2026", "ada_1815", "lovelace@example.com"])
def test_words_of_ones_own_are_judged_under_the_proof_and_do_not_use_the_code_up(
    userkit: Kits, post: Post, ada: User, new: str, own: str
) -> None:
    token = begin_reset(userkit, ADA)
    code = post.code(ADA)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    with refused("form_code_incorrect", "code"):
        reset(userkit, token, wrong, own)
    with pytest.raises(FormError) as caught:
        reset(userkit, token, code, own)
    assert caught.value.param == "password"
    assert reset(userkit, token, code, new).user_id == ada.id


@on_each_database
def test_a_right_code_is_not_used_up_by_passwords_that_are_refused(
    userkit: Kits, kit: Kit, post: Post, ada: User, new: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = new_password()
    monkeypatch.setattr(kit, "breach_checker", Known({known}))
    token = begin_reset(userkit, ADA)
    code = post.code(ADA)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    for _ in range(3):
        with refused("form_code_incorrect", "code"):
            reset(userkit, token, wrong, new)
    for refusal in ("ada_1815", known) * 5:
        with pytest.raises(FormError) as caught:
            reset(userkit, token, code, refusal)
        assert caught.value.param == "password"
        assert [row.attempts for row in rows(kit, Verification)] == [3], "guesses stay counted"
    with refused("form_code_incorrect", "code"):
        reset(userkit, token, wrong, new)
    assert reset(userkit, token, code, new).user_id == ada.id


def test_passwords_that_are_refused_are_counted_by_account(make_app: MakeApp) -> None:
    limits = dict.fromkeys(DEFAULTS, "1000/minute") | {"password:account": "3/hour"}
    app = make_app(USERKIT_OUTBOX="worker", USERKIT_RATE_LIMITS=limits)
    with app.app_context():
        userkit: Kits = app.extensions["userkit"]
        userkit.users.create_user(email_address=[ADA], first_name="Augusta")
        token = begin_reset(userkit, ADA)
        code = Post(userkit.kit).code(ADA)
        told = []
        for _ in range(9):
            with pytest.raises(UserKitError) as caught:
                reset(userkit, token, code, "augusta 2026")
            told.append(caught.value.code)
    assert told == [
        *["form_password_matches_identifier"] * 3,
        *["too_many_requests"] * 5,
        "verification_failed",
    ]


@on_each_database
def test_five_guesses_are_looked_at_and_a_new_code_brings_no_more(
    userkit: Kits, kit: Kit, post: Post, clock: Clock, ada: User, new: str
) -> None:
    token = begin_reset(userkit, ADA)
    wrong = f"{(int(post.code(ADA)) + 1) % 10**6:06}"
    for _ in range(3):
        with refused("form_code_incorrect", "code"):
            reset(userkit, token, wrong, new)
    clock.tick(31)
    with userkit.transaction() as db:
        password_resets.deliver(db, token)
    code = post.code(ADA)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    for _ in range(2):
        with refused("form_code_incorrect", "code"):
            reset(userkit, token, wrong, new)
    with refused("verification_failed", "code"):
        reset(userkit, token, code, new)
    clock.tick(31)
    with refused("verification_failed", "code"), userkit.transaction() as db:
        password_resets.deliver(db, token)


@pytest.mark.parametrize("identifier", [ADA, NOBODY])
def test_guesses_at_one_account_are_counted_over_all_browsers(
    make_app: MakeApp, identifier: str
) -> None:
    limits = dict.fromkeys(DEFAULTS, "1000/minute") | {"verification:account": "7/hour"}
    app = make_app(USERKIT_OUTBOX="worker", USERKIT_RATE_LIMITS=limits)
    with app.app_context():
        userkit: Kits = app.extensions["userkit"]
        userkit.users.create_user(email_address=[ADA])
        told = []
        for _ in range(3):
            token = begin_reset(userkit, identifier)
            for _ in range(3):
                with pytest.raises(UserKitError) as caught:
                    reset(userkit, token, "000000", new_password())
                told.append(caught.value.code)
    assert told == ["form_code_incorrect"] * 7 + ["too_many_requests"] * 2


@on_each_database
def test_a_password_that_another_set_meanwhile_stays(
    userkit: Kits,
    kit: Kit,
    post: Post,
    ada: User,
    new: str,
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    theirs = new_password()
    token = begin_reset(userkit, ADA)
    code = post.code(ADA)
    hash_it = kit.passwords.hash

    def change_meanwhile(password: str) -> str:
        monkeypatch.setattr(kit.passwords, "hash", hash_it)
        kit.database._current.set(None)
        userkit.users.update_user(ada.id, password=theirs)
        return hash_it(password)

    monkeypatch.setattr(kit.passwords, "hash", change_meanwhile)
    with refused("password_changed"):
        reset(userkit, token, code, new)
    assert sign_in(userkit, ADA, theirs).user_id == ada.id


@on_each_database
def test_an_address_that_was_given_up_resets_nothing(
    userkit: Kits, post: Post, ada: User, new: str
) -> None:
    token = begin_reset(userkit, OTHER)
    code = post.code(OTHER)
    given_up = next(e for e in ada.email_addresses if e.email_address == OTHER)
    userkit.email_addresses.delete(given_up.id)
    with refused("verification_already_verified", "code"):
        reset(userkit, token, code, new)
    with refused(GENERIC):
        sign_in(userkit, ADA, new)


@on_each_database
def test_somebody_who_is_banned_meanwhile_gets_nothing(
    userkit: Kits, kit: Kit, post: Post, ada: User, new: str
) -> None:
    token = begin_reset(userkit, ADA)
    code = post.code(ADA)
    userkit.users.ban_user(ada.id)
    with refused("verification_expired"):
        reset(userkit, token, code, new)
    userkit.users.unban_user(ada.id)
    with refused("verification_expired"):
        reset(userkit, token, code, new)
    assert count(kit, Session) == 0


def test_somebody_without_a_password_sets_their_first_one(
    userkit: Kits, post: Post, new: str
) -> None:
    bea = userkit.users.create_user(email_address=["bea@example.com"])
    token = begin_reset(userkit, "bea@example.com")
    reset(userkit, token, post.code("bea@example.com"), new)
    assert sign_in(userkit, "bea@example.com", new).user_id == bea.id


@on_each_database
@pytest.mark.parametrize("act", ["password", "ban"])
def test_a_password_by_the_app_and_a_ban_end_every_code_as_well(
    userkit: Kits, kit: Kit, post: Post, ada: User, new: str, act: str
) -> None:
    to_sign_in = begin_sign_in(userkit, OTHER)
    sign_in_code = post.code(OTHER)
    to_reset = begin_reset(userkit, ADA)
    reset_code = post.code(ADA)
    if act == "password":
        userkit.users.update_user(ada.id, password=new)
    else:
        userkit.users.ban_user(ada.id)
        userkit.users.unban_user(ada.id)
    with refused("verification_expired"):
        enter_sign_in_code(userkit, to_sign_in, sign_in_code)
    with refused("verification_expired"):
        reset(userkit, to_reset, reset_code, new_password())
    assert count(kit, Session) == 0


@on_each_database
def test_every_address_hears_of_it_with_all_addresses(
    userkit: Kits, post: Post, heard: list[str], ada: User, new: str
) -> None:
    token = begin_reset(userkit, ADA)
    code = post.code(ADA)
    heard.clear()
    reset(userkit, token, code, new)
    told = [mail for mail in post.all() if "reset" in mail.subject.lower()]
    assert {mail.to for mail in told} == {ADA, OTHER}
    assert all(ADA in mail.text and OTHER in mail.text for mail in told)
    assert heard == ["user.password.reset", "session.created"]
    assert count(userkit.kit, Event, Event.name == "user.password.reset") == 1


def test_where_nobody_has_a_password_nothing_is_sent(make_app: MakeApp) -> None:
    app = make_app(USERKIT_OUTBOX="worker", USERKIT_PASSWORD="off")
    with app.app_context():
        userkit: Kits = app.extensions["userkit"]
        before = everything(userkit.kit)
        with refused("password_disabled"):
            begin_reset(userkit, ADA)
        assert everything(userkit.kit) == before


def test_a_reset_works_where_codes_sign_nobody_in(make_app: MakeApp, new: str) -> None:
    app = make_app(USERKIT_OUTBOX="worker", USERKIT_EMAIL_CODE_SIGN_IN=False)
    with app.app_context():
        userkit: Kits = app.extensions["userkit"]
        ada = userkit.users.create_user(email_address=[ADA])
        token = begin_reset(userkit, ADA)
        assert reset(userkit, token, Post(userkit.kit).code(ADA), new).user_id == ada.id
