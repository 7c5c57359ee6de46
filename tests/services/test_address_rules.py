"""Which addresses people may have, how many, and how often they may ask."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest

from flask_userkit import UserKit
from flask_userkit.errors import FormErrors
from flask_userkit.errors import NotAllowedError
from flask_userkit.models import EmailAddress
from flask_userkit.models import User
from flask_userkit.services.identity import Identity
from flask_userkit.services.kit import Kit
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_address
from tests.services.acts import Post
from tests.services.acts import begin_sign_up
from tests.services.acts import sign_in
from tests.services.address_acts import CODE
from tests.services.address_acts import add
from tests.services.address_acts import listed
from tests.services.address_acts import own
from tests.services.address_acts import remove
from tests.services.address_acts import resend
from tests.services.address_acts import set_primary
from tests.services.address_acts import somebody
from tests.services.address_acts import verify
from tests.services.address_acts import who
from tests.services.support import count
from tests.services.support import everything
from tests.services.support import refused

Kits = UserKit[User]
on_each_database = pytest.mark.usefixtures("backend")
IMMUTABLE = "immutable_attribute_modification_not_allowed"
PASSWORD = "poetical science"


class Set(t.NamedTuple):
    """A kit with settings of its own."""

    userkit: Kits
    kit: Kit
    post: Post

    def ada(self, **more: t.Any) -> Identity:
        """Return somebody whom the app made, signed in."""
        self.userkit.users.create_user(
            email_address=["ada@example.com"], password=PASSWORD, username="ada_1815", **more
        )
        return who(self.userkit, sign_in(self.userkit, "ada_1815", PASSWORD).token)


@pytest.fixture
def opened(make_app: MakeApp) -> t.Callable[..., t.ContextManager[Set]]:
    @contextmanager
    def opened(**settings: t.Any) -> Iterator[Set]:
        named = {f"USERKIT_{name.upper()}": value for name, value in settings.items()}
        app = make_app(USERKIT_OUTBOX="worker", **named)
        with app.app_context():
            userkit = t.cast(Kits, app.extensions["userkit"])
            yield Set(userkit, userkit.kit, Post(userkit.kit))

    return opened


Opened = t.Callable[..., t.ContextManager[Set]]
BLOCKED = ["mailinator.com", "@Bücher.de", "*.example.org", "xn--pic-qdd.com"]


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("eve@mailinator.com", "form_email_address_blocked"),
        ("Eve@MAILINATOR.com", "form_email_address_blocked"),
        ("eve@a.b.mailinator.com", "form_email_address_blocked"),
        ("eve@bücher.de", "form_email_address_blocked"),
        ("eve@shop.xn--bcher-kva.de", "form_email_address_blocked"),
        ("eve@example.org", "form_email_address_blocked"),
        ("eve@a.example.org", "form_email_address_blocked"),
        ("eve@еpic.com", "form_email_address_blocked"),
        ("eve@mailinator\u3002com", "form_email_address_blocked"),
        ("eve@\uff4dailinator.com", "form_email_address_blocked"),
        ("eve+news@example.com", "not_allowed_access"),
        ("+eve@example.com", "not_allowed_access"),
        ("eve@notmailinator.com", None),
        ("eve@mailinator.com.example.net", None),
        ("eve@epic.com", None),
        ("mailinator.com@example.com", None),
    ],
    ids=ascii,
)
def test_what_the_app_does_not_want_is_refused_to_people_and_not_to_the_app(
    opened: Opened, address: str, code: str | None
) -> None:
    with opened(email_blocked_domains=BLOCKED, email_subaddresses=False) as (userkit, kit, _):
        ada = Set(userkit, kit, Post(kit)).ada()
        before = everything(kit)
        if code is None:
            add(userkit, ada, address)
            begin_sign_up(userkit, address)
        else:
            with pytest.raises(NotAllowedError) as refusal:
                add(userkit, ada, address)
            assert (refusal.value.code, refusal.value.param) == (code, "email_address")
            assert refusal.value.status == 403
            with pytest.raises(FormErrors) as caught:
                begin_sign_up(userkit, address)
            assert [(error.code, error.status) for error in caught.value.errors] == [(code, 403)]
            assert everything(kit) == before
        assert userkit.email_addresses.create(ada.user_id, f"x{address}").email_address


def test_subaddresses_are_taken_by_default(userkit: Kits, post: Post) -> None:
    ada = somebody(userkit, post, "ada@example.com")
    add(userkit, ada, "ada+news@example.com")
    assert len(listed(userkit, ada)) == 2


@pytest.mark.parametrize("setting", ["locked", "off"])
def test_configuration_protects_what_it_locks_or_switches_off(opened: Opened, setting: str) -> None:
    with opened(email_address=setting, sign_up=False, username="optional") as made:
        userkit, kit, post = made
        ada = made.ada()
        second = userkit.email_addresses.create(ada.user_id, new_address(), verified=True)
        waiting = userkit.email_addresses.create(ada.user_id, new_address())
        before = everything(kit)
        with refused(IMMUTABLE, "email_address"):
            add(userkit, ada, new_address())
        for which in (second.id, waiting.id):
            with refused(IMMUTABLE, "email_address"):
                remove(userkit, ada, which)
        assert [row.removal_refusal for row in listed(userkit, ada)] == [
            "This cannot be changed here."
        ] * 3
        if setting == "off":
            acts: list[t.Callable[[Kits, Identity, str], None]] = [
                resend,
                set_primary,
                partial(verify, code=CODE),
            ]
            for act in acts:
                with refused(IMMUTABLE, "email_address"):
                    act(userkit, ada, waiting.id)
            assert everything(kit) == before
        else:
            set_primary(userkit, ada, second.id)
            resend(userkit, ada, waiting.id)
            verify(userkit, ada, waiting.id, post.code(waiting.email_address))
            assert [row.verified for row in listed(userkit, ada)] == [True] * 3


def test_a_link_is_refused_where_addresses_are_off(opened: Opened) -> None:
    settings = {"email_verification": "link", "username": "optional", "sign_up": False}
    with opened(email_address="off", **settings) as made, refused(IMMUTABLE, "email_address"):
        add(made.userkit, made.ada(), new_address())


@on_each_database
def test_the_last_one_may_go_where_it_is_not_required_and_another_way_in_stays(
    opened: Opened,
) -> None:
    with opened(email_address="optional", username="optional") as made:
        userkit, kit, _ = made
        ada = made.ada()
        (row,) = listed(userkit, ada)
        assert row.removal_refusal is None
        remove(userkit, ada, row.id)
        assert count(kit, EmailAddress) == 0
        assert sign_in(userkit, "ada_1815", PASSWORD).user_id == ada.user_id


@on_each_database
def test_what_cannot_go_says_so_before_the_click_and_after_it(
    userkit: Kits, post: Post, clock: Clock
) -> None:
    ada = somebody(userkit, post)
    waiting = add(userkit, ada, new_address())
    first, second = listed(userkit, ada)
    assert second.removal_refusal is None
    assert first.removal_refusal
    with refused("last_required_identification_deletion_failed") as refusal:
        remove(userkit, ada, first.id)
    assert refusal.message == first.removal_refusal
    remove(userkit, ada, waiting)
    own(userkit, post, ada, new_address())
    assert [row.removal_refusal for row in listed(userkit, ada)] == [None, None]


@on_each_database
def test_an_account_has_so_many_and_so_many_wait(opened: Opened, clock: Clock) -> None:
    limits = {"message:ip": "100/minute", "email_address:account": "100/minute"}
    with opened(email_address_limit=7, rate_limits=limits) as made:
        userkit, kit, _ = made
        ada = made.ada()
        for _number in range(5):
            added = add(userkit, ada, new_address())
        before = everything(kit)
        with refused("too_many_unverified_identifications"):
            add(userkit, ada, new_address())
        assert everything(kit) | {"userkit_limit_hit": 0} == before | {"userkit_limit_hit": 0}
        assert add(userkit, ada, listed(userkit, ada)[-1].value)
        userkit.email_addresses.update(added, verified=True)
        add(userkit, ada, new_address())
        userkit.email_addresses.update(listed(userkit, ada)[-1].id, verified=True)
        with refused("email_address_quota_exceeded") as refusal:
            add(userkit, ada, new_address())
        assert "up to 7" in refusal.message
        assert userkit.email_addresses.create(ada.user_id, new_address()).id


@on_each_database
def test_an_address_is_written_to_so_often_whoever_asks(
    userkit: Kits, kit: Kit, post: Post, clock: Clock
) -> None:
    address = new_address()
    people = [somebody(userkit, post) for _ in range(3)]
    for person in people[:2]:
        added = add(userkit, person, address)
        clock.tick(30)
        resend(userkit, person, added)
        clock.tick(30)
    add(userkit, people[2], address.upper())
    assert len([mail for mail in post.all() if mail.to.lower() == address]) == 5
    for person in people:
        with refused("too_many_requests") as refusal:
            add(userkit, person, address)
        assert refusal.retry_after
    with refused("too_many_requests"):
        begin_sign_up(userkit, address)
    assert len([mail for mail in post.all() if mail.to.lower() == address]) == 5


@on_each_database
def test_who_adds_and_removes_without_end_is_slowed_down(opened: Opened) -> None:
    with opened(rate_limits={"email_address:account": "6/hour"}) as made:
        userkit, _, post = made
        ada = made.ada()
        for _number in range(3):
            remove(userkit, ada, add(userkit, ada, new_address()))
        (row,) = listed(userkit, ada)
        for act in (remove, set_primary):
            with refused("too_many_requests"):
                act(userkit, ada, row.id)
        with refused("too_many_requests"):
            add(userkit, ada, new_address())
        bea = somebody(userkit, post)
        add(userkit, bea, new_address())


@on_each_database
def test_a_network_is_counted_too(opened: Opened) -> None:
    with opened(rate_limits={"message:ip": "3/hour"}) as made:
        userkit, _, _ = made
        ada = made.ada()
        for _number in range(3):
            add(userkit, ada, new_address())
        with refused("too_many_requests"):
            add(userkit, ada, new_address())


@pytest.mark.parametrize(
    "value",
    [
        "",
        " \u00a0",
        "ada",
        "a@b.com\nCc:e@x.com",
        "Bob\r\nBcc: evil@x.com",
        '"a\r\nb"@x.com',
        '"victim@x.com" <evil@x.com>',
        "ada@example.com, eve@example.com",
        "ada(comment)@example.com",
        "ada@(comment)example.com",
        '"ada lovelace"@example.com',
        "ada@[192.0.2.1]",
        "ada@[IPv6:::1]",
        "ada@example.com\0",
        "ad\ud800a@example.com",
        "ada\u202e@example.com",
        "ada@localhost",
        "ada@example.com%0d%0aBcc:eve@example.com",
        "'; DROP TABLE userkit_user; --",
        "x" * 10**6,
        "a@" * 500_000,
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_what_is_no_address_is_refused_and_changes_nothing(
    userkit: Kits, kit: Kit, post: Post, value: str
) -> None:
    ada = somebody(userkit, post)
    before = everything(kit)
    with refused(
        "form_param_format_invalid" if value.strip() else "form_param_nil", "email_address"
    ):
        add(userkit, ada, value)
    assert everything(kit) == before


@on_each_database
@pytest.mark.parametrize(
    "address",
    [
        "o'brien@example.com",
        "{{7*7}}@example.com",
        "áda😀@bücher.de",
        "ada@例え.jp",
        "a&b@example.com",
    ],
    ids=ascii,
)
def test_what_is_odd_and_valid_is_kept_and_shown_as_it_was_typed(
    userkit: Kits, kit: Kit, post: Post, address: str
) -> None:
    ada = somebody(userkit, post)
    known = len(post.all())
    own(userkit, post, ada, address)
    assert listed(userkit, ada)[1].value == address
    sent = post.all()[: len(post.all()) - known]
    assert [mail.to for mail in sent if mail.code] == [address]
    with refused("form_identifier_exists", "email_address"):
        add(userkit, ada, address.upper().replace("BÜCHER.DE", "xn--bcher-kva.de"))
