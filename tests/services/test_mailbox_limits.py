"""Mail to one mailbox is counted together, whatever follows a plus sign in its address."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from flask import Flask

from flask_userkit import UserKit
from flask_userkit.models import User
from flask_userkit.services.kit import Caller
from flask_userkit.services.kit import Kit
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_address
from tests.services.acts import Post
from tests.services.acts import begin_sign_in
from tests.services.acts import begin_sign_up
from tests.services.address_acts import add
from tests.services.address_acts import resend
from tests.services.address_acts import somebody
from tests.services.support import refused

Kits = UserKit[User]
Send = Callable[[Kits, Post, str], object]


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(USERKIT_OUTBOX="worker", USERKIT_RATE_LIMITS={"message:address": "3/hour"})


@pytest.fixture(autouse=True)
def many_networks(kit: Kit) -> None:
    networks = itertools.count(1)
    kit.caller = lambda: Caller(ip_address=f"192.0.2.{next(networks)}")


def subaddress(address: str, tag: object) -> str:
    local, _at, domain = address.partition("@")
    return f"{local}+{tag}@{domain}"


SENDERS: dict[str, Send] = {
    "add": lambda userkit, post, address: add(userkit, somebody(userkit, post), address),
    "sign up": lambda userkit, _post, address: begin_sign_up(userkit, address),
    "sign in": lambda userkit, _post, address: begin_sign_in(userkit, address),
}


@pytest.mark.parametrize("way", SENDERS)
def test_the_tags_of_a_mailbox_count_together(userkit: Kits, post: Post, way: str) -> None:
    victim = new_address()
    for tag in ("0", "1", "1+2"):
        SENDERS[way](userkit, post, subaddress(victim, tag))
    for address in (victim, subaddress(victim.upper(), "3")):
        with refused("too_many_requests"):
            SENDERS[way](userkit, post, address)
    SENDERS[way](userkit, post, f"x{victim}")


def test_so_does_what_is_sent_again(userkit: Kits, post: Post, clock: Clock) -> None:
    victim = new_address()
    ada = somebody(userkit, post)
    added = [add(userkit, ada, subaddress(victim, tag)) for tag in range(2)]
    clock.tick(31)
    resend(userkit, ada, added[0])
    with refused("too_many_requests"):
        resend(userkit, ada, added[1])
    with refused("too_many_requests"):
        begin_sign_up(userkit, subaddress(victim, "sign-up"))
