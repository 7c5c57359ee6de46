"""An address is proven by a link: in any browser, once, and never by opening it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from flask_userkit import UserKit
from flask_userkit.models import User
from flask_userkit.models import Verification
from flask_userkit.security.tokens import new_token
from flask_userkit.services import email_links
from flask_userkit.services.email_links import read_link
from flask_userkit.services.identity import Identity
from flask_userkit.services.kit import Kit
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_address
from tests.services.acts import Post
from tests.services.address_acts import add
from tests.services.address_acts import confirm
from tests.services.address_acts import link_of
from tests.services.address_acts import listed
from tests.services.address_acts import mails_to
from tests.services.address_acts import open_link
from tests.services.address_acts import remove
from tests.services.address_acts import resend
from tests.services.address_acts import somebody
from tests.services.address_acts import verify
from tests.services.support import everything
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
on_each_database = pytest.mark.usefixtures("backend")
INVALID, EXPIRED, USED = (
    "verification_link_token_invalid",
    "verification_link_token_expired",
    "verification_already_verified",
)


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(USERKIT_OUTBOX="worker", USERKIT_EMAIL_VERIFICATION="link")


@pytest.fixture
def ada(userkit: Kits, post: Post) -> Identity:
    return somebody(userkit, post, "ada@example.com")


def status(kit: Kit, identity: Identity, email_address_id: str) -> str:
    return email_links.link_status(kit, identity, email_address_id)


@on_each_database
def test_a_link_proves_its_address_without_a_session_and_the_first_page_notices(
    userkit: Kits, kit: Kit, post: Post, clock: Clock, heard: list[str], ada: Identity
) -> None:
    address = new_address()
    added = add(userkit, ada, address)
    (mail,) = mails_to(post, address)
    assert (mail.code, len(mail.links)) == (None, 1)
    token = link_of(mail)
    assert mail.links[0] == (f"{kit.base_url}/account/email-addresses/verification?token={token}")
    assert status(kit, ada, added) == "pending"
    before = everything(kit)
    for _ in range(3):
        link = read_link(kit, token)
    assert everything(kit) == before
    assert (link.email_address, link.account) == (address, "a…@example.com")
    assert (link.user_id, link.email_address_id) == (ada.user_id, added)
    clock.tick(minutes=9, seconds=59)
    assert open_link(userkit, token) == link
    assert status(kit, ada, added) == "verified"
    assert [row.verified for row in listed(userkit, ada)] == [True, True]
    assert heard[-1] == "user.email_address.verified"
    assert everything(kit)["userkit_session"] == before["userkit_session"]


@on_each_database
def test_a_link_is_good_once(userkit: Kits, kit: Kit, post: Post, ada: Identity) -> None:
    address = new_address()
    add(userkit, ada, address)
    token = link_of(mails_to(post, address)[0])
    open_link(userkit, token)
    before = everything(kit)
    for _ in range(2):
        with refused(USED):
            open_link(userkit, token)
        with refused(USED) as refusal:
            read_link(kit, token)
        assert address not in refusal.message
    assert everything(kit) | {"userkit_limit_hit": 0} == before | {"userkit_limit_hit": 0}


@on_each_database
def test_a_link_dies_with_time_with_a_newer_one_and_with_its_address(
    userkit: Kits, kit: Kit, post: Post, clock: Clock, ada: Identity
) -> None:
    address = new_address()
    added = add(userkit, ada, address)
    first = link_of(mails_to(post, address)[0])
    clock.tick(30)
    resend(userkit, ada, added)
    second = link_of(mails_to(post, address)[0])
    assert first != second
    with refused(USED):
        open_link(userkit, first)
    clock.tick(minutes=10)
    assert status(kit, ada, added) == "expired"
    acts: list[Callable[[str], object]] = [
        lambda token: read_link(kit, token),
        lambda token: open_link(userkit, token),
    ]
    for act in acts:
        with refused(EXPIRED):
            act(second)
    resend(userkit, ada, added)
    third = link_of(mails_to(post, address)[0])
    confirm(userkit, ada)
    remove(userkit, ada, added)
    with refused("resource_not_found"):
        status(kit, ada, added)
    with refused(INVALID):
        open_link(userkit, third)
    add(userkit, ada, address)
    with refused(INVALID):
        open_link(userkit, third)


@on_each_database
def test_what_is_no_link_is_refused_alike(
    userkit: Kits, kit: Kit, post: Post, ada: Identity
) -> None:
    address = new_address()
    added = add(userkit, ada, address)
    token = link_of(mails_to(post, address)[0])
    identifier, _, secret = token.partition(".")
    (row,) = [row for row in rows(kit, Verification) if row.email_address_id == added]
    sign_up_code = next(row for row in rows(kit, Verification) if row.purpose == "sign_up")
    hostile = [
        "",
        ".",
        identifier,
        secret,
        f"{identifier}.",
        f".{secret}",
        f"{identifier}.{new_token()}",
        f"{identifier}.{secret[:-1]}",
        f"{identifier}.{secret}x",
        f"{identifier}.{secret}\n",
        f"{identifier.upper()}.{secret}",
        f"{identifier}\0.{secret}",
        f"\ud800.{secret}",
        f"{sign_up_code.id}.{secret}",
        f"{row.id}.{row.code_digest.hex()[:43]}",
        "x" * 10**6,
        f"{'x' * 10**6}.{secret}",
    ]
    messages = set()
    for value in hostile:
        with refused(INVALID):
            open_link(userkit, value)
        with refused(INVALID) as refusal:
            read_link(kit, value)
        messages.add(refusal.message)
    assert len(messages) == 1
    assert status(kit, ada, added) == "pending"
    open_link(userkit, token)


@on_each_database
def test_a_link_cannot_be_typed_and_is_not_in_the_database(
    userkit: Kits, kit: Kit, post: Post, ada: Identity
) -> None:
    address = new_address()
    added = add(userkit, ada, address)
    with refused("form_code_incorrect", "code"):
        verify(userkit, ada, added, "000000")
    token = link_of(mails_to(post, address)[0])
    (row,) = [row for row in rows(kit, Verification) if row.email_address_id == added]
    assert token.partition(".")[2].encode() not in row.code_digest
    assert len(row.code_digest) == 32


@on_each_database
def test_anothers_address_has_no_status(userkit: Kits, kit: Kit, post: Post, ada: Identity) -> None:
    bea = somebody(userkit, post)
    added = add(userkit, bea, new_address())
    assert status(kit, bea, added) == "pending"
    for which in (added, "idn_0", "", "\0", "\ud800"):
        with refused("resource_not_found"):
            status(kit, ada, which)


def test_an_account_without_an_address_is_told_by_its_username(
    userkit: Kits, kit: Kit, post: Post, ada: Identity
) -> None:
    userkit.users.update_user(ada.user_id, username="countess")
    address = new_address()
    add(userkit, ada, address)
    assert read_link(kit, link_of(mails_to(post, address)[0])).account == "countess"


def test_the_mail_says_in_both_forms_what_the_link_does(
    userkit: Kits, post: Post, ada: Identity
) -> None:
    add(userkit, ada, "<b>{{7*7}}&@example.com".replace("<b>", "b'"))
    mail = post.all()[0]
    assert "{{7*7}}" in mail.text
    assert "49" not in mail.text.partition("?token=")[0]
    assert "b&#39;{{7*7}}&amp;@example.com" in mail.html
    assert mail.text.count("token=") == mail.html.count("token=") == 1
    assert "to confirm it, in any browser" in mail.text
