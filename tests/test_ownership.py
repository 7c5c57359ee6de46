"""Nobody reaches another's rows: they answer as rows that do not exist (B02 to B04)."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from flask import Flask

from flask_userkit.errors import NotFoundError
from tests.http.cookies import plant
from tests.http.ownership import Owned
from tests.http.ownership import complaints
from tests.http.ownership import id_of
from tests.http.ownership import of_user
from tests.http.rows import column
from tests.http.rows import scalar
from tests.http.rows import snapshot
from tests.http.site import FORMS
from tests.http.site import Ready
from tests.http.site import Site
from tests.http.site import is_taken
from tests.http.site import open_site
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeApp
from tests.rig.pages import Page


def primary_of(database: Database, user_id: str) -> str:
    statement = "SELECT primary_email_address_id FROM userkit_user WHERE id = :user_id"
    return t.cast(str, scalar(database, statement, user_id=user_id))


def primary_number_of(database: Database, user_id: str) -> str:
    statement = "SELECT primary_phone_number_id FROM userkit_user WHERE id = :user_id"
    return t.cast(str, scalar(database, statement, user_id=user_id))


def account_of(database: Database, user_id: str) -> str:
    statement = "SELECT id FROM userkit_external_account WHERE user_id = :user_id"
    return t.cast(str, scalar(database, statement, user_id=user_id))


def export_of(database: Database, user_id: str) -> str:
    statement = "SELECT id FROM userkit_data_export WHERE user_id = :user_id"
    return t.cast(str, scalar(database, statement, user_id=user_id))


def session_of(database: Database, user_id: str) -> str:
    statement = "SELECT id FROM userkit_session WHERE user_id = :user_id AND status = 'active'"
    return t.cast(str, scalar(database, statement, user_id=user_id))


_ADDRESS = "/account/email-addresses/<id>"
_NUMBER = "/account/phone-numbers/<id>"
_ACCOUNT = "/account/connected-accounts/<id>"
#: Every route whose address names a row; one that is added fails below until it stands here.
OWNED = [
    Owned("POST", f"{_ADDRESS}/verification", primary_of, "idn_nobody", {"code": "000000"}),
    Owned("POST", f"{_ADDRESS}/verification/delivery", primary_of, "idn_nobody", {}),
    Owned("POST", f"{_ADDRESS}/primary", primary_of, "idn_nobody", {}),
    Owned("POST", f"{_ADDRESS}/removal", primary_of, "idn_nobody", {}),
    Owned("GET", f"{_ADDRESS}/verification", primary_of, "idn_nobody", {}),
    Owned("POST", f"{_NUMBER}/verification", primary_number_of, "idn_nobody", {"code": "000000"}),
    Owned("POST", f"{_NUMBER}/verification/delivery", primary_number_of, "idn_nobody", {}),
    Owned("POST", f"{_NUMBER}/primary", primary_number_of, "idn_nobody", {}),
    Owned("POST", f"{_NUMBER}/removal", primary_number_of, "idn_nobody", {}),
    Owned("POST", f"{_ACCOUNT}/reconnection", account_of, "eac_nobody", {}),
    Owned("POST", f"{_ACCOUNT}/removal", account_of, "eac_nobody", {}),
    Owned("GET", "/account/data-exports/<id>", export_of, "exp_nobody", {}),
    Owned("POST", "/account/sessions/<id>/revocation", session_of, "sess_nobody", {}),
]
#: What an address may name that is nobody's row.
NOBODYS = {"digest", "page", "path", "provider"}

IDS = ("user_id", "userId", "uid", "id", "sub", "user", "client_id", "session_id")
PRIVILEGES = {
    "admin": "true",
    "is_admin": "true",
    "role": "admin",
    "roles": "admin",
    "banned": "false",
    "locked": "false",
    "public_metadata": '{"plan": "pro"}',
    "private_metadata": '{"plan": "pro"}',
    "external_id": "1",
    "email_address": "other@example.com",
    "email_verified": "true",
    "verified": "true",
    "verified_at": "2026-01-01",
    "username": "somebody-else",
    "password": "a new password of mine",
    "password_digest": "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA",
    "totp_secret": "JBSWY3DPEHPK3PXP",
    "created_at": "2000-01-01",
    "last_sign_in_at": "2000-01-01",
    "__class__": "Admin",
    "_sa_instance_state": "x",
}


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    return open_site(make_app)


def test_every_route_that_names_a_row_is_tried_here(app: Flask) -> None:
    found = {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("userkit.") and rule.arguments - NOBODYS
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert found == {(owned.method, owned.rule) for owned in OWNED}


@pytest.mark.usefixtures("backend")
def test_anothers_row_answers_as_one_that_does_not_exist(site: Site, database: Database) -> None:
    assert complaints(site, database, OWNED) == []


def test_a_route_that_forgets_whose_row_it_is_is_found(site: Site, database: Database) -> None:
    @site.app.post("/leak/<session_id>/removal")
    def leak(session_id: str) -> tuple[str, int]:
        try:
            site.kit.sessions.revoke_session(session_id)
        except NotFoundError:
            return "There is no such session.", 404
        return "", 303

    @site.app.post("/tell/<session_id>/removal")
    def tell(session_id: str) -> tuple[str, int]:
        known = session_id in column(database, "SELECT id FROM userkit_session")
        return "Not yours." if known else "There is no such session.", 404

    careless = [
        Owned("POST", f"/{name}/<session_id>/removal", session_of, "sess_0", {})
        for name in ("tell", "leak")
    ]
    assert complaints(site, database, careless) == [
        "/tell/<session_id>/removal answers 404",
        "/leak/<session_id>/removal answers 303",
        "/leak/<session_id>/removal changes another's row",
    ]


def send(ready: Ready, victim: str, how: str) -> Page:
    """Send a form with another's id wherever one could be looked for."""
    extra = dict.fromkeys(IDS, victim)
    if how == "form":
        return ready.send({**ready.data, **extra})
    if how == "query":
        query = "&".join(f"{name}={value}" for name, value in extra.items())
        return replace(ready, url=f"{ready.url}?{query}").send()
    if how == "cookie":
        for name, value in extra.items():
            plant(ready.visitor, value, name)
        return ready.send()
    headers = {"X-User-Id": victim, "X-Forwarded-User": victim, "Remote-User": victim}
    return ready.send(None, **headers, Authorization=f"Bearer {victim}")


@pytest.mark.parametrize("how", ["form", "query", "header", "cookie"])
def test_an_id_in_a_request_acts_for_nobody_else(site: Site, database: Database, how: str) -> None:
    grace = site.person(first_name="Grace", last_name="Hopper")
    victim = id_of(database, grace.email_address)
    browser = site.signed_in(grace)
    before = of_user(snapshot(database), victim)
    for form in FORMS:
        page = send(FORMS[form][1](site), victim, how)
        assert is_taken(page), (form, page.words)
    assert of_user(snapshot(database), victim) == before
    assert browser.open("/whoami").json == {"user_id": victim}


@pytest.mark.parametrize("how", ["form", "query", "header", "cookie"])
def test_an_id_makes_nobody_somebody(site: Site, database: Database, how: str) -> None:
    victim = id_of(database, site.person().email_address)
    visitor = site.visitor()
    ready = Ready(visitor, "/account/profile", {"first_name": "Mallory"})
    assert send(ready, victim, how).status == 303
    for name in IDS:
        assert visitor.open(f"/whoami?{name}={victim}").json == {"user_id": None}
    assert visitor.open("/account/").url.startswith("/account/sign-in")
    assert "Mallory" not in column(database, "SELECT first_name FROM userkit_user")


@pytest.mark.usefixtures("backend")
def test_a_profile_form_changes_the_name_and_nothing_else(site: Site, database: Database) -> None:
    grace = site.person()
    theirs = scalar(
        database,
        "SELECT id FROM userkit_email_address WHERE email_address = :a",
        a=grace.email_address,
    )
    ready = FORMS["name"][1](site)
    ada = ready.visitor.open("/whoami").json["user_id"]
    fields = (
        "banned, username, external_id, public_metadata, private_metadata, unsafe_metadata, "
        "password_digest, primary_email_address_id, created_at, last_sign_in_at"
    )
    statement = f"SELECT {fields} FROM userkit_user WHERE id = '{ada}'"
    before = _row(database, statement)
    address = {"primary_email_address_id": theirs, "unsafe_metadata": '{"a": 1}'}
    for headers in ({}, {"HX-Request": "true"}):
        page = ready.send({**ready.data, **PRIVILEGES, **address, "id": "user_0"}, **headers)
        assert page.status in (200, 303)
        assert _row(database, statement) == before
    assert ready.visitor.open("/account/").words.count("Augusta King") > 0


@pytest.mark.usefixtures("backend")
def test_a_sign_up_form_sets_what_it_asks_for_and_nothing_else(
    site: Site, database: Database
) -> None:
    ready = FORMS["sign-up"][1](site)
    more = {name: value for name, value in PRIVILEGES.items() if name not in ready.data}
    assert ready.send({**ready.data, **more, "id": "user_0"}).status == 303
    code = site.mailbox.wait(ready.data["email_address"]).the_code
    ready.visitor.open("/account/sign-up/verification")
    ready.visitor.submit("/sign-up/verification", code=code)
    statement = (
        "SELECT banned, username, external_id, public_metadata, private_metadata FROM userkit_user"
    )
    banned, username, external_id, public, private = _row(database, statement)
    assert not banned
    assert (username, external_id) == (None, None)
    assert [str(public), str(private)] == ["{}", "{}"]
    (address,) = column(database, "SELECT email_address FROM userkit_email_address")
    assert address == ready.data["email_address"]


def _row(database: Database, statement: str) -> tuple[t.Any, ...]:
    with database.connect() as connection:
        return tuple(connection.exec_driver_sql(statement).one())
