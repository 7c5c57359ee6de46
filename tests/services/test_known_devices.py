"""A browser in which somebody has signed in is known again, and gives nobody's name away."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session as DbSession

from flask_userkit import UserKit
from flask_userkit.models import User
from flask_userkit.services import known_devices
from flask_userkit.services import own_sessions
from flask_userkit.services.kit import Kit
from flask_userkit.services.sessions import SignedIn
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_password
from tests.services.acts import Post
from tests.services.acts import begin_reset
from tests.services.acts import let_in
from tests.services.acts import reset
from tests.services.acts import sign_in

Kits = UserKit[User]
KEY = "a key"


def test_a_device_is_known_to_who_has_signed_in_there_and_to_nobody_else(kit: Kit) -> None:
    cookie = known_devices.add(kit, "", "user_1", KEY)
    assert known_devices.find(kit, cookie, "user_1", KEY)
    assert known_devices.find(kit, cookie, "user_2", KEY) is None
    assert known_devices.find(kit, cookie, None, None) is None
    assert known_devices.find(kit, "", "user_1", KEY) is None
    assert "user_1" not in cookie


def test_it_ends_with_the_key(kit: Kit) -> None:
    cookie = known_devices.add(kit, "", "user_1", KEY)
    assert known_devices.find(kit, cookie, "user_1", "another key") is None
    first = known_devices.add(kit, "", "user_1", None)
    assert known_devices.find(kit, first, "user_1", None)
    assert known_devices.find(kit, first, "user_1", KEY) is None


def test_five_people_share_a_browser_and_the_one_longest_away_makes_room(kit: Kit) -> None:
    cookie = ""
    for number in range(6):
        cookie = known_devices.add(kit, cookie, f"user_{number}", KEY)
    known = [n for n in range(6) if known_devices.find(kit, cookie, f"user_{n}", KEY)]
    assert known == [1, 2, 3, 4, 5]
    cookie = known_devices.add(kit, cookie, "user_1", KEY)
    cookie = known_devices.add(kit, cookie, "user_6", KEY)
    assert known_devices.find(kit, cookie, "user_1", KEY)
    assert known_devices.find(kit, cookie, "user_2", KEY) is None


def test_who_signs_in_again_keeps_the_device(kit: Kit) -> None:
    cookie = known_devices.add(kit, "", "user_1", KEY)
    again = known_devices.add(kit, cookie, "user_1", KEY)
    assert again == cookie, "failures are counted for the same device as before"


@pytest.mark.parametrize(
    "forge",
    [
        lambda cookie: cookie[:-1],
        lambda cookie: cookie[:-2] + ("AA" if cookie[-2:] != "AA" else "BB"),
        lambda cookie: "A" + cookie[1:] if cookie[0] != "A" else "B" + cookie[1:],
        lambda cookie: cookie.replace(".", "~"),
        lambda cookie: cookie.partition(".")[0] + ".",
        lambda cookie: cookie + "=",
        lambda cookie: "~".join([cookie] * 6),
        lambda cookie: cookie + "~" + "A" * 4000,
        lambda cookie: "\u0663" * 66,
        lambda cookie: "\ud800",
        lambda cookie: "~" * 300,
    ],
)
def test_a_forged_or_oversized_one_is_like_none(kit: Kit, forge: object) -> None:
    assert callable(forge)
    cookie = forge(known_devices.add(kit, "", "user_1", KEY))
    assert known_devices.find(kit, cookie, "user_1", KEY) is None
    fresh = known_devices.add(kit, cookie, "user_1", KEY)
    assert known_devices.find(kit, fresh, "user_1", KEY)


@pytest.mark.usefixtures("backend")
def test_each_way_to_sign_in_makes_the_device_known(userkit: Kits, kit: Kit, post: Post) -> None:
    password, new = new_password(), new_password()
    ada = userkit.users.create_user(email_address=["ada@example.com"], password=password)
    by_password = sign_in(userkit, "ada@example.com", password).device
    key = userkit.users.get_user(ada.id).device_key
    assert known_devices.find(kit, by_password, ada.id, key)
    token = begin_reset(userkit, "ada@example.com")
    by_reset = reset(userkit, token, post.code("ada@example.com"), new, by_password).device
    key = userkit.users.get_user(ada.id).device_key
    assert known_devices.find(kit, by_password, ada.id, key) is None
    assert known_devices.find(kit, by_reset, ada.id, key)


def known(userkit: Kits, user_id: str, cookie: str) -> bool:
    key = userkit.users.get_user(user_id).device_key
    return known_devices.find(userkit.kit, cookie, user_id, key) is not None


@pytest.mark.usefixtures("backend")
def test_another_digest_of_the_same_password_ends_nothing(make_app: MakeApp) -> None:
    password = new_password()
    weak = make_app(USERKIT_OUTBOX="worker")
    with weak.app_context():
        userkit: Kits = weak.extensions["userkit"]
        ada = userkit.users.create_user(email_address=["ada@example.com"], password=password)
        first = sign_in(userkit, "ada@example.com", password).device
        here = sign_in(userkit, "ada@example.com", password).device
    strong = make_app(
        SECRET_KEY=weak.config["SECRET_KEY"],
        USERKIT_OUTBOX="worker",
        USERKIT_PASSWORD_HASH="default",
    )
    with strong.app_context():
        userkit = strong.extensions["userkit"]
        assert sign_in(userkit, "ada@example.com", password, device=here).device == here
        digest = userkit.users.get_user(ada.id).password_digest
        assert digest is not None
        assert digest != ada.password_digest
        assert known(userkit, ada.id, first)
        assert known(userkit, ada.id, here)


Act = Callable[[DbSession, SignedIn, SignedIn], str]
BY_ONESELF: dict[str, Act] = {
    "one device": lambda db, me, thief: own_sessions.revoke_own_session(
        db, me, thief.session_id, me.device
    ),
    "all others": lambda db, me, _thief: own_sessions.revoke_other_sessions(db, me, me.device),
}


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("act", BY_ONESELF)
@pytest.mark.parametrize("password", [None, new_password()], ids=["code", "password"])
def test_a_thief_who_is_signed_out_is_known_no_more(
    userkit: Kits, act: str, password: str | None
) -> None:
    user = userkit.users.create_user(email_address=["ada@example.com"], password=password)
    me, thief = let_in(userkit, user.id), let_in(userkit, user.id)
    with userkit.transaction() as db:
        cookie = BY_ONESELF[act](db, me, thief)
    assert known(userkit, user.id, cookie)
    assert not known(userkit, user.id, thief.device)
    assert not known(userkit, user.id, me.device)


@pytest.mark.usefixtures("backend")
def test_each_end_from_elsewhere_ends_the_known_devices(userkit: Kits) -> None:
    user = userkit.users.create_user(email_address=["ada@example.com"])

    def everywhere(who: SignedIn) -> None:
        with userkit.transaction() as db:
            own_sessions.revoke_every_session(db, who)

    acts: list[Callable[[SignedIn], object]] = [
        everywhere,
        lambda who: userkit.sessions.revoke_session(who.session_id),
        lambda _who: userkit.users.update_user(user.id, password=new_password()),
        lambda _who: userkit.users.ban_user(user.id),
    ]
    for act in acts:
        signed_in = let_in(userkit, user.id)
        assert known(userkit, user.id, signed_in.device)
        act(signed_in)
        assert not known(userkit, user.id, signed_in.device)


@pytest.mark.usefixtures("backend")
def test_sign_out_ends_no_known_device(userkit: Kits) -> None:
    user = userkit.users.create_user(email_address=["ada@example.com"])
    signed_in = let_in(userkit, user.id)
    with userkit.transaction() as db:
        own_sessions.revoke_own_session(db, signed_in, signed_in.session_id)
    assert known(userkit, user.id, signed_in.device)
