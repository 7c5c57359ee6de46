"""Guesses at codes: counted on, whatever is removed, added or sent between."""

from __future__ import annotations

import itertools

import pytest
from flask import Flask

from flask_userkit import UserKit
from flask_userkit.models import User
from flask_userkit.models import Verification
from flask_userkit.services.identifier_kinds import IdentifierKind
from flask_userkit.services.identity import Identity
from flask_userkit.services.kit import Caller
from flask_userkit.services.kit import Kit
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.services.acts import Post
from tests.services.address_acts import add
from tests.services.address_acts import confirm
from tests.services.address_acts import remove
from tests.services.address_acts import somebody
from tests.services.address_acts import verify
from tests.services.kinds import UNLIMITED
from tests.services.kinds import api_of
from tests.services.kinds import each_kind
from tests.services.kinds import new_of
from tests.services.kinds import respelled
from tests.services.kinds import settings_of
from tests.services.support import count
from tests.services.support import refused

Kits = UserKit[User]
pytestmark = [pytest.mark.usefixtures("backend"), each_kind]


@pytest.fixture
def app(make_app: MakeApp, kind: IdentifierKind) -> Flask:
    return make_app(USERKIT_OUTBOX="worker", **settings_of(kind))


@pytest.fixture
def ada(userkit: Kits, post: Post, kind: IdentifierKind) -> Identity:
    return somebody(userkit, post, kind=kind)


def wrong(code: str, by: int = 1) -> str:
    """Return a code that is not the one."""
    return f"{(int(code) + by) % 10**6:06}"


def newest_code(post: Post) -> str:
    """Return the newest code, however the address that it was sent to is spelled."""
    return next(mail.code for mail in post.all() if mail.code)


@pytest.mark.parametrize("who_removes", ["person", "app"])
def test_removing_and_adding_again_brings_no_new_guesses(
    userkit: Kits,
    kit: Kit,
    post: Post,
    clock: Clock,
    ada: Identity,
    who_removes: str,
    kind: IdentifierKind,
) -> None:
    value = new_of(kind)
    # Another spelling of it is the same mailbox or phone, and the same guesses.
    spellings = [value, respelled(kind, value), value.title()]
    for number, guesses in enumerate((2, 2, 1)):
        added = add(userkit, ada, spellings[number], kind)
        for guess in range(guesses):
            with refused("form_code_incorrect", "code"):
                verify(userkit, ada, added, wrong(newest_code(post), guess + 1), kind)
        if who_removes == "app":
            api_of(userkit, kind).delete(added)
        else:
            remove(userkit, ada, added, kind)
    clock.tick(60)
    with refused("verification_failed", "code") as refusal:
        add(userkit, ada, value, kind)
    assert refusal.retry_after == 9 * 60
    assert "in 9 minutes" in refusal.message
    bea = somebody(userkit, post, kind=kind)
    hers = add(userkit, bea, value, kind)
    verify(userkit, bea, hers, post.code(value), kind)
    userkit.users.delete_user(bea.user_id)
    assert count(kit, Verification, Verification.user_id == bea.user_id) == 0
    clock.tick(9 * 60)
    confirm(userkit, ada)
    verify(userkit, ada, add(userkit, ada, value, kind), post.code(value), kind)


LIMITED = {**UNLIMITED, "verification:account": "6/10 minutes"}


def test_an_account_guesses_so_often_however_many_addresses_and_networks_it_has(
    make_app: MakeApp, kind: IdentifierKind
) -> None:
    app = make_app(**{**settings_of(kind), "USERKIT_RATE_LIMITS": LIMITED}, USERKIT_OUTBOX="worker")
    with app.app_context():
        userkit: Kits = app.extensions["userkit"]
        userkit.clock = clock = Clock()
        post = Post(userkit.kit)
        ada, bea = somebody(userkit, post, kind=kind), somebody(userkit, post, kind=kind)
        networks = itertools.count(1)
        userkit.kit.caller = lambda: Caller(ip_address=f"192.0.2.{next(networks)}")
        sent = [
            (add(userkit, ada, value, kind), value) for value in (new_of(kind) for _ in range(4))
        ]
        verify(userkit, ada, sent[0][0], post.code(sent[0][1]), kind)
        for malformed in ("", "12345") * 4:
            with refused("form_param_format_invalid", "code"):
                verify(userkit, ada, sent[1][0], malformed, kind)
        for guess in range(6):
            added, value = sent[1 + guess % 3]
            with refused("form_code_incorrect", "code"):
                verify(userkit, ada, added, wrong(post.code(value), guess + 1), kind)
        with refused("too_many_requests"):
            verify(userkit, ada, sent[3][0], post.code(sent[3][1]), kind)
        hers = new_of(kind)
        verify(userkit, bea, add(userkit, bea, hers, kind), post.code(hers), kind)
        clock.tick(minutes=9, seconds=59)
        with refused("too_many_requests"):
            verify(userkit, ada, sent[3][0], post.code(sent[3][1]), kind)
