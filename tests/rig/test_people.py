"""People find their way, in the process and over HTTP, on each database."""

from __future__ import annotations

import pytest

from tests.rig.fixtures.apps import MakeVisitor
from tests.rig.mailbox import Mailbox
from tests.rig.people import Person
from tests.rig.people import sign_in
from tests.rig.people import sign_in_by_code
from tests.rig.people import sign_out
from tests.rig.people import sign_up
from tests.rig.servers import Server
from tests.rig.visitor import Visitor

pytestmark = pytest.mark.usefixtures("backend")


def walk(visitor: Visitor, mailbox: Mailbox) -> None:
    person = sign_up(visitor, mailbox)
    user_id = visitor.open("/whoami").json["user_id"]
    assert user_id is not None
    sign_out(visitor)
    assert visitor.open("/whoami").json["user_id"] is None
    page = sign_in(visitor, person, next="/members")
    assert page.url == "/members"
    assert person.email_address in page.words
    sign_out(visitor)
    sign_in_by_code(visitor, mailbox, person)
    assert visitor.open("/whoami").json["user_id"] == user_id


def test_people_walk_through_an_app_in_this_process(visitor: Visitor, mailbox: Mailbox) -> None:
    walk(visitor, mailbox)


def test_people_walk_through_an_app_behind_a_server(
    server: Server, server_mailbox: Mailbox
) -> None:
    walk(Visitor(server.client()), server_mailbox)


def test_a_fixture_is_somebody_signed_in(
    ada: Person, visitor: Visitor, make_visitor: MakeVisitor
) -> None:
    assert ada.email_address in visitor.open("/members").words
    assert make_visitor().open("/whoami").json["user_id"] is None
