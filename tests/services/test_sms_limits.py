"""Nobody runs up a bill: each text that is asked for is counted, and so are those of all."""

from __future__ import annotations

import typing as t
from functools import partial

import pytest
from flask import Flask

from flask_userkit import UserKit
from flask_userkit.errors import RateLimitError
from flask_userkit.models import Event
from flask_userkit.models import LimitHit
from flask_userkit.models import User
from flask_userkit.services import sms_limits
from flask_userkit.services.kit import Caller
from flask_userkit.services.kit import Kit
from flask_userkit.services.limits import DEFAULTS
from flask_userkit.services.limits import caller_range
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.services.support import count
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
NUMBER = "+4915112345678"
SMALL = {"sms:ip": "4/hour", "sms:number": "3/hour", "sms:account": "2/hour", "sms:day": "6/day"}


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(USERKIT_RATE_LIMITS=SMALL, USERKIT_OUTBOX="worker")


def ask(
    kit: Kit, number: int = 0, *, account: str | None = None, address: str = "192.0.2.1"
) -> None:
    """Ask for a text to a number, from an address of the net."""
    kit.caller = lambda: Caller(ip_address=address)
    kit.limits.hit(sms_limits.keys(kit, f"+491511234567{number}", account))


@pytest.mark.usefixtures("backend")
def test_one_number_gets_so_many_whoever_asks(kit: Kit) -> None:
    for each in range(3):
        ask(kit, address=f"192.0.{each}.1")
    with refused("too_many_requests") as refusal:
        ask(kit, address="192.0.9.1")
    assert 0 < (refusal.retry_after or 0) <= 3600
    ask(kit, 1)


@pytest.mark.usefixtures("backend")
def test_one_range_of_addresses_asks_for_so_many(kit: Kit) -> None:
    for each in range(4):
        ask(kit, each, address=f"192.0.2.{each}")
    with refused("too_many_requests"):
        ask(kit, 5, address="192.0.2.255")
    ask(kit, 5, address="192.0.3.0")


@pytest.mark.usefixtures("backend")
def test_one_account_asks_for_so_many_from_anywhere(kit: Kit) -> None:
    for each in range(2):
        ask(kit, each, account="user_1", address=f"192.0.{each}.1")
    with refused("too_many_requests"):
        ask(kit, 2, account="user_1", address="192.0.3.1")
    ask(kit, 2, account="user_2", address="192.0.3.1")


@pytest.mark.usefixtures("backend")
def test_the_day_of_the_app_ends_whoever_asks_and_the_audit_trail_has_it(
    userkit: Kits, kit: Kit, clock: Clock
) -> None:
    for each in range(6):
        ask(kit, each, address=f"192.0.{each}.1")
    with pytest.raises(RateLimitError) as caught, userkit.transaction():
        ask(kit, 7, address="192.0.7.1")
    assert caught.value.retry_after == 86400
    (audited,) = rows(kit, Event)
    assert (audited.name, audited.data) == ("limit.reached", {"purpose": "sms:day"})
    clock.tick(86400)
    ask(kit, 7, address="192.0.7.1")


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize(
    ("allowed", "counted"),
    [
        ({"sms:ip": "1/hour"}, {"sms:ip": 3, "sms:number": 1, "sms:account": 1, "sms:day": 1}),
        ({"sms:number": "1/hour"}, {"sms:ip": 3, "sms:number": 3, "sms:account": 1, "sms:day": 1}),
        ({"sms:account": "1/hour"}, {"sms:ip": 3, "sms:number": 3, "sms:account": 3, "sms:day": 1}),
        ({"sms:day": "1/day"}, {"sms:ip": 3, "sms:number": 3, "sms:account": 3, "sms:day": 3}),
    ],
    ids=lambda value: next(iter(value)) if len(value) == 1 else "",
)
def test_what_is_refused_leaves_the_later_ones_uncounted(
    make_app: MakeApp, allowed: dict[str, str], counted: dict[str, int]
) -> None:
    limits = {**dict.fromkeys(SMALL, "100/hour"), **allowed}
    app = make_app(USERKIT_RATE_LIMITS=limits, USERKIT_OUTBOX="worker")
    with app.app_context():
        kit = t.cast(Kit, app.extensions["userkit"].kit)
        ask(kit, account="user_1")
        for _ in range(2):
            with refused("too_many_requests"):
                ask(kit, account="user_1")
        found = sorted(row.hits for row in rows(kit, LimitHit))
    assert found == sorted(counted.values())


def test_the_order_of_counting_is_that_of_the_table() -> None:
    asked = [name for name in DEFAULTS if name.startswith("sms:") and name != "sms:notice"]
    assert asked == list(SMALL)


def test_a_text_for_nobody_in_particular_counts_for_no_account(kit: Kit) -> None:
    assert set(sms_limits.keys(kit, NUMBER)) == set(SMALL) - {"sms:account"}
    assert set(sms_limits.keys(kit, NUMBER, "user_1")) == set(SMALL)
    ask(kit)
    assert count(kit, LimitHit) == 3


def test_apps_that_count_in_one_place_have_days_of_their_own(make_app: MakeApp) -> None:
    days = set()
    for base_url in ("https://a.example", "https://b.example"):
        app = make_app(USERKIT_BASE_URL=base_url, USERKIT_OUTBOX="worker")
        with app.app_context():
            days.add(sms_limits.keys(app.extensions["userkit"].kit, NUMBER)["sms:day"])
    assert len(days) == 2


RANGES: list[list[str | None]] = [
    ["192.0.2.7", "192.0.2.255", "::ffff:192.0.2.9"],
    ["192.0.3.7"],
    ["2001:db8:1:2::1", "2001:DB8:1:ffff::1"],
    ["2001:db8:2:2::1"],
    ["c000:2::", "c000:2:0:1::"],
    ["fe80::1%eth0", "fe80::2%eth1"],
    [None, "", "unix:", "not an address", "\0"],
]


def test_an_address_counts_as_its_range(kit: Kit) -> None:
    counted: list[str] = []
    for addresses in RANGES:
        names = set()
        for address in addresses:
            kit.caller = partial(Caller, ip_address=address)
            names.add(caller_range(kit))
        assert len(names) == 1, addresses
        counted += names
    assert len(set(counted)) == len(RANGES)
