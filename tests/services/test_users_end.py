"""Bans and deletions take effect on the next request, and leave nothing to sign in with."""

from __future__ import annotations

import pytest

from flask_userkit import UserKit
from flask_userkit.models import Event
from flask_userkit.models import OutboxMessage
from flask_userkit.models import User
from flask_userkit.services.kit import Kit
from tests.services.acts import Post
from tests.services.acts import begin_sign_in
from tests.services.acts import enter_sign_in_code
from tests.services.acts import sign_in
from tests.services.acts import sign_up
from tests.services.support import everything
from tests.services.support import identified
from tests.services.support import refused
from tests.services.support import rows

pytestmark = pytest.mark.usefixtures("backend")
GENERIC = "form_password_or_identifier_incorrect"


def test_a_ban_ends_every_session_and_refuses_the_next(
    userkit: UserKit[User], kit: Kit, post: Post, heard: list[str]
) -> None:
    ada, bea = sign_up(userkit, post), sign_up(userkit, post)
    tokens = [ada.signed_in.token, sign_in(userkit, ada.address, ada.password).token]
    waiting = begin_sign_in(userkit, ada.address)
    code = post.code(ada.address)
    heard.clear()
    assert userkit.users.ban_user(ada.signed_in.user_id).banned
    assert [identified(kit, token) for token in tokens] == [None, None]
    assert identified(kit, bea.signed_in.token) == bea.signed_in.user_id
    assert heard == ["session.revoked", "session.revoked", "user.banned"]
    with refused("user_banned"):
        sign_in(userkit, ada.address, ada.password)
    with refused("verification_expired"):
        enter_sign_in_code(userkit, waiting, code)


def test_a_ban_is_told_to_nobody_without_the_password(userkit: UserKit[User], post: Post) -> None:
    ada = sign_up(userkit, post)
    userkit.users.ban_user(ada.signed_in.user_id)
    with refused(GENERIC):
        sign_in(userkit, ada.address, "not the password")


def test_a_ban_can_be_lifted_and_revives_no_session(
    userkit: UserKit[User], kit: Kit, post: Post
) -> None:
    ada = sign_up(userkit, post)
    userkit.users.ban_user(ada.signed_in.user_id)
    assert userkit.users.ban_user(ada.signed_in.user_id).banned
    assert not userkit.users.unban_user(ada.signed_in.user_id).banned
    assert identified(kit, ada.signed_in.token) is None
    assert sign_in(userkit, ada.address, ada.password).user_id == ada.signed_in.user_id


def test_a_deleted_user_leaves_audit_and_nothing_else(
    userkit: UserKit[User], kit: Kit, post: Post, heard: list[str]
) -> None:
    sign_up(userkit, post)
    before = everything(kit)
    ada = sign_up(userkit, post)
    begin_sign_in(userkit, ada.address)
    userkit.users.delete_user(ada.signed_in.user_id)
    after = everything(kit)
    kept = {"userkit_event", "userkit_outbox_message", "userkit_client", "userkit_limit_hit"}
    # The code that completed the sign-up was never tied to a user; it is used up.
    kept.add("userkit_verification")
    assert {name: n for name, n in after.items() if name not in kept} == {
        name: n for name, n in before.items() if name not in kept
    }
    assert identified(kit, ada.signed_in.token) is None
    assert heard[-1] == "user.deleted"
    assert rows(kit, Event)[-1].user_id == ada.signed_in.user_id
    with refused("resource_not_found"):
        userkit.users.delete_user(ada.signed_in.user_id)


def test_the_address_of_a_deleted_user_is_free_and_old_codes_are_dead(
    userkit: UserKit[User], post: Post
) -> None:
    ada = sign_up(userkit, post)
    waiting = begin_sign_in(userkit, ada.address)
    code = post.code(ada.address)
    userkit.users.delete_user(ada.signed_in.user_id)
    with refused("verification_expired"):
        enter_sign_in_code(userkit, waiting, code)
    again = sign_up(userkit, post, ada.address)
    assert again.signed_in.user_id != ada.signed_in.user_id
    with refused(GENERIC):
        sign_in(userkit, ada.address, ada.password)


def test_a_deleted_user_gets_no_mail_that_was_still_waiting(
    userkit: UserKit[User], kit: Kit, post: Post
) -> None:
    ada = sign_up(userkit, post)
    sent = len(post.all())
    begin_sign_in(userkit, ada.address)
    userkit.users.delete_user(ada.signed_in.user_id)
    assert len(post.all()) == sent
    assert [row.payload for row in rows(kit, OutboxMessage)] == [None] * 3
