"""Sessions begin with a new token and end at once, everywhere."""

from __future__ import annotations

import pytest

from flask_userkit import UserKit
from flask_userkit.models import Client
from flask_userkit.models import Event
from flask_userkit.models import Session
from flask_userkit.models import User
from flask_userkit.security.tokens import new_token
from flask_userkit.security.tokens import token_digest
from flask_userkit.services import clients
from flask_userkit.services import sessions
from flask_userkit.services.kit import Caller
from flask_userkit.services.kit import Kit
from tests.rig.clock import Clock
from tests.services.acts import Post
from tests.services.acts import Signed
from tests.services.acts import sign_in
from tests.services.acts import sign_up
from tests.services.support import identified
from tests.services.support import refused
from tests.services.support import rows

pytestmark = pytest.mark.usefixtures("backend")


@pytest.fixture
def ada(userkit: UserKit[User], post: Post) -> Signed:
    return sign_up(userkit, post)


def statuses(kit: Kit) -> list[str]:
    return [session.status for session in rows(kit, Session)]


def test_a_session_says_when_where_and_how(
    userkit: UserKit[User], kit: Kit, clock: Clock, ada: Signed
) -> None:
    kit.caller = lambda: Caller(ip_address="2001:db8::1", user_agent="Firefox " * 64)
    signed_in = sign_in(userkit, ada.address, ada.password)
    session = rows(kit, Session)[-1]
    assert session.id == signed_in.session_id
    assert (session.user_id, session.strategy) == (ada.signed_in.user_id, "password")
    assert session.ip_address == "2001:db8::1"
    assert session.user_agent == "Firefox " * 64
    assert session.created_at == session.last_active_at == clock()
    lifetime = (session.expire_at - session.created_at).total_seconds()
    assert lifetime == kit.config.session_lifetime
    assert userkit.users.get_user(ada.signed_in.user_id).last_sign_in_at == clock()


def test_sign_in_gives_a_browser_another_token(
    userkit: UserKit[User], kit: Kit, ada: Signed
) -> None:
    again = sign_in(userkit, ada.address, ada.password, ada.signed_in.token)
    assert again.token != ada.signed_in.token
    assert identified(kit, ada.signed_in.token) is None
    assert identified(kit, again.token) == ada.signed_in.user_id
    assert statuses(kit) == ["replaced", "active"]
    assert len(rows(kit, Client)) == 1


def test_a_token_that_was_planted_is_not_taken_over(
    userkit: UserKit[User], kit: Kit, ada: Signed
) -> None:
    planted = new_token()
    signed_in = sign_in(userkit, ada.address, ada.password, planted)
    assert signed_in.token != planted
    assert identified(kit, planted) is None


def test_another_person_at_the_same_browser_replaces_the_first(
    userkit: UserKit[User], kit: Kit, post: Post, ada: Signed
) -> None:
    bea = sign_up(userkit, post)
    signed_in = sign_in(userkit, bea.address, bea.password, ada.signed_in.token)
    assert identified(kit, signed_in.token) == bea.signed_in.user_id
    assert statuses(kit) == ["replaced", "active", "active"]


def test_only_the_digest_of_a_token_is_stored(kit: Kit, ada: Signed) -> None:
    (client,) = rows(kit, Client)
    assert client.token_digest == token_digest(ada.signed_in.token)


def test_sign_out_ends_the_session_and_the_token(
    userkit: UserKit[User], kit: Kit, clock: Clock, ada: Signed, heard: list[str]
) -> None:
    elsewhere = sign_in(userkit, ada.address, ada.password)
    heard.clear()
    with userkit.transaction() as db:
        sessions.end(db, ada.signed_in.session_id, ada.signed_in.user_id)
    assert identified(kit, ada.signed_in.token) is None
    assert identified(kit, elsewhere.token) == ada.signed_in.user_id
    ended = rows(kit, Session)[0]
    assert (ended.status, ended.ended_at) == ("ended", clock())
    assert heard == ["session.ended"]
    assert token_digest(ada.signed_in.token) not in [row.token_digest for row in rows(kit, Client)]


def test_nobody_signs_somebody_else_out(
    userkit: UserKit[User], kit: Kit, post: Post, ada: Signed
) -> None:
    bea = sign_up(userkit, post)
    with userkit.transaction() as db:
        sessions.end(db, ada.signed_in.session_id, bea.signed_in.user_id)
        sessions.end(db, "sess_0", bea.signed_in.user_id)
    assert identified(kit, ada.signed_in.token) == ada.signed_in.user_id
    assert identified(kit, bea.signed_in.token) == bea.signed_in.user_id


def test_a_session_is_revoked_from_elsewhere_once(
    userkit: UserKit[User], kit: Kit, ada: Signed
) -> None:
    userkit.sessions.revoke_session(ada.signed_in.session_id)
    assert identified(kit, ada.signed_in.token) is None
    assert statuses(kit) == ["revoked"]
    for session_id in (ada.signed_in.session_id, "sess_0", "", "\0", "\ud800"):
        with refused("resource_not_found"):
            userkit.sessions.revoke_session(session_id)
    assert [row.name for row in rows(kit, Event)].count("session.revoked") == 1


def test_all_but_one_are_revoked(userkit: UserKit[User], kit: Kit, ada: Signed) -> None:
    others = [sign_in(userkit, ada.address, ada.password) for _ in range(3)]
    with userkit.transaction() as db:
        kept = others[1].session_id
        assert sessions.revoke_all(db, ada.signed_in.user_id, except_session_id=kept) == 3
        assert sessions.revoke_all(db, ada.signed_in.user_id, except_session_id=kept) == 0
    alive = [identified(kit, signed_in.token) for signed_in in others]
    assert alive == [None, ada.signed_in.user_id, None]


def test_a_client_that_rotates_twice_at_once_gets_one_token(
    userkit: UserKit[User], kit: Kit, ada: Signed
) -> None:
    with userkit.transaction() as db:
        client = clients.find(db, ada.signed_in.token)
        assert client is not None
        db.expunge(client)
        first = clients.rotate(db, db.merge(client, load=False))
    with userkit.transaction() as db:
        stale = db.merge(client, load=False)
        assert clients.rotate(db, stale) is None
    assert first is not None
    assert identified(kit, first) == ada.signed_in.user_id
