"""A link is worth as much as the session that asked for it, and nothing once that is over."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from flask_userkit import UserKit
from flask_userkit.models import EmailAddress
from flask_userkit.models import User
from flask_userkit.services import sessions
from flask_userkit.services.email_links import read_link
from flask_userkit.services.identity import Identity
from flask_userkit.services.kit import Kit
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_address
from tests.rig.people import new_password
from tests.services.acts import Post
from tests.services.acts import begin_sign_in
from tests.services.acts import enter_sign_in_code
from tests.services.acts import sign_in
from tests.services.acts import sign_up
from tests.services.address_acts import add
from tests.services.address_acts import link_of
from tests.services.address_acts import mails_to
from tests.services.address_acts import open_link
from tests.services.address_acts import somebody
from tests.services.address_acts import who
from tests.services.support import count
from tests.services.support import everything
from tests.services.support import refused

Kits = UserKit[User]
INVALID = "verification_link_token_invalid"
pytestmark = pytest.mark.usefixtures("backend")


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(USERKIT_OUTBOX="worker", USERKIT_EMAIL_VERIFICATION="link")


def change_password(userkit: Kits, thief: Identity) -> None:
    userkit.users.update_user(thief.user_id, password=new_password())


def revoke_all(userkit: Kits, thief: Identity) -> None:
    with userkit.transaction() as db:
        sessions.revoke_all(db, thief.user_id)


def revoke(userkit: Kits, thief: Identity) -> None:
    userkit.sessions.revoke_session(thief.session_id)


def sign_out(userkit: Kits, thief: Identity) -> None:
    with userkit.transaction() as db:
        sessions.end(db, thief.session_id, thief.user_id)


def ban(userkit: Kits, thief: Identity) -> None:
    userkit.users.ban_user(thief.user_id)


def ban_and_lift_it(userkit: Kits, thief: Identity) -> None:
    userkit.users.ban_user(thief.user_id)
    userkit.users.unban_user(thief.user_id)


ENDS = [change_password, revoke_all, revoke, sign_out, ban, ban_and_lift_it]


@pytest.mark.parametrize("end", ENDS)
def test_a_link_is_no_way_back_in_once_the_session_that_asked_for_it_is_over(
    userkit: Kits, kit: Kit, post: Post, end: Callable[[Kits, Identity], None]
) -> None:
    ada = sign_up(userkit, post)
    thief = who(userkit, sign_in(userkit, ada.address, ada.password).token)
    address = new_address()
    add(userkit, thief, address)
    token = link_of(mails_to(post, address)[0])
    end(userkit, thief)
    before = everything(kit) | {"userkit_limit_hit": 0}
    with refused(INVALID) as shown:
        read_link(kit, token)
    with refused(INVALID) as pressed:
        open_link(userkit, token)
    assert shown.message == pressed.message == "This link does not work. Ask for a new one."
    assert everything(kit) | {"userkit_limit_hit": 0} == before
    assert count(kit, EmailAddress, EmailAddress.verified_key == address) == 0
    mails = len(mails_to(post, address))
    begin_sign_in(userkit, address)
    assert len(mails_to(post, address)) == mails, "who does not own it gets no code"


def test_it_works_elsewhere_while_the_session_that_asked_for_it_lives(
    userkit: Kits, kit: Kit, post: Post
) -> None:
    ada = sign_up(userkit, post)
    other = who(userkit, sign_in(userkit, ada.address, ada.password).token)
    address = new_address()
    add(userkit, who(userkit, ada.signed_in.token), address)
    sign_out(userkit, other)
    open_link(userkit, link_of(mails_to(post, address)[0]))
    assert count(kit, EmailAddress, EmailAddress.verified_key == address) == 1
    token = begin_sign_in(userkit, address)
    assert enter_sign_in_code(userkit, token, post.code(address)).user_id == other.user_id


def test_another_session_or_another_person_at_that_browser_does_not_revive_it(
    userkit: Kits, kit: Kit, post: Post
) -> None:
    ada = sign_up(userkit, post)
    somebody(userkit, post)
    address = new_address()
    add(userkit, who(userkit, ada.signed_in.token), address)
    token = link_of(mails_to(post, address)[0])
    bea = sign_up(userkit, post)
    sign_in(userkit, ada.address, ada.password)
    sign_in(userkit, bea.address, bea.password, ada.signed_in.token)
    acts: list[Callable[[], object]] = [
        lambda: read_link(kit, token),
        lambda: open_link(userkit, token),
    ]
    for act in acts:
        with refused(INVALID):
            act()


@pytest.mark.parametrize("setting", ["USERKIT_SESSION_LIFETIME", "USERKIT_SESSION_IDLE_TIMEOUT"])
def test_a_link_of_a_session_that_ran_out_unseen_does_not_work(
    make_app: MakeApp, setting: str
) -> None:
    app = make_app(USERKIT_OUTBOX="worker", USERKIT_EMAIL_VERIFICATION="link", **{setting: 300})
    with app.app_context():
        userkit: Kits = app.extensions["userkit"]
        userkit.clock = clock = Clock()
        post = Post(userkit.kit)
        ada, address = somebody(userkit, post), new_address()
        add(userkit, ada, address)
        token = link_of(mails_to(post, address)[0])
        clock.tick(299)
        read_link(userkit.kit, token)
        clock.tick(1)
        acts: list[Callable[[], object]] = [
            lambda: read_link(userkit.kit, token),
            lambda: open_link(userkit, token),
        ]
        for act in acts:
            with refused(INVALID):
                act()
