"""The list of addresses or numbers: in Clerk's order, in two queries however many there are."""

from __future__ import annotations

import pytest
from flask import Flask

from flask_userkit import UserKit
from flask_userkit.models import User
from flask_userkit.services.email_addresses import EMAIL_ADDRESS
from flask_userkit.services.identifier_kinds import IdentifierKind
from flask_userkit.services.identifier_rows import rows
from flask_userkit.services.kit import Kit
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.queries import count_queries
from tests.services.acts import Post
from tests.services.acts import sign_in
from tests.services.acts import sign_up
from tests.services.address_acts import add
from tests.services.address_acts import listed
from tests.services.address_acts import somebody
from tests.services.address_acts import who
from tests.services.kinds import api_of
from tests.services.kinds import each_kind
from tests.services.kinds import new_of
from tests.services.kinds import settings_of

Kits = UserKit[User]
pytestmark = each_kind


@pytest.fixture
def app(make_app: MakeApp, kind: IdentifierKind) -> Flask:
    return make_app(USERKIT_OUTBOX="worker", **settings_of(kind))


@pytest.mark.usefixtures("backend")
def test_the_primary_one_comes_first_then_the_proven_then_what_ends_soonest(
    userkit: Kits, post: Post, clock: Clock, kind: IdentifierKind
) -> None:
    ada = somebody(userkit, post, kind=kind)
    never = [api_of(userkit, kind).create(ada.user_id, new_of(kind)).id for _ in "12"]
    first = add(userkit, ada, new_of(kind), kind)
    clock.tick(60)
    second = add(userkit, ada, new_of(kind), kind)
    proven = [
        api_of(userkit, kind).create(ada.user_id, new_of(kind), verified=True).id for _ in "12"
    ]
    primary = getattr(userkit.users.get_user(ada.user_id), kind.pointer.key)
    found = listed(userkit, ada, kind)
    assert [row.id for row in found] == [primary, *proven, first, second, *never]
    assert [row.primary for row in found] == [True] + [False] * 6
    assert [row.verified for row in found] == [True] * 3 + [False] * 4
    assert [row.pending for row in found] == [False] * 3 + [True] * 2 + [False] * 2
    assert [row.resend_in for row in found] == [0, 0, 0, 0, 30, 0, 0]
    api_of(userkit, kind).update(proven[1], primary=True)
    assert [row.id for row in listed(userkit, ada, kind)][:3] == [proven[1], primary, proven[0]]
    clock.tick(minutes=9)
    assert [row.pending for row in listed(userkit, ada, kind)[3:]] == [False, True, False, False]


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("way", ["code", "link"])
def test_a_code_waits_in_the_browser_that_asked_for_it_and_a_link_in_any(
    make_app: MakeApp, way: str, kind: IdentifierKind
) -> None:
    app = make_app(USERKIT_OUTBOX="worker", USERKIT_EMAIL_VERIFICATION=way, **settings_of(kind))
    with app.app_context():
        userkit: Kits = app.extensions["userkit"]
        post = Post(userkit.kit)
        signed = sign_up(userkit, post, new_of(kind))
        ada = who(userkit, signed.signed_in.token)
        elsewhere = who(userkit, sign_in(userkit, signed.address, signed.password).token)
        add(userkit, ada, new_of(kind), kind)
        by_link = kind is EMAIL_ADDRESS and way == "link"
        assert [row.pending for row in listed(userkit, ada, kind)] == [False, True]
        assert [row.pending for row in listed(userkit, elsewhere, kind)] == [False, by_link]
        assert [row.resend_in for row in listed(userkit, elsewhere, kind)] == [0, 30]


@pytest.mark.usefixtures("backend")
def test_it_takes_two_queries_however_many_there_are(
    userkit: Kits, kit: Kit, kind: IdentifierKind
) -> None:
    user = userkit.users.create_user(external_id="42")
    with count_queries() as none:
        assert rows(kit, kind, user.id, "client_0") == []
    for number in range(50):
        api_of(userkit, kind).create(user.id, new_of(kind), verified=number % 2 == 0)
    with count_queries() as many:
        assert len(rows(kit, kind, user.id, "client_0")) == 50
    assert len(none) == len(many) == 2


def test_nobodys_addresses_are_none(kit: Kit, kind: IdentifierKind) -> None:
    assert rows(kit, kind, "user_0", "client_0") == []
