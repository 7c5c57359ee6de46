"""Known and unknown phone numbers get the same answers, rows and counts (B35)."""

from __future__ import annotations

import pytest
from flask import Flask

from flask_userkit import UserKit
from flask_userkit.models import Event
from flask_userkit.models import OutboxMessage
from flask_userkit.models import User
from flask_userkit.models import Verification
from flask_userkit.services import sign_in_look_up
from flask_userkit.services import sign_ins
from flask_userkit.services.kit import Kit
from flask_userkit.services.phone_numbers import PHONE_NUMBER
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_number
from tests.rig.people import new_password
from tests.rig.queries import count_queries
from tests.services.acts import Post
from tests.services.acts import begin_reset
from tests.services.acts import begin_sign_in
from tests.services.acts import enter_sign_in_code
from tests.services.acts import let_in
from tests.services.acts import resend_sign_in_code
from tests.services.acts import sign_in
from tests.services.address_acts import add
from tests.services.address_acts import confirm
from tests.services.address_acts import who
from tests.services.phone_apps import ADA
from tests.services.phone_apps import NO_LIMITS
from tests.services.phone_apps import NOBODY
from tests.services.phone_apps import UNREACHABLE
from tests.services.phone_apps import open_app
from tests.services.phone_apps import shapes
from tests.services.support import count
from tests.services.support import everything
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
GENERIC = "form_password_or_identifier_incorrect"

on_each_database = pytest.mark.usefixtures("backend")


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return open_app(make_app)


@pytest.fixture
def password() -> str:
    return new_password()


@pytest.fixture
def ada(userkit: Kits, password: str) -> User:
    return userkit.users.create_user(
        email_address=["ada@example.com"],
        phone_number=[ADA],
        username="ada_1815",
        password=password,
    )


@on_each_database
def test_known_and_unknown_numbers_ask_the_same_and_leave_the_same(
    userkit: Kits, kit: Kit, clock: Clock, post: Post, ada: User
) -> None:
    unproven = who(userkit, let_in(userkit, ada.id).token)
    confirm(userkit, unproven)
    claimed = new_number()
    add(userkit, unproven, claimed, PHONE_NUMBER)
    post.all()
    begin_sign_in(userkit, new_number())
    seen = []
    for number in (ADA, NOBODY, claimed, UNREACHABLE[0]):
        before = everything(kit)
        with count_queries() as asked:
            token = begin_sign_in(userkit, number)
        clock.tick(30)
        with count_queries() as asked_again:
            resend_sign_in_code(userkit, token)
        after = everything(kit)
        with refused("form_code_incorrect", "code") as wrong, count_queries() as guessed:
            enter_sign_in_code(userkit, token, "000000")
        grown = {name: after[name] - before[name] for name in after if "limit" not in name}
        waiting = sign_ins.pending_attempt(kit, token)
        assert waiting is not None
        assert (waiting.address, waiting.by_text) == (number, True)
        seen.append((grown, [*map(shapes, (asked, asked_again, guessed))], wrong.message))
    assert seen[1:] == [seen[0]] * 3
    sent = [text.to for text in post.all()]
    assert sent[:2] == [ADA, ADA]
    assert sent.count(claimed) == 1, "the one that proves it, and no other"
    assert {NOBODY, UNREACHABLE[0]}.isdisjoint(sent)


@on_each_database
def test_wrong_and_unknown_are_told_alike(
    userkit: Kits, kit: Kit, ada: User, password: str
) -> None:
    userkit.users.create_user(phone_number=[NOBODY])
    seen = []
    for number, typed in [
        (new_number(), password),
        (ADA, "not the password"),
        (NOBODY, password),
        (new_number(), password),
        ("+499001234567", password),
    ]:
        before = everything(kit)
        with refused(GENERIC) as refusal, count_queries() as asked:
            sign_in(userkit, number, typed)
        after = everything(kit)
        grown = {name: after[name] - before[name] for name in after if "limit" not in name}
        seen.append((refusal.message, grown, shapes(asked)))
    # The first makes the counter of this network.
    assert seen[2:] == [seen[1]] * 3
    assert seen[0][:2] == seen[1][:2]
    assert seen[0][0] == "That phone number and password do not go together."
    audited = [event.user_id for event in rows(kit, Event, Event.name == "sign_in.failed")]
    assert (audited.count(ada.id), audited.count(None)) == (1, 3)


@pytest.mark.parametrize("number", UNREACHABLE)
def test_nothing_is_sent_to_what_is_no_persons_phone(
    userkit: Kits, kit: Kit, post: Post, number: str
) -> None:
    begin_sign_in(userkit, number)
    begin_reset(userkit, number)
    assert post.all() == []
    assert {row.kind for row in rows(kit, OutboxMessage)} == {"decoy"}


@on_each_database
@pytest.mark.parametrize("limit", ["sms:ip", "sms:number", "sms:day"])
def test_texts_are_counted_before_anybody_is_looked_for(
    make_app: MakeApp, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = {**NO_LIMITS, limit: "2/hour"}
    app = open_app(make_app, USERKIT_RATE_LIMITS=limits)
    with app.app_context():
        userkit: Kits = app.extensions["userkit"]
        userkit.users.create_user(phone_number=[ADA])
        answers = []
        for number in (ADA, NOBODY):
            userkit.kit.limits.clear({"sms:ip": "-", "sms:day": userkit.kit.base_url})
            token = begin_sign_in(userkit, number)
            begin_reset(userkit, number)
            before = everything(userkit.kit)
            with monkeypatch.context() as patch:
                patch.setattr(sign_in_look_up, "find", None)
                with refused("too_many_requests") as refusal:
                    begin_sign_in(userkit, number, token)
            grown = everything(userkit.kit)
            answers.append((refusal.message, {name: grown[name] - before[name] for name in grown}))
        assert answers[0] == answers[1]
        assert answers[0][1]["userkit_outbox_message"] == 0
        assert len(rows(userkit.kit, OutboxMessage, OutboxMessage.kind == "sms")) == 2


@pytest.mark.parametrize("known", [True, False])
def test_a_code_that_was_right_is_counted_all_the_same(make_app: MakeApp, known: bool) -> None:
    limits = {**NO_LIMITS, "sms:number": "3/hour"}
    app = open_app(make_app, USERKIT_RATE_LIMITS=limits)
    with app.app_context():
        userkit: Kits = app.extensions["userkit"]
        if known:
            userkit.users.create_user(phone_number=[ADA])
        for _ in range(3):
            token = begin_sign_in(userkit, ADA)
            if known:
                enter_sign_in_code(userkit, token, Post(userkit.kit).code(ADA))
        with refused("too_many_requests"):
            begin_sign_in(userkit, ADA)


@on_each_database
def test_five_guesses_are_looked_at_and_a_new_text_brings_no_more(
    userkit: Kits, kit: Kit, clock: Clock, post: Post, ada: User
) -> None:
    told = []
    for number in (ADA, NOBODY):
        token = begin_sign_in(userkit, number)
        said = []
        for left in range(4, -1, -1):
            if left == 2:
                clock.tick(30)
                resend_sign_in_code(userkit, token)
            with refused("form_code_incorrect", "code") as refusal:
                enter_sign_in_code(userkit, token, "000000")
            said.append(refusal.message)
        with refused("verification_failed", "code"):
            enter_sign_in_code(userkit, token, post.code(ADA))
        clock.tick(30)
        with refused("verification_failed", "code"):
            resend_sign_in_code(userkit, token)
        told.append(said)
    assert told[0] == told[1]
    assert count(kit, Verification, Verification.attempts > 5) == 0
