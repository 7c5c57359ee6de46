"""Who claims an address before its owner comes gets nothing by it (B36), as far as mail goes."""

from __future__ import annotations

import pytest
from flask import Flask

from flask_userkit import UserKit
from flask_userkit import UserKitError
from flask_userkit.models import EmailAddress
from flask_userkit.models import User
from flask_userkit.services.identity import Identity
from flask_userkit.services.identity import identify
from flask_userkit.services.kit import Kit
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_address
from tests.rig.people import new_password
from tests.services.acts import Post
from tests.services.acts import begin_reset
from tests.services.acts import begin_sign_in
from tests.services.acts import begin_sign_up
from tests.services.acts import enter_sign_in_code
from tests.services.acts import enter_sign_up_code
from tests.services.acts import reset
from tests.services.acts import sign_in
from tests.services.acts import sign_up
from tests.services.address_acts import add
from tests.services.address_acts import link_of
from tests.services.address_acts import listed
from tests.services.address_acts import mails_to
from tests.services.address_acts import open_link
from tests.services.address_acts import own
from tests.services.address_acts import resend
from tests.services.address_acts import set_primary
from tests.services.address_acts import somebody
from tests.services.address_acts import verify
from tests.services.support import count
from tests.services.support import identified
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
pytestmark = pytest.mark.usefixtures("backend")


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(USERKIT_OUTBOX="worker")


@pytest.fixture
def eve(userkit: Kits, post: Post) -> Identity:
    return somebody(userkit, post)


def owner_of(kit: Kit, address: str) -> list[str]:
    return [row.user_id for row in rows(kit, EmailAddress) if row.verified_key == address]


def test_p1_a_password_that_was_planted_at_sign_up_opens_nothing(
    userkit: Kits, kit: Kit, post: Post
) -> None:
    victim, planted = new_address(), new_password()
    eves = begin_sign_up(userkit, victim, password=planted)
    eves_code = post.code(victim)
    ada = sign_up(userkit, post, victim)
    with refused("form_password_or_identifier_incorrect"):
        sign_in(userkit, victim, planted)
    with refused("form_identifier_exists", "email_address"):
        enter_sign_up_code(userkit, eves, eves_code)
    assert sign_in(userkit, victim, ada.password).user_id == ada.signed_in.user_id
    assert owner_of(kit, victim) == [ada.signed_in.user_id]


def test_p1_a_claim_neither_signs_in_nor_keeps_the_owner_out(
    userkit: Kits, kit: Kit, post: Post, eve: Identity
) -> None:
    victim = new_address()
    claim = add(userkit, eve, victim)
    known = len(mails_to(post, victim))
    token = begin_sign_in(userkit, victim)
    assert len(mails_to(post, victim)) == known, "a claim gets no code to sign in"
    with refused("form_verification_needed", "email_address_id"):
        set_primary(userkit, eve, claim)
    ada = sign_up(userkit, post, victim)
    with refused("form_code_incorrect", "code"):
        enter_sign_in_code(userkit, token, post.code(victim))
    assert owner_of(kit, victim) == [ada.signed_in.user_id]
    assert ada.signed_in.user_id != eve.user_id


def test_p2_a_session_from_before_is_its_own_accounts_alone(
    userkit: Kits, kit: Kit, post: Post
) -> None:
    eve, victim = sign_up(userkit, post), new_address()
    ada = sign_up(userkit, post, victim)
    assert identified(kit, eve.signed_in.token) == eve.signed_in.user_id
    assert identified(kit, ada.signed_in.token) == ada.signed_in.user_id
    assert [
        email.email_address
        for email in userkit.users.get_user(eve.signed_in.user_id).email_addresses
    ] == [eve.address]


def test_p3_an_identifier_that_was_planted_does_not_reach_the_owners_account(
    userkit: Kits, kit: Kit, post: Post, eve: Identity
) -> None:
    victim = new_address()
    add(userkit, eve, victim)
    ada = sign_up(userkit, post, victim)
    known = [
        row.email_address
        for row in rows(kit, EmailAddress, EmailAddress.user_id == ada.signed_in.user_id)
    ]
    assert known == [victim]
    begin_sign_in(userkit, victim)
    assert all(mail.to == victim for mail in post.all()[:1])
    assert sign_in(userkit, victim, ada.password).user_id == ada.signed_in.user_id


def test_p2_a_reset_ends_the_session_that_somebody_left_open(
    userkit: Kits, kit: Kit, post: Post
) -> None:
    ada = sign_up(userkit, post)
    left_open = sign_in(userkit, ada.address, ada.password).token
    token = begin_reset(userkit, ada.address)
    reset(userkit, token, post.code(ada.address), new_password())
    assert identified(kit, left_open) is None


def test_p3_a_claim_of_the_owners_address_gets_no_reset(
    userkit: Kits, kit: Kit, post: Post, eve: Identity
) -> None:
    victim = new_address()
    add(userkit, eve, victim)
    known = len(mails_to(post, victim))
    token = begin_reset(userkit, victim)
    assert len(mails_to(post, victim)) == known, "a claim gets no code"
    ada = sign_up(userkit, post, victim)
    with refused("form_code_incorrect", "code"):
        reset(userkit, token, post.code(victim), new_password())
    assert sign_in(userkit, victim, ada.password).user_id == ada.signed_in.user_id


def test_p4_an_address_that_eve_was_about_to_add_is_not_added_after_a_reset(
    userkit: Kits, kit: Kit, post: Post
) -> None:
    ada = sign_up(userkit, post)
    # A thief in the owner's session, who waits with the code until they are put out.
    thief = identify(kit, ada.signed_in.token)
    assert thief is not None
    planted = new_address()
    claim = add(userkit, thief, planted)
    code = post.code(planted)
    token = begin_reset(userkit, ada.address)
    reset(userkit, token, post.code(ada.address), new_password())
    with pytest.raises(UserKitError):
        verify(userkit, thief, claim, code)
    assert owner_of(kit, planted) == []


@pytest.mark.parametrize("how", ["signs up", "adds it", "is given it"])
def test_p4_a_code_that_was_sent_before_takes_nothing_even_once_the_owner_leaves(
    userkit: Kits, kit: Kit, post: Post, eve: Identity, how: str
) -> None:
    victim = new_address()
    claim = add(userkit, eve, victim)
    planted = post.code(victim)
    if how == "signs up":
        owner = sign_up(userkit, post, victim).signed_in.user_id
    elif how == "adds it":
        ada = somebody(userkit, post)
        own(userkit, post, ada, victim)
        owner = ada.user_id
    else:
        owner = userkit.users.create_user(email_address=[victim]).id
    assert owner_of(kit, victim) == [owner]
    with refused("form_code_incorrect", "code"):
        verify(userkit, eve, claim, planted)
    userkit.users.delete_user(owner)
    with refused("form_code_incorrect", "code"):
        verify(userkit, eve, claim, planted)
    assert owner_of(kit, victim) == []
    assert count(kit, EmailAddress, EmailAddress.user_id == eve.user_id) == 2


def test_p4_an_address_that_changed_hands_is_proven_anew(
    userkit: Kits, kit: Kit, post: Post, clock: Clock, eve: Identity
) -> None:
    address = new_address()
    claim = add(userkit, eve, address)
    owner = userkit.users.create_user(email_address=[address])
    clock.tick(30)
    resend(userkit, eve, claim)
    assert mails_to(post, address)[0].code is None
    userkit.users.delete_user(owner.id)
    clock.tick(30)
    resend(userkit, eve, claim)
    verify(userkit, eve, claim, post.code(address))
    assert owner_of(kit, address) == [eve.user_id]
    assert all(row.verified for row in listed(userkit, eve))


def test_p4_a_link_from_before_is_dead_and_its_mail_quotes_nobody(
    make_app: MakeApp,
) -> None:
    app = make_app(USERKIT_OUTBOX="worker", USERKIT_EMAIL_VERIFICATION="link")
    with app.app_context():
        userkit: Kits = app.extensions["userkit"]
        post = Post(userkit.kit)
        eve, victim = somebody(userkit, post, "eve@example.com"), new_address()
        add(userkit, eve, victim)
        mail = mails_to(post, victim)[0]
        assert "eve@" not in mail.text.lower()
        assert "Was it not you? Then do nothing" in mail.text
        token = link_of(mail)
        userkit.users.create_user(email_address=[victim])
        with refused("verification_link_token_invalid"):
            open_link(userkit, token)
