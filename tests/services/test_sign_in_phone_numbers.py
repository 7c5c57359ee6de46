"""Sign-in by phone number, however it is written; a number that is gone signs nobody in."""

from __future__ import annotations

import pytest
from flask import Flask

from flask_userkit import UserKit
from flask_userkit.models import OutboxMessage
from flask_userkit.models import Session
from flask_userkit.models import SignIn
from flask_userkit.models import User
from flask_userkit.services import password_resets
from flask_userkit.services import sign_ups
from flask_userkit.services.kit import Kit
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_password
from tests.services.acts import Post
from tests.services.acts import begin_reset
from tests.services.acts import begin_sign_in
from tests.services.acts import begin_sign_up
from tests.services.acts import enter_sign_in_code
from tests.services.acts import resend_sign_in_code
from tests.services.acts import reset
from tests.services.acts import sign_in
from tests.services.phone_apps import ADA
from tests.services.phone_apps import NOBODY
from tests.services.phone_apps import open_app
from tests.services.support import count
from tests.services.support import identified
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
GENERIC = "form_password_or_identifier_incorrect"

on_each_database = pytest.mark.usefixtures("backend")


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return open_app(make_app)


@pytest.fixture
def password() -> str:
    return new_password()


@pytest.fixture
def ada(userkit: Kits, password: str) -> User:
    return userkit.users.create_user(
        email_address=["ada@example.com"],
        phone_number=[ADA],
        username="ada_1815",
        password=password,
    )


@on_each_database
@pytest.mark.parametrize(
    ("typed", "country"),
    [
        (ADA, None),
        (" +49 (151) 2345-6789\n", None),
        ("tel:+49-151-23456789", "FR"),
        ("\u202a+4915123456789\u202c", None),
        ("0151 23456789", "DE"),
        ("0151/2345.6789", "de"),
        ("0049 151 23456789", "FR"),
        ("+٤٩ ١٥١ ٢٣٤٥٦٧٨٩", None),
        ("٠١٥١٢٣٤٥٦٧٨٩", "DE"),
        ("+４９１５１２３４５６７８９", None),
    ],
    ids=ascii,
)
def test_a_number_signs_in_however_it_is_written(
    userkit: Kits, kit: Kit, post: Post, ada: User, password: str, typed: str, country: str | None
) -> None:
    token = sign_in(userkit, typed, password, country=country).token
    assert identified(kit, token) == ada.id
    asking = begin_sign_in(userkit, typed, country=country)
    (text,) = post.all()
    assert text.to == ADA
    assert text.code is not None
    signed_in = enter_sign_in_code(userkit, asking, text.code)
    assert identified(kit, signed_in.token) == ada.id
    assert identified(kit, asking) is None
    assert [row.strategy for row in rows(kit, Session)] == ["password", "phone_code"]
    assert count(kit, SignIn) == 0


@pytest.mark.parametrize(
    ("typed", "country"),
    [("0151 23456789", "FR"), ("0151 23456789", None), ("151 23456789", "US"), (ADA + "0", "DE")],
)
def test_a_number_of_another_country_is_another(
    userkit: Kits, kit: Kit, ada: User, password: str, typed: str, country: str | None
) -> None:
    with refused(GENERIC):
        sign_in(userkit, typed, password, country=country)
    begin_sign_in(userkit, typed, country=country)
    assert [row.kind for row in rows(kit, OutboxMessage)] == ["decoy"]


@on_each_database
@pytest.mark.parametrize(
    ("identifier", "to"), [("ada@example.com", "ada@example.com"), ("ADA_1815", "ada@example.com")]
)
def test_a_code_goes_to_what_was_named_and_by_username_to_the_address(
    userkit: Kits, kit: Kit, post: Post, ada: User, identifier: str, to: str
) -> None:
    token = begin_sign_in(userkit, identifier)
    signed_in = enter_sign_in_code(userkit, token, post.code(to))
    assert signed_in.user_id == ada.id
    assert rows(kit, Session)[-1].strategy == "email_code"


@on_each_database
def test_a_number_that_was_given_up_signs_nobody_in(
    userkit: Kits, kit: Kit, clock: Clock, post: Post, ada: User, password: str
) -> None:
    token = begin_sign_in(userkit, ADA)
    code = post.code(ADA)
    (number,) = userkit.users.get_user(ada.id).phone_numbers
    userkit.phone_numbers.delete(number.id)
    with refused("verification_already_verified", "code"):
        enter_sign_in_code(userkit, token, code)
    clock.tick(30)
    sent = len(post.all())
    with refused("verification_already_verified", "code"):
        resend_sign_in_code(userkit, token)
    assert len(post.all()) == sent
    with refused(GENERIC):
        sign_in(userkit, ADA, password)
    assert count(kit, Session) == 0


@on_each_database
def test_a_number_that_changed_hands_lets_nobody_into_either_account(
    userkit: Kits, kit: Kit, post: Post, ada: User
) -> None:
    token = begin_sign_in(userkit, ADA)
    code = post.code(ADA)
    (number,) = userkit.users.get_user(ada.id).phone_numbers
    userkit.phone_numbers.update(number.id, verified=False)
    userkit.users.create_user(phone_number=[ADA])
    with refused("verification_already_verified", "code"):
        enter_sign_in_code(userkit, token, code)
    assert count(kit, Session) == 0


@on_each_database
def test_a_code_by_text_of_one_purpose_is_none_of_another(
    userkit: Kits, kit: Kit, post: Post, ada: User
) -> None:
    to_sign_in, to_reset = begin_sign_in(userkit, ADA), begin_reset(userkit, ADA)
    to_sign_up = begin_sign_up(userkit, NOBODY)
    reset_code, sign_in_code = [text.code or "" for text in post.all() if text.to == ADA]
    sign_up_code = post.code(NOBODY)
    with refused("verification_expired"):
        enter_sign_in_code(userkit, to_reset, reset_code)
    with refused("verification_expired"):
        reset(userkit, to_sign_in, sign_in_code, new_password())
    for token, code in ((to_sign_up, sign_up_code), (to_reset, reset_code)):
        with refused("verification_expired"):
            enter_sign_in_code(userkit, token, code)
    with refused("verification_expired"), userkit.transaction() as db:
        sign_ups.attempt_code(db, to_sign_in, sign_in_code)
    assert password_resets.pending_attempt(kit, to_sign_in) is None
    assert count(kit, Session) == 0
    # Nothing was used up by that.
    assert enter_sign_in_code(userkit, to_sign_in, sign_in_code).user_id == ada.id


@on_each_database
def test_a_code_works_in_the_browser_that_asked_for_it_and_once(
    userkit: Kits, kit: Kit, post: Post, ada: User
) -> None:
    token = begin_sign_in(userkit, ADA)
    code = post.code(ADA)
    other = begin_sign_in(userkit, NOBODY)
    with refused("form_code_incorrect", "code"):
        enter_sign_in_code(userkit, other, code)
    enter_sign_in_code(userkit, token, code)
    with refused("verification_expired"):
        enter_sign_in_code(userkit, token, code)
    assert count(kit, Session) == 1


@on_each_database
def test_a_ban_is_told_to_who_has_the_code_and_a_lock_stops_no_code(
    userkit: Kits, kit: Kit, post: Post, ada: User, password: str
) -> None:
    userkit.users.lock_user(ada.id)
    with refused("user_locked"):
        sign_in(userkit, ADA, password)
    with refused(GENERIC):
        sign_in(userkit, ADA, "not the password")
    token = begin_sign_in(userkit, ADA)
    assert enter_sign_in_code(userkit, token, post.code(ADA)).user_id == ada.id
    token = begin_sign_in(userkit, ADA)
    code = post.code(ADA)
    userkit.users.unlock_user(ada.id)
    userkit.users.ban_user(ada.id)
    with refused("verification_expired"):
        enter_sign_in_code(userkit, token, code)
    token = begin_sign_in(userkit, ADA)
    with refused("user_banned"):
        enter_sign_in_code(userkit, token, post.code(ADA))
    with refused("user_banned"):
        sign_in(userkit, ADA, password)
    assert count(kit, Session, Session.status == "active") == 0
