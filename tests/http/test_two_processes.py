"""Two processes, one database: what one does, the other knows at the next request."""

from __future__ import annotations

import json
import typing as t

import httpx
import pytest

from flask_userkit import UserKit
from tests.http.conftest import Walk
from tests.http.cookies import token_of
from tests.http.cookies import user_with
from tests.http.rows import scalar
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeApp
from tests.rig.fixtures.servers import StartServer
from tests.rig.mailbox import Mailbox
from tests.rig.people import Person
from tests.rig.people import begin_sign_up
from tests.rig.people import new_password
from tests.rig.people import sign_in
from tests.rig.people import sign_out
from tests.rig.people import sign_up
from tests.rig.servers import Server
from tests.rig.visitor import Visitor

pytestmark = pytest.mark.usefixtures("backend")
FORWARDED = ("X-Forwarded-For", "X-Real-IP", "CF-Connecting-IP", "Forwarded", "True-Client-IP")


class Pair(t.NamedTuple):
    """Two servers of one deployment, a browser at each, and the app's own Python."""

    servers: tuple[Server, Server]
    visitors: tuple[Visitor, Visitor]
    mailbox: Mailbox
    kit: UserKit

    def users(self, token: str | None) -> list[str | None]:
        """Return who each server says this token is."""
        return [user_with(visitor.client, token) for visitor in self.visitors]


@pytest.fixture
def pair(start_server: StartServer, make_app: MakeApp, walk: Walk) -> Pair:
    settings = {"USERKIT_RATE_LIMITS": json.dumps({"sign_in:account": "4/hour"})}
    servers = start_server(settings=settings), start_server(settings=settings)
    mailbox = Mailbox(walk(servers[1]).client)
    kit = make_app(USERKIT_OUTBOX="worker").extensions["userkit"]
    return Pair(servers, (walk(servers[0]), walk(servers[1])), mailbox, kit)


def test_what_ends_a_session_on_one_ends_it_on_the_other(pair: Pair, database: Database) -> None:
    visitor, ada = pair.visitors[0], Person()
    begin_sign_up(visitor, ada)
    before_sign_up = token_of(visitor)
    code = pair.mailbox.wait(ada.email_address).the_code
    move(visitor, pair.servers[1])
    visitor.open("/account/sign-up/verification")
    visitor.submit("/sign-up/verification", code=code)
    move(visitor, pair.servers[0])
    user_id = visitor.open("/whoami").json["user_id"]
    assert user_id is not None

    def is_ada(token: str | None) -> list[bool]:
        return [found == user_id for found in pair.users(token)]

    tokens = [token_of(visitor)]
    assert is_ada(before_sign_up) == [False, False], "sign-up"
    assert is_ada(tokens[-1]) == [True, True]

    sign_out(visitor)
    assert is_ada(tokens[-1]) == [False, False], "sign-out"
    sign_in(visitor, ada)
    tokens.append(token_of(visitor))
    assert is_ada(tokens[-1]) == [True, True]

    _sign_in_again(visitor, ada)
    assert is_ada(tokens[-1]) == [False, False], "another sign-in"
    tokens.append(token_of(visitor))
    assert is_ada(tokens[-1]) == [True, True]

    changed = Person(email_address=ada.email_address, password=new_password())
    pair.kit.users.update_user(user_id, password=changed.password)
    assert is_ada(tokens[-1]) == [False, False], "a new password"
    assert sign_in(pair.visitors[1], ada).status == 422
    sign_in(visitor, changed)
    tokens.append(token_of(visitor))
    assert is_ada(tokens[-1]) == [True, True]

    current = scalar(database, "SELECT id FROM userkit_session WHERE status = 'active'")
    pair.kit.sessions.revoke_session(current)
    assert is_ada(tokens[-1]) == [False, False], "a revoked session"
    sign_in(visitor, changed)
    tokens.append(token_of(visitor))
    assert is_ada(tokens[-1]) == [True, True]

    pair.kit.users.ban_user(user_id)
    assert is_ada(tokens[-1]) == [False, False], "a ban"
    assert sign_in(visitor, changed).status == 403
    pair.kit.users.unban_user(user_id)
    sign_in(visitor, changed)
    tokens.append(token_of(visitor))
    assert is_ada(tokens[-1]) == [True, True]

    pair.kit.users.delete_user(user_id)
    assert is_ada(tokens[-1]) == [False, False], "a deleted user"
    assert [is_ada(token) for token in tokens] == [[False, False]] * len(tokens)


def _sign_in_again(visitor: Visitor, ada: Person) -> None:
    """Sign in while signed in, as a form in another tab does."""
    token = visitor.open("/").form("/sign-out").values["userkit_csrf"]
    assert isinstance(visitor.client, httpx.Client)
    data = {"userkit_csrf": token, "identifier": ada.email_address, "password": ada.password}
    assert visitor.client.post("/account/sign-in", data=data).status_code == 303


def move(visitor: Visitor, server: Server) -> None:
    """Go on at another server, with the same cookies."""
    assert isinstance(visitor.client, httpx.Client)
    visitor.client.base_url = server.url


def test_limits_are_counted_together_and_outlive_a_restart(pair: Pair, walk: Walk) -> None:
    ada = Person()
    pair.kit.users.create_user(email_address=[ada.email_address], password=ada.password)
    wrong = Person(email_address=ada.email_address)
    assert [sign_in(visitor, wrong).status for visitor in pair.visitors * 2] == [422] * 4
    for visitor in pair.visitors:
        page = sign_in(visitor, ada)
        assert page.status == 429
        assert 1 <= int(page.header("Retry-After") or 0) <= 3600
        assert page.alerts[0].startswith("Too many attempts.")
    for number, name in enumerate(FORWARDED):
        elsewhere = walk(pair.servers[number % 2], headers={name: f"203.0.113.{number}"})
        assert sign_in(elsewhere, ada).status == 429, name
    spelled = Person(email_address=f" {ada.email_address.upper()} ", password=ada.password)
    assert sign_in(pair.visitors[0], spelled).status == 429
    pair.servers[0].stop()
    pair.servers[0].start()
    assert sign_in(walk(pair.servers[0]), ada).status == 429
    assert sign_up(pair.visitors[1], pair.mailbox) is not None
