"""Step-up by code: five guesses in ten minutes, and mail that nobody else can use up."""

from __future__ import annotations

import typing as t

import pytest

from flask_userkit import UserKit
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
        assert len(post.all()) == 2
        ask_to_reverify(userkit, let_in(userkit, other.id))
