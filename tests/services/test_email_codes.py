"""The code of an address that is added: bound, counted, short-lived, used once (B24 to B28)."""

from __future__ import annotations

import pytest

from flask_userkit import UserKit
from flask_userkit.models import User
from flask_userkit.models import Verification
from flask_userkit.services.identity import Identity
from flask_userkit.services.kit import Kit
from tests.rig.clock import Clock
from tests.rig.people import new_address
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
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
on_each_database = pytest.mark.usefixtures("backend")


@pytest.fixture
def ada(userkit: Kits, post: Post) -> Identity:
    return somebody(userkit, post)


def wrong(code: str, by: int = 1) -> str:
    """Return a code that is not the one."""
    return f"{(int(code) + by) % 10**6:06}"


def is_verified(userkit: Kits, identity: Identity, email_address_id: str) -> bool:
    return next(row.verified for row in listed(userkit, identity) if row.id == email_address_id)


@on_each_database
def test_after_five_wrong_codes_the_right_one_is_refused_whatever_is_sent(
    userkit: Kits, kit: Kit, post: Post, clock: Clock, ada: Identity
) -> None:
    address = new_address()
    added = add(userkit, ada, address)
    for guess in range(3):
        with refused("form_code_incorrect", "code"):
            verify(userkit, ada, added, wrong(post.code(address), guess + 1))
    clock.tick(30)
    resend(userkit, ada, added)
    for guess in range(2):
        with refused("form_code_incorrect", "code"):
            verify(userkit, ada, added, wrong(post.code(address), guess + 1))
    with refused("verification_failed", "code"):
        verify(userkit, ada, added, post.code(address))
    sent = len(mails_to(post, address))
    clock.tick(60)
    for act in (resend, lambda *given: add(userkit, ada, address)):
        with refused("verification_failed", "code") as refusal:
            act(userkit, ada, added)
        assert refusal.retry_after == 9 * 60
        assert "in 9 minutes" in refusal.message
    assert len(mails_to(post, address)) == sent
    assert not is_verified(userkit, ada, added)
    clock.tick(9 * 60)
    resend(userkit, ada, added)
    verify(userkit, ada, added, post.code(address))
    assert is_verified(userkit, ada, added)


@on_each_database
def test_a_code_lives_ten_minutes(userkit: Kits, post: Post, clock: Clock, ada: Identity) -> None:
    early, late = new_address(), new_address()
    first, second = add(userkit, ada, early), add(userkit, ada, late)
    clock.tick(minutes=9, seconds=59)
    verify(userkit, ada, first, post.code(early))
    clock.tick(2)
    with refused("verification_expired", "code"):
        verify(userkit, ada, second, post.code(late))
    row = next(row for row in listed(userkit, ada) if row.id == second)
    assert (row.pending, row.resend_in, row.verified) == (False, 0, False)


@on_each_database
def test_another_code_comes_after_half_a_minute_and_retires_the_first(
    userkit: Kits, kit: Kit, post: Post, clock: Clock, ada: Identity
) -> None:
    address = new_address()
    added = add(userkit, ada, address)
    first = post.code(address)
    clock.tick(29.5)
    with refused("verification_code_too_many_requests") as refusal:
        resend(userkit, ada, added)
    assert refusal.retry_after == 1
    clock.tick(0.5)
    resend(userkit, ada, added)
    waiting = [
        row for row in rows(kit, Verification) if row.email_address_id and not row.consumed_at
    ]
    assert len(waiting) == 1
    second = post.code(address)
    if first != second:
        with refused("form_code_incorrect", "code"):
            verify(userkit, ada, added, first)
    verify(userkit, ada, added, second)


@on_each_database
def test_a_code_is_good_for_one_address_of_one_person_in_one_browser(
    userkit: Kits, post: Post, clock: Clock
) -> None:
    signed = sign_up(userkit, post)
    ada, bea = who(userkit, signed.signed_in.token), somebody(userkit, post)
    elsewhere = who(userkit, sign_in(userkit, signed.address, signed.password).token)
    one, other, hers = new_address(), new_address(), new_address()
    first, second, third = (
        add(userkit, ada, one),
        add(userkit, ada, other),
        add(userkit, bea, hers),
    )
    codes = {name: post.code(name) for name in (one, other, hers)}
    if len(set(codes.values())) == 3:
        with refused("form_code_incorrect", "code"):
            verify(userkit, ada, second, codes[one])
        with refused("form_code_incorrect", "code"):
            verify(userkit, bea, third, codes[one])
    with refused("resource_not_found"):
        verify(userkit, bea, first, codes[one])
    with refused("verification_expired", "code"):
        verify(userkit, elsewhere, first, codes[one])
    clock.tick(30)
    resend(userkit, elsewhere, first)
    with refused("verification_expired", "code"):
        verify(userkit, ada, first, post.code(one))
    verify(userkit, elsewhere, first, post.code(one))


@on_each_database
def test_added_again_in_another_browser_it_sends_a_code_that_works_there(
    userkit: Kits, post: Post, clock: Clock
) -> None:
    signed = sign_up(userkit, post)
    ada = who(userkit, signed.signed_in.token)
    elsewhere = who(userkit, sign_in(userkit, signed.address, signed.password).token)
    address = new_address()
    added = add(userkit, ada, address)
    clock.tick(29)
    assert add(userkit, ada, address) == added
    with refused("verification_code_too_many_requests"):
        add(userkit, elsewhere, address)
    assert len(mails_to(post, address)) == 1
    clock.tick(1)
    assert add(userkit, elsewhere, address) == added
    assert len(mails_to(post, address)) == 2
    verify(userkit, elsewhere, added, post.code(address))


@on_each_database
def test_a_code_of_another_purpose_proves_no_address_and_this_one_signs_nobody_in(
    userkit: Kits, post: Post, ada: Identity
) -> None:
    address = new_address()
    added = add(userkit, ada, address)
    code = post.code(address)
    signing_up = begin_sign_up(userkit, address)
    other = next(mail.code for mail in mails_to(post, address) if mail.code) or ""
    if other != code:
        with refused("form_code_incorrect", "code"):
            verify(userkit, ada, added, other)
        with refused("form_code_incorrect", "code"):
            enter_sign_up_code(userkit, signing_up, code)
    verify(userkit, ada, added, code)
    with refused("form_identifier_exists", "email_address"):
        enter_sign_up_code(userkit, signing_up, other)


@on_each_database
def test_removing_and_adding_again_kills_the_code(userkit: Kits, post: Post, ada: Identity) -> None:
    address = new_address()
    first = add(userkit, ada, address)
    code = post.code(address)
    remove(userkit, ada, first)
    with refused("resource_not_found"):
        verify(userkit, ada, first, code)
    second = add(userkit, ada, address)
    assert second != first
    new = post.code(address)
    if new != code:
        with refused("form_code_incorrect", "code"):
            verify(userkit, ada, second, code)
    verify(userkit, ada, second, new)


@on_each_database
def test_a_code_that_waits_signs_nobody_in_once_its_address_is_removed(
    userkit: Kits, post: Post, ada: Identity
) -> None:
    address = new_address()
    added = own(userkit, post, ada, address)
    token = begin_sign_in(userkit, address)
    remove(userkit, ada, added)
    with refused("verification_already_verified", "code"):
        enter_sign_in_code(userkit, token, post.code(address))


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "\0", "1" * 10**6, "\ud800"])
def test_what_is_no_code_costs_no_attempt(
    userkit: Kits, kit: Kit, post: Post, ada: Identity, typed: str
) -> None:
    address = new_address()
    added = add(userkit, ada, address)
    with refused("form_param_format_invalid", "code"):
        verify(userkit, ada, added, typed)
    assert {row.attempts for row in rows(kit, Verification) if row.email_address_id} == {0}
    verify(userkit, ada, added, post.code(address))
