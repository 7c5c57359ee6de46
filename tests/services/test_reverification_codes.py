"""Step-up by code: five guesses in ten minutes, and mail that nobody else can use up."""

from __future__ import annotations

import typing as t

import pytest

from flask_userkit import UserKit
from flask_userkit.models import Event
from flask_userkit.models import User
from flask_userkit.services import reverification
from flask_userkit.services.kit import Kit
from flask_userkit.services.sessions import SignedIn
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.services.acts import Post
from tests.services.acts import ask_to_reverify
from tests.services.acts import begin_sign_in
from tests.services.acts import begin_sign_up
from tests.services.acts import let_in
from tests.services.acts import reverify_by_code
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
on_each_database = pytest.mark.usefixtures("backend")
ADDRESS = "bea@example.com"


@pytest.fixture
def bea(userkit: Kits, clock: Clock) -> SignedIn:
    """Somebody without a password, who signed in an hour ago."""
    signed_in = let_in(userkit, userkit.users.create_user(email_address=[ADDRESS]).id)
    clock.tick(hours=1)
    return signed_in


def is_fresh(kit: Kit, who: SignedIn) -> bool:
    return reverification.is_fresh(kit, who)


def test_strangers_use_up_the_mail_of_an_address_and_not_of_a_session(
    userkit: Kits, kit: Kit, post: Post, bea: SignedIn
) -> None:
    for _ in range(3):
        begin_sign_in(userkit, ADDRESS)
    for _ in range(2):
        begin_sign_up(userkit, ADDRESS)
    for begin in (begin_sign_in, begin_sign_up):
        with refused("too_many_requests"):
            begin(userkit, ADDRESS)
    ask_to_reverify(userkit, bea)
    reverify_by_code(userkit, bea, post.code(ADDRESS))
    assert is_fresh(kit, bea)


def test_the_mail_of_an_account_is_limited_from_all_its_sessions(
    make_app: MakeApp, clock: Clock
) -> None:
    app = make_app(USERKIT_RATE_LIMITS={"message:account": "2/hour"}, USERKIT_OUTBOX="worker")
    with app.app_context():
        userkit = t.cast(Kits, app.extensions["userkit"])
        userkit.clock = clock
        post = Post(userkit.kit)
        bea, other = (
            userkit.users.create_user(email_address=[address])
            for address in (ADDRESS, "other@example.com")
        )
        for _ in range(2):
            ask_to_reverify(userkit, let_in(userkit, bea.id))
        who = let_in(userkit, bea.id)
        with refused("too_many_requests"):
            ask_to_reverify(userkit, who)
        assert len([mail for mail in post.all() if mail.code]) == 2
        ask_to_reverify(userkit, let_in(userkit, other.id))


def wrong(code: str, by: int = 1) -> str:
    return f"{(int(code) + by) % 10**6:06}"


def failures(kit: Kit) -> list[str]:
    name = "session.reverification_failed"
    return [row.data["strategy"] for row in rows(kit, Event, Event.name == name)]


@on_each_database
def test_codes_are_guessed_five_times_also_when_another_is_asked_for(
    userkit: Kits, kit: Kit, clock: Clock, post: Post, bea: SignedIn
) -> None:
    ask_to_reverify(userkit, bea)
    with refused("verification_code_too_many_requests") as refusal:
        ask_to_reverify(userkit, bea)
    assert refusal.retry_after == 30
    code = post.code(ADDRESS)
    with refused("form_param_format_invalid", "code"):
        reverify_by_code(userkit, bea, "12345")
    for turn in range(3):
        with refused("form_code_incorrect", "code"):
            reverify_by_code(userkit, bea, wrong(code, turn + 1))
    clock.tick(30)
    ask_to_reverify(userkit, bea)
    newer = post.code(ADDRESS)
    assert newer != code
    for turn in range(2):
        with refused("form_code_incorrect", "code"):
            reverify_by_code(userkit, bea, wrong(newer, turn + 1))
    with refused("verification_failed", "code"):
        reverify_by_code(userkit, bea, newer)
    assert not is_fresh(kit, bea)
    assert failures(kit) == ["email_code"] * 5


@on_each_database
def test_new_guesses_come_with_time_and_not_with_another_code(
    userkit: Kits, kit: Kit, clock: Clock, post: Post, bea: SignedIn
) -> None:
    ask_to_reverify(userkit, bea)
    code = post.code(ADDRESS)
    for turn in range(4):
        with refused("form_code_incorrect", "code"):
            reverify_by_code(userkit, bea, wrong(code, turn + 1))
    with refused("form_code_incorrect", "code") as refusal:
        reverify_by_code(userkit, bea, wrong(code, 5))
    assert refusal.message == (
        "That code is not right, and it was the last attempt. Ask for a new one in 10 minutes."
    )
    for seconds, minutes in ((30, 10), (450, 2), (119, 1)):
        clock.tick(seconds)
        for again in (
            lambda: ask_to_reverify(userkit, bea),
            lambda: reverify_by_code(userkit, bea, code),
        ):
            with refused("verification_failed", "code") as refusal:
                again()
            wait = "1 minute" if minutes == 1 else f"{minutes} minutes"
            assert refusal.message == (
                f"There were too many attempts. Ask for a new code in {wait}."
            )
    assert refusal.retry_after == 1
    assert (len(post.all()), is_fresh(kit, bea)) == (1, False)
    clock.tick(1)
    ask_to_reverify(userkit, bea)
    reverify_by_code(userkit, bea, post.code(ADDRESS))
    assert is_fresh(kit, bea)
