"""Adding an address that somebody has looks like adding a free one (B35), before and after."""

from __future__ import annotations

import re
import typing as t

import pytest
from flask import Flask

from flask_userkit import UserKit
from flask_userkit.models import OutboxMessage
from flask_userkit.models import User
from flask_userkit.models import Verification
from flask_userkit.services.identity import Identity
from flask_userkit.services.kit import Kit
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_address
from tests.rig.queries import count_queries
from tests.services.acts import Post
from tests.services.acts import sign_up
from tests.services.address_acts import CODE
from tests.services.address_acts import add
from tests.services.address_acts import link_of
from tests.services.address_acts import listed
from tests.services.address_acts import mails_to
from tests.services.address_acts import open_link
from tests.services.address_acts import resend
from tests.services.address_acts import somebody
from tests.services.address_acts import verify
from tests.services.support import everything
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
on_each_database = pytest.mark.usefixtures("backend")


#: How often an address was written to is counted for taken and free ones alike, and beforehand.
COUNTED = {"userkit_limit_hit"}


@pytest.fixture(params=["code", "link"])
def strategy(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def app(make_app: MakeApp, strategy: str) -> Flask:
    return make_app(USERKIT_OUTBOX="worker", USERKIT_EMAIL_VERIFICATION=strategy)


@pytest.fixture
def ada(userkit: Kits, post: Post) -> Identity:
    ada = somebody(userkit, post)
    # The first message of a process prepares statements that the later ones find ready.
    add(userkit, ada, new_address())
    return ada


def shapes(statements: list[str]) -> list[str]:
    return [re.sub(r"\s+", " ", statement) for statement in statements]


class Seen(t.NamedTuple):
    """What somebody could measure or count."""

    statements: list[str]
    rows: dict[str, int]
    shown: object


def seen(userkit: Kits, identity: Identity, act: t.Callable[[], object]) -> Seen:
    before = everything(userkit.kit)
    with count_queries() as queries:
        act()
    after = everything(userkit.kit)
    last = listed(userkit, identity)[-1]
    shown = last._replace(id="", email_address="", expire_at=None)
    return Seen(
        shapes(queries.statements),
        {name: after[name] - before[name] for name in after.keys() - COUNTED},
        shown,
    )


@on_each_database
def test_the_same_is_asked_written_and_shown(
    userkit: Kits, kit: Kit, post: Post, clock: Clock, ada: Identity
) -> None:
    free, taken = new_address(), sign_up(userkit, post).address
    added: dict[str, str] = {}

    def adding(address: str) -> Seen:
        return seen(userkit, ada, lambda: added.update({address: add(userkit, ada, address)}))

    assert adding(free) == adding(taken)
    clock.tick(30)
    again = [
        seen(userkit, ada, lambda address=address: resend(userkit, ada, added[address]))
        for address in (free, taken)
    ]
    assert again[0] == again[1]
    for address in (free, taken):
        for left in range(4, -1, -1):
            with refused("form_code_incorrect", "code") as refusal:
                verify(userkit, ada, added[address], CODE)
            told = f"{left} attempt" if left else "Ask for a new one in 10 minutes."
            assert told in refusal.message
        with refused("verification_failed", "code"):
            verify(userkit, ada, added[address], CODE)


@on_each_database
def test_the_owner_hears_of_it_at_their_own_spelling_and_nothing_is_sent_to_prove(
    userkit: Kits, post: Post, ada: Identity
) -> None:
    bea = sign_up(userkit, post, f"Bea.{new_address()}")
    known = len(post.all())
    add(userkit, ada, bea.address.lower())
    (notice,) = post.all()[: len(post.all()) - known]
    assert (notice.to, notice.code, notice.links) == (bea.address, None, [])
    assert bea.address in notice.text
    assert "nothing has changed" in notice.text


@on_each_database
def test_a_taken_address_cannot_be_taken_by_any_code_or_link(
    userkit: Kits, kit: Kit, post: Post, ada: Identity
) -> None:
    bea = sign_up(userkit, post)
    added = add(userkit, ada, bea.address)
    assert not any(
        link for mail in mails_to(post, bea.address) for link in mail.links if "?token" in link
    )
    decoys = [row for row in rows(kit, OutboxMessage) if row.kind == "decoy" and row.sent]
    assert decoys == []
    (row,) = [row for row in rows(kit, Verification) if row.email_address_id == added]
    digests = {kit.keys.mac("verification code", f"{row.id}:{n:06}") for n in range(1000)}
    assert row.code_digest not in digests


@on_each_database
def test_a_claim_looks_the_same_once_somebody_else_proves_the_address(
    userkit: Kits, kit: Kit, post: Post, clock: Clock, ada: Identity
) -> None:
    stays, goes = new_address(), new_address()
    ids = {address: add(userkit, ada, address) for address in (stays, goes)}

    def shown() -> list[object]:
        return [
            row._replace(id="", email_address="", expire_at=None, resend_in=0)
            for row in listed(userkit, ada)
            if row.id in ids.values()
        ]

    clock.tick(30)
    before = shown()
    sign_up(userkit, post, goes)
    assert shown() == before
    assert shown()[0] == shown()[1]
    for address in (stays, goes):
        with refused("form_code_incorrect", "code") as refusal:
            verify(userkit, ada, ids[address], CODE)
        assert "4 attempts left" in refusal.message
    again = [
        seen(userkit, ada, lambda address=address: resend(userkit, ada, ids[address]))
        for address in (stays, goes)
    ]
    assert again[0] == again[1]


def test_a_link_that_was_sent_before_is_worth_nothing_after(
    userkit: Kits, kit: Kit, post: Post, ada: Identity, strategy: str
) -> None:
    address = new_address()
    added = add(userkit, ada, address)
    mail = mails_to(post, address)[0]
    bea = somebody(userkit, post, address)
    (hers,) = [row for row in listed(userkit, bea) if row.email_address == address]
    userkit.email_addresses.delete(hers.id)
    if strategy == "link":
        with refused("verification_link_token_invalid"):
            open_link(userkit, link_of(mail))
    else:
        with refused("form_code_incorrect", "code"):
            verify(userkit, ada, added, mail.code or "")
    assert not any(row.verified for row in listed(userkit, ada) if row.id == added)
