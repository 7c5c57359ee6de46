"""The audit trail: each flow leaves its lines and no other, and nobody forges one."""

from __future__ import annotations

import datetime as dt
import logging
import re

import pytest
from flask import request
from sqlalchemy import select
from sqlalchemy.orm import Session

from flask_userkit import EventName
from flask_userkit.models import Event
from flask_userkit.services.activity import ATTEMPTS
from flask_userkit.services.activity import LEFT_OUT
from tests.http.audit_flows import FLOWS
from tests.http.audit_flows import ME
from tests.http.audit_flows import NOBODY
from tests.http.audit_flows import OTHER
from tests.http.audit_flows import Line
from tests.http.audit_flows import Prepared
from tests.http.cookies import in_process
from tests.http.site import FORMS
from tests.http.site import UNLIMITED
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.fixtures.apps import MakeApp

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
LIMITS = {
    **UNLIMITED,
    "sign_in:account": "10/hour",
    "refusal:ip": "3/hour",
}
#: What the outbox does is in no request; it has a test beside its others.
ELSEWHERE = {EventName.DATA_EXPORT_PREPARED}
_ID = re.compile(r"([a-z]+)_[0-9a-f]{32}")
HOSTILE = "Firefox/128\r\nevt_1 user.banned\x00\x1b[2J\u2028\u202e\u2066\x85end"


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    """A site with an administration of its own, which asks nobody who they are."""
    site = open_site(make_app, USERKIT_RATE_LIMITS=LIMITS)

    @site.app.post("/administration/<user_id>/<calls>")
    def administer(user_id: str, calls: str) -> tuple[str, int]:
        for call in calls.split("-"):
            getattr(site.kit.users, call)(user_id, **(request.json or {}))
        return "", 204

    return site


def rows(site: Site) -> list[Event]:
    with site.app.app_context(), Session(site.kit.kit.database.engine) as db:
        return list(db.scalars(select(Event).order_by(Event.id)))


def done(site: Site, ready: Prepared, address: str, user_agent: str = FIREFOX) -> list[Event]:
    """Act from an address with a browser, and return the lines of that."""
    before = {row.id for row in rows(site)}
    base = in_process(ready.visitor).environ_base
    kept = dict(base)
    base |= {"REMOTE_ADDR": address, "HTTP_USER_AGENT": user_agent}
    ready.act()
    in_process(ready.visitor).environ_base = kept
    return [row for row in rows(site) if row.id not in before]


def line_of(row: Event, ready: Prepared, user_id: str | None) -> Line:
    names = {None: NOBODY, user_id: ME}
    if ready.actor_id is not None:
        names[ready.actor_id] = OTHER
    data = {
        key: found[1] if isinstance(value, str) and (found := _ID.fullmatch(value)) else value
        for key, value in row.data.items()
    }
    subject, actor = (names.get(who, str(who)) for who in (row.user_id, row.actor_id))
    return Line(EventName(row.name), subject, actor, data)


@pytest.mark.usefixtures("backend")
def test_each_flow_leaves_its_lines_and_no_other(site: Site) -> None:
    found: dict[str, list[Line]] = {}
    requests: set[str | None] = set()
    for number, (flow, (prepare, _lines)) in enumerate(FLOWS.items(), 1):
        ready = prepare(site)
        address = f"2001:db8::{number:x}" if number % 2 else f"192.0.2.{number}"
        lines = done(site, ready, address)
        # A sign-up is about somebody who was not there before.
        user_id = lines[0].user_id if flow == "code of a sign-up" else ready.user_id
        found[flow] = [line_of(row, ready, user_id) for row in lines]
        for row in lines:
            where = (row.ip_address, row.user_agent, row.created_at)
            assert where == (address, FIREFOX, site.clock.now), flow
            assert row.created_at.utcoffset() == dt.timedelta(0)
        ids = {row.request_id for row in lines}
        assert len(ids) == bool(lines), flow
        assert not ids & requests, flow
        requests |= ids
    assert found == {flow: lines for flow, (_prepare, lines) in FLOWS.items()}
    assert all(name and re.fullmatch(r"req_[0-9a-f]{32}", name) for name in requests)


def test_every_event_is_in_some_flow() -> None:
    tried = {line.name for _prepare, lines in FLOWS.values() for line in lines}
    assert set(EventName) - tried == ELSEWHERE
    assert set(EventName) > ATTEMPTS | LEFT_OUT


@pytest.mark.usefixtures("backend")
def test_what_a_program_does_outside_of_a_request_has_no_actor(site: Site) -> None:
    with site.app.app_context():
        user = site.kit.users.create_user(username="countess")
        site.kit.users.lock_user(user.id)
    kept = [(row.name, row.user_id, *from_where(row)) for row in rows(site)]
    nowhere = (None, None, None, None, None)
    assert kept == [("user.created", user.id, *nowhere), ("user.locked", user.id, *nowhere)]


def from_where(row: Event) -> tuple[str | None, ...]:
    return (row.actor_id, row.session_id, row.ip_address, row.user_agent, row.request_id)


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize(
    ("name", "field"), [("sign-in by password", "identifier"), ("username", "username")]
)
def test_nothing_that_is_sent_forges_a_line(
    site: Site, caplog: pytest.LogCaptureFixture, name: str, field: str
) -> None:
    caplog.set_level(logging.DEBUG)
    ready = FORMS[name][1](site)
    data = {**ready.data, field: f"ada{HOSTILE}"}
    headers = {"X-Request-ID": "req_1", "X-Forwarded-For": "198.51.100.1"}
    refused = Prepared(lambda: ready.send(data, **headers), ready.visitor, None)
    assert done(site, refused, "192.0.2.1", HOSTILE) == []
    sent = Prepared(lambda: ready.send(None, **headers), ready.visitor, None)
    lines = done(site, sent, f"192.0.2.1{HOSTILE}", HOSTILE)
    assert lines
    for row in lines:
        assert row.user_agent == "Firefox/128evt_1 user.banned[2Jend"
        assert row.ip_address == "192.0.2.1Firefox/128evt_1 user.banned[2Jend"[:45]
        assert row.request_id != "req_1"
        assert all(str(value).isprintable() for value in vars(row).values())
    assert not [record for record in caplog.records if "user.banned" in record.getMessage()]


def test_a_refusal_that_is_asked_for_on_and_on_fills_nothing(site: Site) -> None:
    prepare, (line,) = FLOWS["removal of another's"]
    ready = prepare(site)
    kept = [done(site, ready, "192.0.2.1") for _ in range(6)]
    assert [len(lines) for lines in kept] == [1, 1, 1, 0, 0, 0]
    assert line_of(kept[0][0], ready, ready.user_id) == line
    assert len(done(site, ready, "192.0.2.2")) == 1


def test_no_line_has_what_was_typed(site: Site) -> None:
    for name in FORMS:
        ready = FORMS[name][1](site)
        before = len(rows(site))
        ready.send()
        typed = {value for value in ready.data.values() if len(value) > 5}
        texts = [str(vars(row)) for row in rows(site)[before:]]
        assert not [value for value in typed for text in texts if value in text], name
