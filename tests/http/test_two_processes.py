"""Two processes, one database: what one does, the other knows at the next request."""

from __future__ import annotations

import json
import typing as t
from dataclasses import replace

import httpx
import pytest

from flask_userkit import UserKit
from tests.http.conftest import Walk
from tests.http.cookies import token_of
from tests.http.cookies import user_with
from tests.http.rows import scalar
from tests.http.site import SECURITY
from tests.rig.clients import request
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


def test_where_people_sign_themselves_out_of_they_are_out_on_either(
    pair: Pair, database: Database
) -> None:
    here, there = pair.visitors
    ada = sign_up(here, pair.mailbox)
    sign_in(there, ada)
    user_id = here.open("/whoami").json["user_id"]
    tokens = [token_of(here), token_of(there)]
    here.open("/account/security")
    here.submit("/revocation")
    assert pair.users(tokens[1]) == [None, None], "one device"
    assert pair.users(tokens[0]) == [user_id] * 2

    sign_in(there, ada)
    tokens.append(token_of(there))
    there.open("/account/security")
    there.submit("/sessions/revocation")
    assert pair.users(tokens[0]) == [None, None], "all others"
    assert pair.users(tokens[2]) == [user_id] * 2

    sign_in(here, ada)
    tokens.append(token_of(here))
    move(here, pair.servers[1])
    here.open("/account/security")
    here.submit("/sessions/revocation", button=("everywhere", "1"))
    assert [pair.users(token) for token in tokens] == [[None, None]] * 4, "everywhere"
    statuses = "SELECT COUNT(*) FROM userkit_session WHERE status = 'active'"
    assert scalar(database, statuses) == 0


def test_a_password_that_is_changed_on_one_puts_others_out_on_either(pair: Pair) -> None:
    here, there = pair.visitors
    ada = sign_up(here, pair.mailbox)
    sign_in(there, ada)
    user_id = here.open("/whoami").json["user_id"]
    before = [token_of(here), token_of(there)]
    new = new_password()
    here.open(f"{SECURITY}?edit=password")
    here.submit("/account/password", new_password=new, confirm_password=new)
    assert [pair.users(token) for token in before] == [[None, None]] * 2, "this browser's, too"
    assert pair.users(token_of(here)) == [user_id] * 2
    assert sign_in(there, ada).status == 422
    sign_in(there, replace(ada, password=new))
    assert pair.users(token_of(there)) == [user_id] * 2


def test_an_account_that_is_deleted_on_one_is_gone_on_the_other(pair: Pair) -> None:
    here, there = pair.visitors
    ada = Person()
    pair.kit.users.create_user(email_address=[ada.email_address], password=ada.password)
    for visitor in pair.visitors:
        sign_in(visitor, ada)
    tokens = [token_of(visitor) for visitor in pair.visitors]
    here.open(SECURITY)
    link = here.submit("/account/data-exports").html.select_one("a[href*='/data-exports/']")
    assert link is not None
    there.open(f"{SECURITY}?edit=deletion")
    page = there.submit("/account/deletion", confirmation="Delete account", follow=False)
    assert (page.status, page.location) == (303, "/")
    assert [pair.users(token) for token in tokens] == [[None, None]] * 2
    assert request(here.client, "GET", str(link["href"])).location == (
        f"/account/sign-in?next={link['href']}"
    )
    assert sign_in(here, ada).status == 422


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
        # Too many for the account, and not for where they come from: the account is paused.
        assert page.status == 403
        assert 1 <= int(page.header("Retry-After") or 0) <= 3600
        assert page.alerts[0].startswith("Too many attempts.")
    for number, name in enumerate(FORWARDED):
        elsewhere = walk(pair.servers[number % 2], headers={name: f"203.0.113.{number}"})
        assert sign_in(elsewhere, ada).status == 403, name
    spelled = Person(email_address=f" {ada.email_address.upper()} ", password=ada.password)
    assert sign_in(pair.visitors[0], spelled).status == 403
    pair.servers[0].stop()
    pair.servers[0].start()
    assert sign_in(walk(pair.servers[0]), ada).status == 403
    assert sign_up(pair.visitors[1], pair.mailbox) is not None
