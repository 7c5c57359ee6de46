"""Sign-up by address and number: each is proven, one after the other, before there is anybody."""

from __future__ import annotations

import typing as t

import pytest
from flask import Flask

from flask_userkit import UserKit
from flask_userkit.models import EmailAddress
from flask_userkit.models import PhoneNumber
from flask_userkit.models import Session
from flask_userkit.models import User
from flask_userkit.services import sign_ups
from flask_userkit.services.kit import Kit
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_address
from tests.rig.people import new_number
from tests.rig.people import new_password
from tests.services.acts import Post
from tests.services.acts import begin_sign_up
from tests.services.acts import enter_first_code
from tests.services.acts import enter_sign_up_code
from tests.services.acts import resend_sign_up_code
from tests.services.acts import sign_in
from tests.services.phone_apps import NO_LIMITS
from tests.services.phone_apps import asking_for
from tests.services.support import count
from tests.services.support import everything
from tests.services.support import identified
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
EMAIL, PHONE = "email_address", "phone_number"

on_each_database = pytest.mark.usefixtures("backend")


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """An app whose accounts have both."""
    return asking_for(make_app, "required", "required")


@on_each_database
def test_the_address_is_proven_first_and_then_the_number(
    userkit: Kits, kit: Kit, clock: Clock, post: Post, heard: list[str]
) -> None:
    address, number, password = new_address(), new_number(), new_password()
    token = begin_sign_up(userkit, address, phone_number=number, password=password)
    assert [message.to for message in post.all()] == [address]
    clock.tick(30)
    resend_sign_up_code(userkit, token)
    assert [message.to for message in post.all()] == [address, address]
    enter_first_code(userkit, token, post.code(address))
    waiting = sign_ups.pending_attempt(kit, token)
    assert waiting is not None
    assert (waiting.address, waiting.by_text) == (number, True)
    assert (count(kit, User), identified(kit, token)) == (0, None)
    with refused("form_code_incorrect", "code"):
        enter_sign_up_code(userkit, token, post.code(address))
    clock.tick(30)
    resend_sign_up_code(userkit, token)
    old, new = [text.code or "" for text in reversed(post.all()) if text.to == number]
    with refused("form_code_incorrect", "code"):
        enter_sign_up_code(userkit, token, old if old != new else "000000")
    signed_in = enter_sign_up_code(userkit, token, new)
    user = userkit.users.get_user(signed_in.user_id)
    assert user.primary_email_address is not None
    assert user.primary_phone_number is not None
    assert user.primary_email_address.email_address == address
    assert user.primary_phone_number.phone_number == number
    assert user.primary_email_address.verified_key
    assert user.primary_phone_number.verified_key
    assert rows(kit, Session)[-1].strategy == "phone_code"
    heard = [name for name in heard if name != "verification.failed"]
    assert heard == ["sign_up.created", "user.created", "session.created"]
    for identifier in (address, number):
        assert sign_in(userkit, identifier, password).user_id == user.id


@on_each_database
def test_five_guesses_at_each_step_are_looked_at(
    userkit: Kits, kit: Kit, clock: Clock, post: Post
) -> None:
    address, number = new_address(), new_number()
    token = begin_sign_up(userkit, address, phone_number=number)
    for _ in range(4):
        with refused("form_code_incorrect", "code"):
            enter_sign_up_code(userkit, token, "000000")
    enter_first_code(userkit, token, post.code(address))
    for _ in range(5):
        with refused("form_code_incorrect", "code"):
            enter_sign_up_code(userkit, token, "000000")
    with refused("verification_failed", "code"):
        enter_sign_up_code(userkit, token, post.code(number))
    assert count(kit, User) == 0


@on_each_database
@pytest.mark.parametrize("taken", [EMAIL, PHONE])
def test_what_is_taken_goes_the_same_way_and_its_owner_alone_hears_of_it(
    userkit: Kits, kit: Kit, clock: Clock, post: Post, taken: str
) -> None:
    owner = {EMAIL: new_address(), PHONE: new_number()}
    userkit.users.create_user(email_address=[owner[EMAIL]], phone_number=[owner[PHONE]])
    begin_sign_up(userkit, new_address(), phone_number=new_number())
    grown, told = [], []
    for given in ({}, {taken: owner[taken]}):
        typed = {EMAIL: new_address(), PHONE: new_number(), **given}
        token = begin_sign_up(userkit, typed[EMAIL], phone_number=typed[PHONE])
        before = everything(kit)
        if taken == PHONE:
            enter_first_code(userkit, token, post.code(typed[EMAIL]))
        clock.tick(30)
        resend_sign_up_code(userkit, token)
        after = everything(kit)
        waiting = sign_ups.pending_attempt(kit, token)
        assert waiting is not None
        assert waiting.address == typed[taken]
        with refused("form_code_incorrect", "code") as wrong:
            enter_sign_up_code(userkit, token, "000000")
        told.append(wrong.message)
        grown.append({name: after[name] - before[name] for name in after if "limit" not in name})
    assert (grown[0], told[0]) == (grown[1], told[1])
    heard = [message for message in post.all() if message.to == owner[taken]]
    assert heard
    assert all(message.code is None and "account" in message.text for message in heard)
    assert count(kit, User) == 1
    other = owner[PHONE if taken == EMAIL else EMAIL]
    assert [message for message in post.all() if message.to == other] == []


@on_each_database
@pytest.mark.parametrize("limit", ["sms:number", "sms:ip", "sms:day"])
def test_a_limit_between_the_steps_leaves_the_first_code_usable(
    make_app: MakeApp, limit: str
) -> None:
    app = asking_for(
        make_app, "required", "required", USERKIT_RATE_LIMITS={**NO_LIMITS, limit: "1/hour"}
    )
    with app.app_context():
        userkit: Kits = app.extensions["userkit"]
        kit, post, clock = userkit.kit, Post(userkit.kit), Clock()
        userkit.clock = clock
        address, number = new_address(), new_number()
        other = begin_sign_up(userkit, new_address(), phone_number=number)
        enter_first_code(userkit, other, next(mail.code or "" for mail in post.all()))
        token = begin_sign_up(userkit, address, phone_number=number)
        code = post.code(address)
        with refused("too_many_requests"):
            enter_first_code(userkit, token, code)
        waiting = sign_ups.pending_attempt(kit, token)
        assert waiting is not None
        assert waiting.address == address
        userkit.kit.limits.clear(
            {limit: {"sms:ip": "-", "sms:number": number}.get(limit, kit.base_url)}
        )
        enter_first_code(userkit, token, code)
        assert enter_sign_up_code(userkit, token, post.code(number)).user_id


@on_each_database
@pytest.mark.parametrize("taken", [EMAIL, PHONE])
def test_what_is_taken_meanwhile_is_told_and_leaves_no_half_account(
    userkit: Kits, kit: Kit, post: Post, taken: str
) -> None:
    typed = {EMAIL: new_address(), PHONE: new_number()}
    token = begin_sign_up(userkit, typed[EMAIL], phone_number=typed[PHONE])
    enter_first_code(userkit, token, post.code(typed[EMAIL]))
    code = post.code(typed[PHONE])
    other: dict[str, t.Any] = {taken: [typed[taken]]}
    userkit.users.create_user(**other)
    before = everything(kit)
    with refused("form_identifier_exists", taken):
        enter_sign_up_code(userkit, token, code)
    assert everything(kit) == before
    assert identified(kit, token) is None
    model = EmailAddress if taken == PHONE else PhoneNumber
    assert count(kit, model) == 0
