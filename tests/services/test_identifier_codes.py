"""The code of what is added: bound, counted, short-lived, used once (B24 to B28)."""

from __future__ import annotations

import pytest
from flask import Flask

from flask_userkit import UserKit
from flask_userkit.models import User
from flask_userkit.models import Verification
from flask_userkit.services.identifier_kinds import IdentifierKind
from flask_userkit.services.identity import Identity
from flask_userkit.services.kit import Kit
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.services.acts import Post
from tests.services.acts import begin_sign_in
from tests.services.acts import begin_sign_up
from tests.services.acts import enter_sign_in_code
from tests.services.acts import enter_sign_up_code
from tests.services.acts import sign_in
from tests.services.acts import sign_up
from tests.services.address_acts import add
from tests.services.address_acts import listed
from tests.services.address_acts import mails_to
from tests.services.address_acts import own
from tests.services.address_acts import remove
from tests.services.address_acts import resend
from tests.services.address_acts import somebody
from tests.services.address_acts import verify
from tests.services.address_acts import who
from tests.services.kinds import each_kind
from tests.services.kinds import new_of
from tests.services.kinds import settings_of
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
on_each_database = pytest.mark.usefixtures("backend")
pytestmark = each_kind


@pytest.fixture
def app(make_app: MakeApp, kind: IdentifierKind) -> Flask:
    return make_app(USERKIT_OUTBOX="worker", **settings_of(kind))


@pytest.fixture
def ada(userkit: Kits, post: Post, kind: IdentifierKind) -> Identity:
    return somebody(userkit, post, kind=kind)


def wrong(code: str, by: int = 1) -> str:
    """Return a code that is not the one."""
    return f"{(int(code) + by) % 10**6:06}"


def is_verified(userkit: Kits, kind: IdentifierKind, identity: Identity, id: str) -> bool:
    return next(row.verified for row in listed(userkit, identity, kind) if row.id == id)


@on_each_database
def test_after_five_wrong_codes_the_right_one_is_refused_whatever_is_sent(
    userkit: Kits, kit: Kit, post: Post, clock: Clock, ada: Identity, kind: IdentifierKind
) -> None:
    value = new_of(kind)
    added = add(userkit, ada, value, kind)
    for guess in range(3):
        with refused("form_code_incorrect", "code"):
            verify(userkit, ada, added, wrong(post.code(value), guess + 1), kind)
    clock.tick(30)
    resend(userkit, ada, added, kind)
    for guess in range(2):
        with refused("form_code_incorrect", "code"):
            verify(userkit, ada, added, wrong(post.code(value), guess + 1), kind)
    with refused("verification_failed", "code"):
        verify(userkit, ada, added, post.code(value), kind)
    sent = len(mails_to(post, value))
    clock.tick(60)
    for act in (resend, lambda *given: add(userkit, ada, value, kind)):
        with refused("verification_failed", "code") as refusal:
            act(userkit, ada, added, kind)
        assert refusal.retry_after == 9 * 60
        assert "in 9 minutes" in refusal.message
    assert len(mails_to(post, value)) == sent
    assert not is_verified(userkit, kind, ada, added)
    clock.tick(9 * 60)
    resend(userkit, ada, added, kind)
    verify(userkit, ada, added, post.code(value), kind)
    assert is_verified(userkit, kind, ada, added)


@on_each_database
def test_a_code_lives_ten_minutes(
    userkit: Kits, post: Post, clock: Clock, ada: Identity, kind: IdentifierKind
) -> None:
    early, late = new_of(kind), new_of(kind)
    first, second = add(userkit, ada, early, kind), add(userkit, ada, late, kind)
    clock.tick(minutes=9, seconds=59)
    verify(userkit, ada, first, post.code(early), kind)
    clock.tick(2)
    with refused("verification_expired", "code"):
        verify(userkit, ada, second, post.code(late), kind)
    row = next(row for row in listed(userkit, ada, kind) if row.id == second)
    assert (row.pending, row.resend_in, row.verified) == (False, 0, False)


@on_each_database
def test_another_code_comes_after_half_a_minute_and_retires_the_first(
    userkit: Kits, kit: Kit, post: Post, clock: Clock, ada: Identity, kind: IdentifierKind
) -> None:
    value = new_of(kind)
    added = add(userkit, ada, value, kind)
    first = post.code(value)
    clock.tick(29.5)
    with refused("verification_code_too_many_requests") as refusal:
        resend(userkit, ada, added, kind)
    assert refusal.retry_after == 1
    clock.tick(0.5)
    resend(userkit, ada, added, kind)
    waiting = [
        row
        for row in rows(kit, Verification)
        if getattr(row, kind.proves.key) and not row.consumed_at
    ]
    assert len(waiting) == 1
    second = post.code(value)
    if first != second:
        with refused("form_code_incorrect", "code"):
            verify(userkit, ada, added, first, kind)
    verify(userkit, ada, added, second, kind)


@on_each_database
def test_a_code_is_good_for_one_address_of_one_person_in_one_browser(
    userkit: Kits, post: Post, clock: Clock, kind: IdentifierKind
) -> None:
    signed = sign_up(userkit, post, new_of(kind))
    ada, bea = who(userkit, signed.signed_in.token), somebody(userkit, post, kind=kind)
    elsewhere = who(userkit, sign_in(userkit, signed.address, signed.password).token)
    one, other, hers = new_of(kind), new_of(kind), new_of(kind)
    first, second, third = (
        add(userkit, ada, one, kind),
        add(userkit, ada, other, kind),
        add(userkit, bea, hers, kind),
    )
    codes = {name: post.code(name) for name in (one, other, hers)}
    if len(set(codes.values())) == 3:
        with refused("form_code_incorrect", "code"):
            verify(userkit, ada, second, codes[one], kind)
        with refused("form_code_incorrect", "code"):
            verify(userkit, bea, third, codes[one], kind)
    with refused("resource_not_found"):
        verify(userkit, bea, first, codes[one], kind)
    with refused("verification_expired", "code"):
        verify(userkit, elsewhere, first, codes[one], kind)
    clock.tick(30)
    resend(userkit, elsewhere, first, kind)
    with refused("verification_expired", "code"):
        verify(userkit, ada, first, post.code(one), kind)
    verify(userkit, elsewhere, first, post.code(one), kind)


@on_each_database
def test_added_again_in_another_browser_it_sends_a_code_that_works_there(
    userkit: Kits, post: Post, clock: Clock, kind: IdentifierKind
) -> None:
    signed = sign_up(userkit, post, new_of(kind))
    ada = who(userkit, signed.signed_in.token)
    elsewhere = who(userkit, sign_in(userkit, signed.address, signed.password).token)
    value = new_of(kind)
    added = add(userkit, ada, value, kind)
    clock.tick(29)
    assert add(userkit, ada, value, kind) == added
    with refused("verification_code_too_many_requests"):
        add(userkit, elsewhere, value, kind)
    assert len(mails_to(post, value)) == 1
    clock.tick(1)
    assert add(userkit, elsewhere, value, kind) == added
    assert len(mails_to(post, value)) == 2
    verify(userkit, elsewhere, added, post.code(value), kind)


@on_each_database
def test_a_code_of_another_purpose_proves_no_address_and_this_one_signs_nobody_in(
    userkit: Kits, post: Post, ada: Identity, kind: IdentifierKind
) -> None:
    value = new_of(kind)
    added = add(userkit, ada, value, kind)
    code = post.code(value)
    signing_up = begin_sign_up(userkit, value)
    other = next(mail.code for mail in mails_to(post, value) if mail.code) or ""
    if other != code:
        with refused("form_code_incorrect", "code"):
            verify(userkit, ada, added, other, kind)
        with refused("form_code_incorrect", "code"):
            enter_sign_up_code(userkit, signing_up, code)
    verify(userkit, ada, added, code, kind)
    with refused("form_identifier_exists", kind.name):
        enter_sign_up_code(userkit, signing_up, other)


@on_each_database
def test_removing_and_adding_again_kills_the_code(
    userkit: Kits, post: Post, ada: Identity, kind: IdentifierKind
) -> None:
    value = new_of(kind)
    first = add(userkit, ada, value, kind)
    code = post.code(value)
    remove(userkit, ada, first, kind)
    with refused("resource_not_found"):
        verify(userkit, ada, first, code, kind)
    second = add(userkit, ada, value, kind)
    assert second != first
    new = post.code(value)
    if new != code:
        with refused("form_code_incorrect", "code"):
            verify(userkit, ada, second, code, kind)
    verify(userkit, ada, second, new, kind)


@on_each_database
def test_a_code_that_waits_signs_nobody_in_once_its_address_is_removed(
    userkit: Kits, post: Post, ada: Identity, kind: IdentifierKind
) -> None:
    value = new_of(kind)
    added = own(userkit, post, ada, value, kind)
    token = begin_sign_in(userkit, value)
    remove(userkit, ada, added, kind)
    with refused("verification_already_verified", "code"):
        enter_sign_in_code(userkit, token, post.code(value))


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "\0", "1" * 10**6, "\ud800"])
def test_what_is_no_code_costs_no_attempt(
    userkit: Kits, kit: Kit, post: Post, ada: Identity, typed: str, kind: IdentifierKind
) -> None:
    value = new_of(kind)
    added = add(userkit, ada, value, kind)
    with refused("form_param_format_invalid", "code"):
        verify(userkit, ada, added, typed, kind)
    assert {row.attempts for row in rows(kit, Verification) if getattr(row, kind.proves.key)} == {0}
    verify(userkit, ada, added, post.code(value), kind)
