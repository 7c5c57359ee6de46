"""Everything that guesses, sends or hashes is counted, for each one it is counted for."""

from __future__ import annotations

import typing as t
from functools import partial

import pytest
from flask import Flask
from limits import parse_many
from sqlalchemy import event

from flask_userkit import UserKit
from flask_userkit import UserKitError
from flask_userkit.errors import RateLimitError
from flask_userkit.errors import SetupError
from flask_userkit.models import Event
from flask_userkit.models import LimitHit
from flask_userkit.models import User
from flask_userkit.services.kit import Caller
from flask_userkit.services.kit import Kit
from flask_userkit.services.limits import DEFAULTS
from flask_userkit.services.limits import caller_network
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_address
from tests.rig.people import new_password
from tests.services.acts import begin_sign_in
from tests.services.acts import begin_sign_up
from tests.services.acts import sign_in
from tests.services.support import count
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
SMALL = {"sign_in:account": "3/minute; 5/hour"}


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(USERKIT_RATE_LIMITS=SMALL, USERKIT_OUTBOX="worker")


def hit(kit: Kit, key: str = "ada", times: int = 1) -> None:
    for _ in range(times):
        kit.limits.hit({"sign_in:account": key})


@pytest.mark.usefixtures("backend")
def test_a_window_takes_so_many_and_ends_by_the_clock(kit: Kit, clock: Clock) -> None:
    hit(kit, times=3)
    clock.tick(59)
    for _ in range(2):
        with refused("too_many_requests") as refusal:
            hit(kit)
        assert refusal.retry_after == 1
        assert "1 second" in refusal.message
    hit(kit, "bea")
    clock.tick(1)
    clock.tick(60)
    with refused("too_many_requests") as refusal:
        hit(kit, times=3)
    assert refusal.retry_after == 3600 - 120
    assert "58 minutes" in refusal.message
    clock.tick(3600 - 120)
    hit(kit, times=3)


@pytest.mark.usefixtures("backend")
def test_a_success_takes_back_its_own_hit_and_no_other(kit: Kit, clock: Clock) -> None:
    assert clock()
    hit(kit, times=2)
    kit.limits.hit({"sign_in:account": "ada"}).forgive()
    kit.limits.hit({"sign_in:account": "bea"}).forgive()
    hit(kit)
    with refused("too_many_requests"):
        hit(kit)


def test_a_success_takes_its_hit_back_from_every_count_also_one_that_is_full(kit: Kit) -> None:
    begun = kit.limits.hit({"sign_in:account": "ada"})
    hit(kit, times=2)
    with refused("too_many_requests"):
        hit(kit)
    begun.forgive()
    assert sorted(row.hits for row in rows(kit, LimitHit)) == [2, 3]


def test_a_hit_of_a_window_that_is_over_takes_nothing_from_the_next(kit: Kit, clock: Clock) -> None:
    forgiven = kit.limits.hit({"sign_in:account": "ada"})
    clock.tick(3600)
    forgiven.forgive()
    hit(kit, times=3)
    with refused("too_many_requests"):
        hit(kit)


@pytest.mark.usefixtures("backend")
def test_what_is_refused_first_is_not_counted_for_the_rest(make_app: MakeApp) -> None:
    limits = {"sign_in:ip": "2/hour", "sign_in:account_ip": "9/hour", "sign_in:account": "4/hour"}
    app = make_app(USERKIT_RATE_LIMITS=limits, USERKIT_OUTBOX="worker")
    purposes = {"sign_in:account": "ada", "sign_in:account_ip": "ada -", "sign_in:ip": "stranger"}
    with app.app_context():
        kit = t.cast(Kit, app.extensions["userkit"].kit)
        outcomes = [outcome(lambda: kit.limits.hit(purposes)) for _ in range(20)]
        assert outcomes == ["taken"] * 2 + ["too_many_requests"] * 18
        assert sorted(row.hits for row in rows(kit, LimitHit)) == [2, 2, 20]
        outcomes = [outcome(lambda: hit(kit)) for _ in range(3)]
    assert outcomes == ["taken"] * 2 + ["too_many_requests"]


@pytest.mark.usefixtures("backend")
def test_counting_is_one_transaction_and_so_is_taking_it_back(kit: Kit) -> None:
    purposes = {"sign_in:ip": "-", "sign_in:account_ip": "ada -", "sign_in:account": "ada"}
    committed: list[object] = []
    event.listen(kit.database.engine, "commit", committed.append)
    attempt = kit.limits.hit(purposes)
    assert count(kit, LimitHit) == 5
    assert len(committed) == 1
    attempt.forgive()
    assert len(committed) == 2


def test_a_refusal_is_audited_and_the_counter_names_nobody(kit: Kit, userkit: Kits) -> None:
    with pytest.raises(RateLimitError), userkit.transaction():
        hit(kit, "ada@example.com", times=4)
    (audited,) = rows(kit, Event)
    assert (audited.name, audited.data) == ("limit.reached", {"purpose": "sign_in:account"})
    with kit.database.reading() as connection:
        keys = connection.exec_driver_sql("SELECT key FROM userkit_limit_hit").scalars().all()
    assert [len(key) for key in keys] == [32, 32]
    assert not any(b"ada" in key for key in keys)


@pytest.mark.usefixtures("backend")
def test_of_who_is_signed_in_it_is_written_down_who_met_a_limit(kit: Kit, userkit: Kits) -> None:
    user = userkit.users.create_user(email_address=["ada@example.com"])
    kit.caller = lambda: Caller(user_id=user.id)
    of_themselves = {"password:account", "data_export:account", "username:account"}
    for purpose in (*of_themselves, "sign_in:account"):
        (first, *_) = parse_many(DEFAULTS[purpose])
        with refused("too_many_requests"), userkit.transaction():
            for _ in range(first.amount + 1):
                kit.limits.hit({purpose: user.id})
    met = rows(kit, Event, Event.name == "limit.reached")
    assert {row.data["purpose"] for row in met if row.user_id == user.id} == of_themselves
    assert [row.data["purpose"] for row in met if row.user_id is None] == ["sign_in:account"]


@pytest.mark.parametrize("purpose", DEFAULTS)
def test_each_purpose_has_its_limit(make_app: MakeApp, purpose: str) -> None:
    (first, *_) = parse_many(DEFAULTS[purpose])
    app = make_app()
    with app.app_context():
        kit = t.cast(Kit, app.extensions["userkit"].kit)
        for _ in range(first.amount):
            kit.limits.hit({purpose: "somebody"})
        with refused("too_many_requests") as refusal:
            kit.limits.hit({purpose: "somebody"})
    assert refusal.retry_after is not None
    assert 0 < refusal.retry_after <= first.get_expiry()


NETWORKS: list[list[str | None]] = [
    ["192.0.2.7", "::ffff:192.0.2.7", "::ffff:c000:207"],
    ["192.0.2.8"],
    ["2001:db8:1:2::1", "2001:DB8:1:2:ffff:ffff:ffff:ffff"],
    ["2001:db8:1:3::1"],
    ["fe80::1%eth0", "fe80::2%eth1", "fe80::3"],
    ["::1"],
    [None, "", "unix:", "not an address", "\0"],
]


def test_an_address_counts_as_its_network(kit: Kit) -> None:
    counted: list[str] = []
    for addresses in NETWORKS:
        names = set()
        for address in addresses:
            kit.caller = partial(Caller, ip_address=address)
            names.add(caller_network(kit))
        assert len(names) == 1, addresses
        counted += names
    assert len(set(counted)) == len(NETWORKS)


CALLS: dict[str, tuple[str, t.Callable[[Kits, int], object]]] = {
    "sign_in:ip": ("30", lambda kits, n: sign_in(kits, f"user{n}", "not it")),
    "sign_in:account": ("10", lambda kits, n: sign_in(kits, "ada_1815", "not it")),
    "sign_in:account_ip": ("10", lambda kits, n: sign_in(kits, "ADA_1815 ", "not it")),
    "sign_up:ip": ("20", lambda kits, n: begin_sign_up(kits, new_address())),
    "message:ip": ("20", lambda kits, n: begin_sign_in(kits, f"user{n}")),
    "message:address": ("5", lambda kits, n: begin_sign_in(kits, "Ada@example.com")),
}


@pytest.mark.parametrize("purpose", CALLS)
def test_each_call_is_counted_under_its_purpose(make_app: MakeApp, purpose: str) -> None:
    number, call = CALLS[purpose]
    others = dict.fromkeys(DEFAULTS.keys() - {purpose}, "1000/minute")
    app = make_app(USERKIT_RATE_LIMITS={**others, purpose: "4/hour"}, USERKIT_OUTBOX="worker")
    with app.app_context():
        userkit = t.cast(Kits, app.extensions["userkit"])
        networks = iter(range(1000))
        if not purpose.endswith("ip"):
            userkit.kit.caller = lambda: Caller(ip_address=f"192.0.2.{next(networks) % 250}")
        codes = [outcome(partial(call, userkit, n)) for n in range(6)]
    assert number == DEFAULTS[purpose].partition("/")[0]
    refusal = "user_locked" if "sign_in:account" in purpose else "too_many_requests"
    assert codes[:4].count(refusal) == 0
    assert codes[4:] == [refusal] * 2


def outcome(call: t.Callable[[], object]) -> str:
    try:
        call()
    except UserKitError as error:
        return error.code
    return "taken"


def test_a_stranger_s_failures_do_not_lock_the_owner_out(userkit: Kits, kit: Kit) -> None:
    password = new_password()
    userkit.users.create_user(username="ada_1815", password=password)
    kit.caller = lambda: Caller(ip_address="192.0.2.66")
    for _ in range(2):
        with refused("form_password_or_identifier_incorrect"):
            sign_in(userkit, "ada_1815", "not the password")
    kit.caller = lambda: Caller(ip_address="192.0.2.1")
    for _ in range(5):
        sign_in(userkit, "ada_1815", password)


@pytest.mark.parametrize(
    "limits",
    [
        {"sign_in:nobody": "1/minute"},
        {"sign_in:ip": "often"},
        {"sign_in:ip": ""},
        {"sign_in:ip": 5},
    ],
)
def test_a_limit_that_means_nothing_is_refused_at_the_start(
    make_app: MakeApp, limits: t.Any
) -> None:
    with pytest.raises(SetupError, match="USERKIT_RATE_LIMITS"):
        make_app(USERKIT_RATE_LIMITS=limits)


def test_counters_are_one_row_each(kit: Kit) -> None:
    for _ in range(3):
        hit(kit)
    assert count(kit, LimitHit) == 2
