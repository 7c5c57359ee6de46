"""Step-up: by the strongest factor, for one session of one user, and for so long."""

from __future__ import annotations

import datetime as dt
import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from flask import Flask

from flask_userkit import UserKit
from flask_userkit.models import EmailAddress
from flask_userkit.models import Event
from flask_userkit.models import Session
from flask_userkit.models import User
from flask_userkit.services import reverification
from flask_userkit.services import reverification_attempts
from flask_userkit.services.kit import Kit
from flask_userkit.services.reverification import LEVELS
from flask_userkit.services.reverification import Level
from flask_userkit.services.reverification import Who
from flask_userkit.services.reverification_attempts import Offer
from flask_userkit.services.sessions import SignedIn
from flask_userkit.services.sessions import revoke_all
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.services.acts import Post
from tests.services.acts import Signed
from tests.services.acts import ask_to_reverify
from tests.services.acts import begin_sign_in
from tests.services.acts import let_in
from tests.services.acts import reverify
from tests.services.acts import reverify_by_code
from tests.services.acts import sign_in
from tests.services.acts import sign_up
from tests.services.support import everything
from tests.services.support import identified
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
on_each_database = pytest.mark.usefixtures("backend")
REQUIRED = "session_reverification_required"
WRONG = "form_password_incorrect"
WEAKER = "strategy_disabled"
OVER = "authentication_invalid"


@pytest.fixture
def ada(userkit: Kits, clock: Clock, post: Post) -> Signed:
    """Somebody with a password, who signed in an hour ago."""
    signed = sign_up(userkit, post)
    clock.tick(hours=1)
    return signed


@pytest.fixture
def bea(userkit: Kits, clock: Clock) -> SignedIn:
    """Somebody without a password, who signed in an hour ago."""
    user = userkit.users.create_user(email_address=["Bea@example.com", "bea@example.net"])
    signed_in = let_in(userkit, user.id)
    clock.tick(hours=1)
    return signed_in


def require(userkit: Kits, who: Who, level: str | tuple[str, int] = "strict") -> str:
    with userkit.transaction() as db:
        return reverification.require(db, who, reverification.level_of(level)).id


def is_fresh(userkit: Kits, who: Who, level: str | tuple[str, int] = "strict") -> bool:
    """Tell what the guard says, and that the question before it says the same."""
    told = reverification.is_fresh(userkit.kit, who, reverification.level_of(level))
    if told:
        assert require(userkit, who, level) == who.user_id
    else:
        with refused(REQUIRED):
            require(userkit, who, level)
    return told


def proven_at(kit: Kit, who: Who) -> dt.datetime | None:
    (row,) = rows(kit, Session, Session.id == who.session_id)
    return t.cast("dt.datetime | None", row.first_factor_verified_at)


def failures(kit: Kit, user_id: str) -> list[str]:
    name = "session.reverification_failed"
    return [
        row.data["strategy"]
        for row in rows(kit, Event, Event.name == name)
        if row.user_id == user_id
    ]


@on_each_database
def test_the_password_proves_it_for_ten_minutes_and_gives_a_new_token(
    userkit: Kits, kit: Kit, clock: Clock, heard: list[str], ada: Signed
) -> None:
    who = ada.signed_in
    assert not is_fresh(userkit, who)
    token = reverify(userkit, who, ada.password)
    assert proven_at(kit, who) == clock()
    assert (identified(kit, token), identified(kit, who.token)) == (who.user_id, None)
    assert heard[-1] == "session.reverified"
    clock.tick(minutes=10, seconds=-1)
    assert is_fresh(userkit, who)
    clock.tick(1)
    assert not is_fresh(userkit, who)
    event = rows(kit, Event)[-1]
    assert (event.name, event.user_id) == ("session.reverified", who.user_id)
    assert event.data == {"session_id": who.session_id, "strategy": "password"}


@on_each_database
def test_a_wrong_password_proves_nothing_and_is_audited(
    userkit: Kits, kit: Kit, ada: Signed
) -> None:
    somebody = sign_in(userkit, ada.address, ada.password)
    before = proven_at(kit, ada.signed_in)
    for typed in ("not the password", ada.password + " ", ada.password * 100, "\ud800"):
        with refused(WRONG, "password"):
            reverify(userkit, ada.signed_in, typed)
    with refused("form_param_nil", "password"):
        reverify(userkit, ada.signed_in, "")
    assert proven_at(kit, ada.signed_in) == before
    assert failures(kit, somebody.user_id) == ["password"] * 4
    assert identified(kit, ada.signed_in.token) == ada.signed_in.user_id


@on_each_database
def test_it_proves_one_session_of_one_user_and_no_other(
    userkit: Kits, kit: Kit, clock: Clock, post: Post, ada: Signed
) -> None:
    eve = sign_up(userkit, post)
    other = sign_in(userkit, ada.address, ada.password)
    clock.tick(hours=1)
    # Somebody else's right password is not mine (L3).
    with refused(WRONG, "password"):
        reverify(userkit, ada.signed_in, eve.password)
    reverify(userkit, eve.signed_in, eve.password)
    reverify(userkit, ada.signed_in, ada.password)
    assert is_fresh(userkit, ada.signed_in)
    assert not is_fresh(userkit, other)
    mixed = replace(eve.signed_in, session_id=ada.signed_in.session_id)
    assert not is_fresh(userkit, mixed)
    with refused(OVER):
        reverify(userkit, mixed, eve.password)
    mixed = replace(ada.signed_in, session_id=eve.signed_in.session_id)
    assert not is_fresh(userkit, mixed)
    with refused(OVER):
        reverify(userkit, mixed, ada.password)


@on_each_database
def test_without_a_password_a_code_goes_to_the_primary_address_and_proves_it_once(
    userkit: Kits, kit: Kit, clock: Clock, post: Post, bea: SignedIn
) -> None:
    assert reverification_attempts.offer(kit, bea) == Offer("email_code", "Bea@example.com", None)
    ask_to_reverify(userkit, bea)
    (mail,) = post.all()
    assert (mail.to, reverification_attempts.offer(kit, bea).sent_at) == (
        "Bea@example.com",
        clock(),
    )
    assert mail.code is not None
    token = reverify_by_code(userkit, bea, mail.code)
    assert (identified(kit, token), identified(kit, bea.token)) == (bea.user_id, None)
    assert is_fresh(userkit, bea)
    again = replace(bea, token=token)
    with refused("verification_already_verified", "code"):
        reverify_by_code(userkit, again, mail.code)
    clock.tick(minutes=10)
    assert not is_fresh(userkit, bea)
    with refused("verification_expired", "code"):
        reverify_by_code(userkit, again, mail.code)


def test_the_mail_says_what_the_code_is_for(userkit: Kits, post: Post, bea: SignedIn) -> None:
    ask_to_reverify(userkit, bea)
    (mail,) = post.all()
    assert "Confirm that it is you" in mail.text
    assert "Sign in" not in mail.text


@on_each_database
def test_a_weaker_factor_than_the_best_is_refused(
    userkit: Kits, kit: Kit, post: Post, ada: Signed, bea: SignedIn
) -> None:
    assert reverification_attempts.offer(kit, ada.signed_in).strategy == "password"
    before = everything(kit)
    with refused(WEAKER):
        ask_to_reverify(userkit, ada.signed_in)
    with refused(WEAKER):
        reverify_by_code(userkit, ada.signed_in, "123456")
    with refused(WEAKER):
        reverify(userkit, bea, "no password at all")
    assert everything(kit) == before
    # A code that is on its way is worth nothing once there is a password.
    ask_to_reverify(userkit, bea)
    code = post.code("Bea@example.com")
    with userkit.transaction() as db:
        db.get_one(User, bea.user_id).password_digest = kit.passwords.hash("a new password")
    with refused(WEAKER):
        reverify_by_code(userkit, bea, code)
    assert not is_fresh(userkit, bea)


def test_with_passwords_off_they_prove_nothing(make_app: MakeApp, clock: Clock) -> None:
    app = make_app(USERKIT_PASSWORD="off", USERKIT_OUTBOX="worker")
    with app.app_context():
        userkit = t.cast(Kits, app.extensions["userkit"])
        userkit.clock = clock
        user = userkit.users.create_user(email_address=["ada@example.com"])
        with userkit.transaction() as db:
            digest = userkit.kit.passwords.hash("a password of before")
            db.get_one(User, user.id).password_digest = digest
        who = let_in(userkit, user.id)
        assert reverification_attempts.offer(userkit.kit, who).strategy == "email_code"
        with refused(WEAKER):
            reverify(userkit, who, "a password of before")


@on_each_database
def test_a_code_never_goes_to_an_address_that_is_not_proven(
    userkit: Kits, kit: Kit, post: Post, bea: SignedIn
) -> None:
    with userkit.transaction() as db:
        for email in db.get_one(User, bea.user_id).email_addresses:
            email.verified_at = email.verified_key = None
    assert reverification_attempts.offer(kit, bea) == Offer(None, None, None)
    with refused(WEAKER):
        ask_to_reverify(userkit, bea)
    assert post.all() == []


@on_each_database
def test_a_code_to_an_address_that_is_no_longer_the_primary_one_proves_nothing(
    userkit: Kits, kit: Kit, post: Post, bea: SignedIn
) -> None:
    ask_to_reverify(userkit, bea)
    code = post.code("Bea@example.com")
    (other,) = rows(kit, EmailAddress, EmailAddress.email_key == "bea@example.net")
    userkit.users.update_user(bea.user_id, primary_email_address_id=other.id)
    with refused(WEAKER):
        reverify_by_code(userkit, bea, code)
    assert not is_fresh(userkit, bea)


@on_each_database
def test_a_code_is_good_for_nothing_else_and_nothing_else_for_it(
    userkit: Kits, kit: Kit, clock: Clock, post: Post, bea: SignedIn
) -> None:
    other = let_in(userkit, bea.user_id)
    clock.tick(hours=1)
    begin_sign_in(userkit, "bea@example.com", bea.token)
    sign_in_code = post.code("Bea@example.com")
    with refused("verification_expired"):
        reverify_by_code(userkit, bea, sign_in_code)
    clock.tick(60)
    ask_to_reverify(userkit, other)
    for_other = post.code("Bea@example.com")
    with refused("verification_expired"):
        reverify_by_code(userkit, bea, for_other)
    assert not is_fresh(userkit, bea)
    reverify_by_code(userkit, other, for_other)
    assert (is_fresh(userkit, other), is_fresh(userkit, bea)) == (True, False)


@on_each_database
@pytest.mark.parametrize("reason", ["revoked", "banned", "deleted", "replaced"])
def test_who_is_out_proves_nothing_with_the_right_password(
    userkit: Kits, kit: Kit, ada: Signed, reason: str
) -> None:
    who = ada.signed_in
    if reason == "revoked":
        userkit.sessions.revoke_session(who.session_id)
    elif reason == "banned":
        userkit.users.ban_user(who.user_id)
    elif reason == "deleted":
        userkit.users.delete_user(who.user_id)
    else:
        sign_in(userkit, ada.address, ada.password, who.token)
    with refused(OVER):
        reverify(userkit, who, ada.password)
    with refused(REQUIRED):
        require(userkit, who)
    with refused(OVER):
        reverification_attempts.offer(kit, who)


def change(userkit: Kits, user_id: str) -> None:
    with userkit.transaction() as db:
        digest = userkit.kit.passwords.hash("another one")
        db.get_one(User, user_id).password_digest = digest


def revoke(userkit: Kits, user_id: str) -> None:
    with userkit.transaction() as db:
        revoke_all(db, user_id)


def ban(userkit: Kits, user_id: str) -> None:
    with userkit.transaction() as db:
        db.get_one(User, user_id).banned = True


@on_each_database
@pytest.mark.parametrize(
    ("meanwhile", "code"), [(change, WEAKER), (revoke, OVER), (ban, OVER), (None, "session_exists")]
)
def test_what_happens_while_a_password_is_looked_at_counts(
    app: Flask,
    userkit: Kits,
    kit: Kit,
    monkeypatch: pytest.MonkeyPatch,
    ada: Signed,
    meanwhile: t.Callable[[Kits, str], None] | None,
    code: str,
) -> None:
    who = ada.signed_in
    verify = kit.passwords.verify

    def another_request() -> None:
        with app.app_context():
            if meanwhile is None:
                reverify(userkit, who, ada.password)
            else:
                meanwhile(userkit, who.user_id)

    def interrupted(digest: str | None, password: str) -> bool:
        monkeypatch.undo()
        with ThreadPoolExecutor(1) as another:
            another.submit(another_request).result()
        return verify(digest, password)

    before = proven_at(kit, who)
    monkeypatch.setattr(kit.passwords, "verify", interrupted)
    with refused(code):
        reverify(userkit, who, ada.password)
    assert (proven_at(kit, who) == before) == (meanwhile is not None)


@on_each_database
def test_guesses_are_limited_for_each_account_and_success_takes_back_its_own(
    make_app: MakeApp, clock: Clock
) -> None:
    limits = {"reverification:account": "3/hour"}
    app = make_app(USERKIT_RATE_LIMITS=limits, USERKIT_OUTBOX="worker")
    with app.app_context():
        userkit = t.cast(Kits, app.extensions["userkit"])
        userkit.clock = clock
        people = [sign_up(userkit, Post(userkit.kit)) for _ in range(2)]
        ada, bob = people
        token = ada.signed_in
        for _ in range(4):
            token = replace(token, token=reverify(userkit, token, ada.password))
        for _ in range(3):
            with refused(WRONG, "password"):
                reverify(userkit, ada.signed_in, "wrong")
        with refused("too_many_requests") as refusal:
            reverify(userkit, ada.signed_in, ada.password)
        assert refusal.retry_after
        assert reverify(userkit, bob.signed_in, bob.password)


@pytest.mark.parametrize(
    ("level", "minutes"),
    [
        ("strict_mfa", 10),
        ("strict", 10),
        ("moderate", 60),
        ("lax", 1440),
        (("first_factor", 1), 1),
        (("multi_factor", 5), 5),
        (("second_factor", 2000), 2000),
    ],
)
def test_each_level_counts_for_its_minutes_and_asks_for_the_first_factor_of_who_has_one(
    userkit: Kits, clock: Clock, bea: SignedIn, level: str | tuple[str, int], minutes: int
) -> None:
    fresh = let_in(userkit, bea.user_id)
    clock.tick(minutes=minutes, seconds=-1)
    assert is_fresh(userkit, fresh, level)
    clock.tick(1)
    assert not is_fresh(userkit, fresh, level)


@pytest.mark.parametrize(
    "level",
    [
        "",
        "Strict",
        "strictest",
        ("third_factor", 10),
        ("first_factor", 0),
        ("first_factor", -1),
        ("first_factor", True),
        ("first_factor", 1.5),
    ],
    ids=repr,
)
def test_a_level_that_is_not_there_is_an_error_at_once(level: t.Any) -> None:
    with pytest.raises(ValueError, match=r"There is|number of minutes"):
        reverification.level_of(level)


def test_the_refusal_tells_programs_what_is_asked_for() -> None:
    error = reverification.required(Level("first_factor", 3))
    assert error.status == 403
    assert error.envelope()["errors"][0]["meta"] == {
        "reverification": {"level": "first_factor", "afterMinutes": 3}
    }
    assert LEVELS["strict"] == reverification.level_of("strict")


def test_the_age_of_a_proof_is_in_whole_minutes_rounded_down() -> None:
    now = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)

    def age(first: float | None, second: float | None = None) -> list[int] | None:
        since = [None if n is None else now - dt.timedelta(seconds=n) for n in (first, second)]
        return reverification.factor_verification_age(now, *since)

    assert age(None) is None
    assert age(0) == [0, -1]
    assert age(59.9) == [0, -1]
    assert age(60) == [1, -1]
    assert age(3599, 119) == [59, 1]
    assert age(-120) == [0, -1]


def test_a_session_without_a_proof_has_none(userkit: Kits, kit: Kit, bea: SignedIn) -> None:
    with userkit.transaction() as db:
        db.get_one(Session, bea.session_id).first_factor_verified_at = None
    assert not is_fresh(userkit, bea, "lax")
