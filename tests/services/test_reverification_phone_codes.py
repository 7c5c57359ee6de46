"""Step-up by a code to the phone: for who has nothing stronger, and counted as it costs."""

from __future__ import annotations

from contextlib import suppress

import pytest
from flask import Flask

from flask_userkit import UserKit
from flask_userkit.errors import RateLimitError
from flask_userkit.models import Event
from flask_userkit.models import User
from flask_userkit.services import reverification
from flask_userkit.services import reverification_attempts
from flask_userkit.services.kit import Kit
from flask_userkit.services.phone_numbers import PHONE_NUMBER
from flask_userkit.services.sessions import SignedIn
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.services.acts import PASSWORD
from tests.services.acts import Post
from tests.services.acts import ask_to_reverify
from tests.services.acts import begin_sign_in
from tests.services.acts import let_in
from tests.services.acts import reverify
from tests.services.acts import reverify_by_code
from tests.services.kinds import UNLIMITED
from tests.services.kinds import settings_of
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
pytestmark = pytest.mark.usefixtures("backend")
NUMBER = "+4915123456789"
WEAKER = "strategy_disabled"


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    limits = UNLIMITED | {"sms:account": "3/hour", "sms:number": "1/hour"}
    settings = {**settings_of(PHONE_NUMBER), "USERKIT_RATE_LIMITS": limits}
    return make_app(USERKIT_OUTBOX="worker", **settings)


@pytest.fixture
def bea(userkit: Kits, clock: Clock) -> SignedIn:
    """Somebody with a number alone, who signed in an hour ago."""
    signed_in = let_in(userkit, userkit.users.create_user(phone_number=[NUMBER]).id)
    clock.tick(hours=1)
    return signed_in


def is_fresh(kit: Kit, who: SignedIn) -> bool:
    return reverification.is_fresh(kit, who)


def offer(kit: Kit, who: SignedIn) -> tuple[str | None, str | None, bool]:
    found = reverification_attempts.offer(kit, who)
    return found.strategy, found.address, found.sent_at is not None


def test_who_has_a_number_alone_is_offered_a_code_to_it_and_proves_themselves(
    userkit: Kits, kit: Kit, post: Post, clock: Clock, bea: SignedIn
) -> None:
    assert offer(kit, bea) == ("phone_code", "+49 1512 3456789", False)
    with refused("verification_expired"):
        reverify_by_code(userkit, bea, "000000")
    ask_to_reverify(userkit, bea)
    assert offer(kit, bea) == ("phone_code", "+49 1512 3456789", True)
    with refused("verification_code_too_many_requests") as refusal:
        ask_to_reverify(userkit, bea)
    assert refusal.retry_after == 30
    first = post.code(NUMBER)
    with refused("form_code_incorrect", "code"):
        reverify_by_code(userkit, bea, f"{(int(first) + 1) % 10**6:06}")
    clock.tick(30)
    ask_to_reverify(userkit, bea)
    assert not is_fresh(kit, bea)
    reverify_by_code(userkit, bea, post.code(NUMBER))
    assert is_fresh(kit, bea)
    name = Event.name == "session.reverification_failed"
    assert [row.data["strategy"] for row in rows(kit, Event, name)] == ["phone_code"]
    assert {message.kind for message in post.all()} == {"sms"}


def test_its_texts_are_counted_with_all_others_to_the_account(
    userkit: Kits, kit: Kit, post: Post, bea: SignedIn
) -> None:
    others = [let_in(userkit, bea.user_id) for _ in range(3)]
    ask_to_reverify(userkit, bea)
    for other in others[:2]:
        ask_to_reverify(userkit, other)
    with refused("too_many_requests"):
        ask_to_reverify(userkit, others[2])
    assert len([text for text in post.all() if text.code]) == 3


def test_a_code_to_sign_in_proves_nobody_to_be_themselves(
    userkit: Kits, kit: Kit, post: Post, bea: SignedIn
) -> None:
    ask_to_reverify(userkit, bea)
    mine = post.code(NUMBER)
    begin_sign_in(userkit, NUMBER)
    other = post.code(NUMBER)
    if other != mine:
        with refused("form_code_incorrect", "code"):
            reverify_by_code(userkit, bea, other)
    assert not is_fresh(kit, bea)


def test_an_address_is_asked_in_place_of_the_number(
    userkit: Kits, kit: Kit, post: Post, clock: Clock, bea: SignedIn
) -> None:
    ask_to_reverify(userkit, bea)
    code = post.code(NUMBER)
    userkit.email_addresses.create(bea.user_id, "bea@example.com", verified=True)
    assert offer(kit, bea)[:2] == ("email_code", "bea@example.com")
    clock.tick(30)
    ask_to_reverify(userkit, bea)
    newer = post.code("bea@example.com")
    if code != newer:
        with refused("form_code_incorrect", "code"):
            reverify_by_code(userkit, bea, code)
    assert not is_fresh(kit, bea)
    reverify_by_code(userkit, bea, newer)
    assert is_fresh(kit, bea)


def test_who_has_a_password_proves_themselves_by_it_and_by_no_text(
    userkit: Kits, kit: Kit, post: Post, clock: Clock
) -> None:
    ada = userkit.users.create_user(phone_number=[NUMBER], password=PASSWORD)
    who = let_in(userkit, ada.id)
    clock.tick(hours=1)
    assert offer(kit, who) == ("password", None, False)
    with refused(WEAKER):
        ask_to_reverify(userkit, who)
    with refused(WEAKER):
        reverify_by_code(userkit, who, "000000")
    assert post.all() == []
    reverify(userkit, who, PASSWORD)
    assert is_fresh(kit, who)


def test_a_code_to_a_number_that_is_no_longer_the_primary_one_proves_nothing(
    userkit: Kits, kit: Kit, post: Post, bea: SignedIn
) -> None:
    ask_to_reverify(userkit, bea)
    code = post.code(NUMBER)
    row = userkit.users.get_user(bea.user_id).phone_numbers[0]
    userkit.phone_numbers.update(row.id, verified=False)
    assert offer(kit, bea) == (None, None, False)
    with refused(WEAKER):
        reverify_by_code(userkit, bea, code)
    assert not is_fresh(kit, bea)


def test_what_strangers_ask_for_at_the_number_does_not_keep_its_owner_from_confirming(
    userkit: Kits, kit: Kit, bea: SignedIn
) -> None:
    for _ in range(2):
        with suppress(RateLimitError):
            kit.limits.hit({"sms:number": NUMBER})
    ask_to_reverify(userkit, bea)
    assert offer(kit, bea)[2]
