"""A forgotten password, got back by phone: also by who has nothing but a number."""

from __future__ import annotations

import pytest
from flask import Flask

from flask_userkit import UserKit
from flask_userkit.models import OutboxMessage
from flask_userkit.models import Session
from flask_userkit.models import SignIn
from flask_userkit.models import User
from flask_userkit.models import Verification
from flask_userkit.services import password_resets
from flask_userkit.services.kit import Kit
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_password
from tests.rig.queries import count_queries
from tests.services.acts import Post
from tests.services.acts import begin_reset
from tests.services.acts import begin_sign_in
from tests.services.acts import enter_sign_in_code
from tests.services.acts import let_in
from tests.services.acts import reset
from tests.services.acts import sign_in
from tests.services.phone_apps import ADA
from tests.services.phone_apps import NOBODY
from tests.services.phone_apps import open_app
from tests.services.phone_apps import shapes
from tests.services.support import count
from tests.services.support import everything
from tests.services.support import identified
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
EMAIL = "ada@example.com"
SHOWN = "+49 1512 3456789"
GENERIC = "form_password_or_identifier_incorrect"

on_each_database = pytest.mark.usefixtures("backend")


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return open_app(make_app)


@pytest.fixture
def old() -> str:
    return new_password()


@pytest.fixture
def new() -> str:
    return new_password()


@pytest.fixture
def alone(userkit: Kits, old: str) -> User:
    """Somebody who has a phone number and nothing else."""
    return userkit.users.create_user(phone_number=[ADA], password=old)


@on_each_database
@pytest.mark.parametrize("typed", [ADA, " +49 151 / 23456789", "٠٠٤٩١٥١٢٣٤٥٦٧٨٩"], ids=ascii)
def test_a_number_alone_gets_the_password_back(
    userkit: Kits, kit: Kit, post: Post, alone: User, old: str, new: str, typed: str
) -> None:
    inside = [sign_in(userkit, ADA, old).token, let_in(userkit, alone.id).token]
    with userkit.transaction() as db:
        token = password_resets.prepare(
            db, None, identifier=typed, return_to="/books", country="DE"
        )
    (text,) = [text for text in post.all() if text.code]
    assert text.to == ADA
    assert text.code is not None
    signed_in = reset(userkit, token, text.code, new)
    assert identified(kit, signed_in.token) == alone.id
    assert [identified(kit, each) for each in (*inside, token)] == [None] * 3
    assert rows(kit, Session)[-1].strategy == "reset_password_phone_code"
    assert sign_in(userkit, ADA, new).user_id == alone.id
    with refused(GENERIC):
        sign_in(userkit, ADA, old)
    assert count(kit, SignIn) == 0


@on_each_database
def test_who_has_a_number_alone_is_told_by_text_message(
    userkit: Kits, post: Post, alone: User, new: str
) -> None:
    token = begin_reset(userkit, ADA)
    reset(userkit, token, post.code(ADA), new)
    notice, _code = post.all()
    assert (notice.to, notice.code) == (ADA, None)
    assert "Your password was reset" in notice.text


@on_each_database
def test_who_has_an_address_is_told_there_with_every_number_that_signs_in(
    userkit: Kits, post: Post, new: str
) -> None:
    ada = userkit.users.create_user(email_address=[EMAIL], phone_number=[ADA])
    # One that is not proven signs nobody in.
    userkit.phone_numbers.create(ada.id, NOBODY)
    token = begin_reset(userkit, ADA)
    reset(userkit, token, post.code(ADA), new)
    (notice,) = [message for message in post.all() if message.code is None]
    assert notice.to == EMAIL
    assert f"One signs in to it with: {EMAIL}, {SHOWN}." in notice.text


@on_each_database
def test_by_username_the_code_goes_to_the_primary_address(
    userkit: Kits, kit: Kit, post: Post, new: str
) -> None:
    ada = userkit.users.create_user(email_address=[EMAIL], phone_number=[ADA], username="ada_1815")
    token = begin_reset(userkit, "ADA_1815")
    assert [message.to for message in post.all()] == [EMAIL]
    assert reset(userkit, token, post.code(EMAIL), new).user_id == ada.id
    assert rows(kit, Session)[-1].strategy == "reset_password_email_code"


@on_each_database
def test_known_unknown_and_banned_numbers_ask_the_same_and_leave_the_same(
    userkit: Kits, kit: Kit, clock: Clock, post: Post, alone: User, new: str
) -> None:
    banned = userkit.users.create_user(phone_number=["+4915123456780"])
    userkit.users.ban_user(banned.id)
    begin_reset(userkit, "+4915123456781")
    seen = []
    for number in (ADA, NOBODY, "+4915123456780", "+499001234567"):
        before = everything(kit)
        with count_queries() as asked:
            token = begin_reset(userkit, number)
        clock.tick(30)
        with count_queries() as again, userkit.transaction() as db:
            password_resets.deliver(db, token)
        after = everything(kit)
        with refused("form_code_incorrect", "code") as wrong, count_queries() as guessed:
            reset(userkit, token, "000000", new)
        grown = {name: after[name] - before[name] for name in after if "limit" not in name}
        seen.append((grown, [*map(shapes, (asked, again, guessed))], wrong.message))
    assert seen[1:] == [seen[0]] * 3
    assert [message.to for message in post.all()] == [ADA, ADA]
    assert count(kit, OutboxMessage) == 9


@on_each_database
def test_codes_that_were_sent_before_sign_nobody_in_any_more(
    userkit: Kits, kit: Kit, post: Post, alone: User, new: str
) -> None:
    to_sign_in = begin_sign_in(userkit, ADA)
    code = post.code(ADA)
    token = begin_reset(userkit, ADA)
    reset(userkit, token, post.code(ADA), new)
    with refused("verification_expired"):
        enter_sign_in_code(userkit, to_sign_in, code)
    assert count(kit, Verification, Verification.consumed_at.is_(None)) == 0


@on_each_database
def test_a_number_that_was_given_up_resets_nothing(
    userkit: Kits, kit: Kit, post: Post, old: str, new: str
) -> None:
    ada = userkit.users.create_user(email_address=[EMAIL], phone_number=[ADA], password=old)
    token = begin_reset(userkit, ADA)
    code = post.code(ADA)
    (number,) = userkit.users.get_user(ada.id).phone_numbers
    userkit.phone_numbers.delete(number.id)
    with refused("verification_already_verified", "code"):
        reset(userkit, token, code, new)
    assert sign_in(userkit, EMAIL, old).user_id == ada.id


@on_each_database
def test_ones_own_number_is_no_password_and_does_not_use_the_code_up(
    userkit: Kits, post: Post, alone: User, new: str
) -> None:
    token = begin_reset(userkit, ADA)
    for typed in (ADA, "0151 23456789"):
        with refused("form_password_matches_identifier", "password"):
            reset(userkit, token, post.code(ADA), typed)
    with refused("form_password_matches_identifier", "password"):
        userkit.users.update_user(alone.id, password="0151-23456789")
    with refused("form_password_matches_identifier", "password"):
        userkit.users.create_user(phone_number=[NOBODY], password=NOBODY)
    assert reset(userkit, token, post.code(ADA), new).user_id == alone.id


def test_a_reset_works_where_texts_sign_nobody_in(make_app: MakeApp, new: str) -> None:
    with open_app(make_app, USERKIT_PHONE_CODE_SIGN_IN=False).app_context() as context:
        userkit: Kits = context.app.extensions["userkit"]
        ada = userkit.users.create_user(phone_number=[ADA])
        token = begin_reset(userkit, ADA)
        assert reset(userkit, token, Post(userkit.kit).code(ADA), new).user_id == ada.id
