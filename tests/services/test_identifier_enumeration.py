"""Adding what somebody has looks like adding what is free (B35), before and after."""

from __future__ import annotations

import re
import typing as t
from functools import partial

import pytest
from flask import Flask

from flask_userkit import UserKit
from flask_userkit.models import OutboxMessage
from flask_userkit.models import User
from flask_userkit.models import Verification
from flask_userkit.services.email_addresses import EMAIL_ADDRESS
from flask_userkit.services.identifier_kinds import IdentifierKind
from flask_userkit.services.identity import Identity
from flask_userkit.services.kit import Kit
from flask_userkit.services.phone_numbers import PHONE_NUMBER
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
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
from tests.services.kinds import api_of
from tests.services.kinds import new_of
from tests.services.kinds import respelled
from tests.services.kinds import settings_of
from tests.services.support import everything
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
on_each_database = pytest.mark.usefixtures("backend")


#: How often one was written to is counted for taken and free ones alike, and beforehand.
COUNTED = {"userkit_limit_hit"}


pytestmark = pytest.mark.parametrize(
    ("kind", "strategy"),
    [(EMAIL_ADDRESS, "code"), (EMAIL_ADDRESS, "link"), (PHONE_NUMBER, "code")],
    ids=["email code", "email link", "phone code"],
)


@pytest.fixture
def app(make_app: MakeApp, kind: IdentifierKind, strategy: str) -> Flask:
    settings = {"USERKIT_OUTBOX": "worker", "USERKIT_EMAIL_VERIFICATION": strategy}
    return make_app(**settings, **settings_of(kind))


@pytest.fixture
def ada(userkit: Kits, post: Post, kind: IdentifierKind) -> Identity:
    ada = somebody(userkit, post, kind=kind)
    # The first message of a process prepares statements that the later ones find ready.
    add(userkit, ada, new_of(kind), kind)
    return ada


def shapes(statements: list[str]) -> list[str]:
    return [re.sub(r"\s+", " ", statement) for statement in statements]


class Seen(t.NamedTuple):
    """What somebody could measure or count."""

    statements: list[str]
    rows: dict[str, int]
    shown: object


def seen(
    userkit: Kits, kind: IdentifierKind, identity: Identity, act: t.Callable[[], object]
) -> Seen:
    before = everything(userkit.kit)
    with count_queries() as queries:
        act()
    after = everything(userkit.kit)
    last = listed(userkit, identity, kind)[-1]
    shown = last._replace(id="", value="", expire_at=None)
    return Seen(
        shapes(queries.statements),
        {name: after[name] - before[name] for name in after.keys() - COUNTED},
        shown,
    )


@on_each_database
def test_the_same_is_asked_written_and_shown(
    userkit: Kits, kit: Kit, post: Post, clock: Clock, ada: Identity, kind: IdentifierKind
) -> None:
    free, taken = new_of(kind), sign_up(userkit, post, new_of(kind)).address
    added: dict[str, str] = {}

    def adding(value: str) -> Seen:
        return seen(
            userkit, kind, ada, lambda: added.update({value: add(userkit, ada, value, kind)})
        )

    assert adding(free) == adding(taken)
    clock.tick(30)
    again = [
        seen(userkit, kind, ada, partial(resend, userkit, ada, added[value], kind))
        for value in (free, taken)
    ]
    assert again[0] == again[1]
    for value in (free, taken):
        for left in range(4, -1, -1):
            with refused("form_code_incorrect", "code") as refusal:
                verify(userkit, ada, added[value], CODE, kind)
            told = f"{left} attempt" if left else "Ask for a new one in 10 minutes."
            assert told in refusal.message
        with refused("verification_failed", "code"):
            verify(userkit, ada, added[value], CODE, kind)


@on_each_database
def test_the_owner_hears_of_it_at_their_own_spelling_and_nothing_is_sent_to_prove(
    userkit: Kits, post: Post, ada: Identity, kind: IdentifierKind
) -> None:
    by_mail = kind is EMAIL_ADDRESS
    bea = sign_up(userkit, post, f"{'Bea.' if by_mail else ''}{new_of(kind)}")
    known = len(post.all())
    add(userkit, ada, respelled(kind, bea.address), kind)
    (notice,) = post.all()[: len(post.all()) - known]
    assert (notice.to, notice.code, notice.links) == (bea.address, None, [])
    assert notice.kind == ("email" if by_mail else "sms")
    if by_mail:
        assert bea.address in notice.text
    assert ("nothing has changed" if by_mail else "It stays yours") in notice.text


@on_each_database
def test_what_is_taken_cannot_be_taken_by_any_code_or_link(
    userkit: Kits, kit: Kit, post: Post, ada: Identity, kind: IdentifierKind
) -> None:
    bea = sign_up(userkit, post, new_of(kind))
    added = add(userkit, ada, bea.address, kind)
    assert not any(
        link for mail in mails_to(post, bea.address) for link in mail.links if "?token" in link
    )
    decoys = [row for row in rows(kit, OutboxMessage) if row.kind == "decoy" and row.sent]
    assert decoys == []
    (row,) = rows(kit, Verification, kind.proves == added)
    digests = {kit.keys.mac("verification code", f"{row.id}:{n:06}") for n in range(1000)}
    assert row.code_digest not in digests


@on_each_database
def test_a_claim_looks_the_same_once_somebody_else_proves_the_same(
    userkit: Kits, kit: Kit, post: Post, clock: Clock, ada: Identity, kind: IdentifierKind
) -> None:
    stays, goes = new_of(kind), new_of(kind)
    ids = {value: add(userkit, ada, value, kind) for value in (stays, goes)}

    def shown() -> list[object]:
        return [
            row._replace(id="", value="", expire_at=None, resend_in=0)
            for row in listed(userkit, ada, kind)
            if row.id in ids.values()
        ]

    clock.tick(30)
    before = shown()
    sign_up(userkit, post, goes)
    assert shown() == before
    assert shown()[0] == shown()[1]
    for value in (stays, goes):
        with refused("form_code_incorrect", "code") as refusal:
            verify(userkit, ada, ids[value], CODE, kind)
        assert "4 attempts left" in refusal.message
    again = [
        seen(userkit, kind, ada, partial(resend, userkit, ada, ids[value], kind))
        for value in (stays, goes)
    ]
    assert again[0] == again[1]


def test_a_link_that_was_sent_before_is_worth_nothing_after(
    userkit: Kits, kit: Kit, post: Post, ada: Identity, strategy: str, kind: IdentifierKind
) -> None:
    value = new_of(kind)
    added = add(userkit, ada, value, kind)
    mail = mails_to(post, value)[0]
    bea = somebody(userkit, post, value)
    (hers,) = [row for row in listed(userkit, bea, kind) if row.value == kind.display(value)]
    api_of(userkit, kind).delete(hers.id)
    if strategy == "link":
        with refused("verification_link_token_invalid"):
            open_link(userkit, link_of(mail))
    else:
        with refused("form_code_incorrect", "code"):
            verify(userkit, ada, added, mail.code or "", kind)
    assert not any(row.verified for row in listed(userkit, ada, kind) if row.id == added)
