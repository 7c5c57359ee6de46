"""Your data: asked for, prepared and downloaded, with and without JavaScript."""

from __future__ import annotations

import typing as t

import pytest
from flask import render_template_string

from flask_userkit.services import data_exports
from tests.http.rows import column
from tests.http.rows import scalar
from tests.http.site import FORMS
from tests.http.site import SECURITY
from tests.http.site import Ready
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.clients import request
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeApp
from tests.rig.pages import Page
from tests.rig.queries import count_queries
from tests.rig.visitor import Visitor
from tests.services.deliveries import deliver_all
from tests.services.export_acts import files_of

HTMX = {"HX-Request": "true"}
SECTION = "#userkit-data_export"
URL = "/account/data-exports"


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    return open_site(make_app)


@pytest.fixture
def ready(site: Site) -> Ready:
    """Somebody about to ask for their data."""
    return FORMS["data export"][1](site)


def shown(visitor: Visitor) -> str:
    """Return the words of the section."""
    found = visitor.open(SECURITY).html.select_one(SECTION)
    assert found is not None
    return " ".join(found.get_text(" ").split())


def link(page: Page) -> str:
    found = page.html.select_one(f"{SECTION} a[href*='/data-exports/']")
    assert found is not None
    assert found["hx-boost"] == "false"
    assert not any(name.startswith("hx-get") for name in found.attrs)
    return str(found["href"])


@pytest.mark.usefixtures("backend")
def test_a_browser_asks_and_downloads_a_file_that_nobody_else_keeps(
    site: Site, ready: Ready, database: Database
) -> None:
    assert "Download" not in shown(ready.visitor)
    answer = ready.send()
    assert (answer.status, answer.location) == (303, "/account/security?saved=data-export")
    page = ready.visitor.open(answer.location or "")
    assert "Your export is ready." in page.words
    assert "kB · The link works until" in shown(ready.visitor)
    url = link(page)
    head = request(ready.visitor.client, "HEAD", url)
    file = request(ready.visitor.client, "GET", url)
    assert (head.status, file.status, head.body) == (200, 200, b"")
    assert head.header("Content-Length") == file.header("Content-Length")
    assert file.header("Content-Type") == "application/zip"
    name = f"data-{site.clock.now:%Y-%m-%d}.zip"
    assert file.header("Content-Disposition") == f'attachment; filename="{name}"'
    assert file.header("Content-Security-Policy") == "default-src 'none'; sandbox"
    assert file.header("X-Content-Type-Options") == "nosniff"
    assert file.header("Cache-Control") == "private, no-store"
    assert file.header("Content-Length") == str(len(file.body))
    assert "profile.json" in files_of(file.body)
    found = "SELECT name FROM userkit_event WHERE name LIKE 'user.data_export.%' ORDER BY id"
    assert column(database, found) == ["user.data_export.created", "user.data_export.downloaded"]
    site.clock.tick(days=1)
    assert "Download" not in shown(site.signed_in(site.person()))
    ready.visitor = site.visitor()
    assert request(ready.visitor.client, "GET", url).status == 303, "to sign-in"


def test_after_ten_minutes_it_takes_a_proof_that_leads_back_to_the_page(
    site: Site,
) -> None:
    ada = site.person()
    password = ada.password
    visitor = site.signed_in(ada)
    visitor.open(SECURITY)
    url = link(visitor.submit(URL))
    ready = Ready(visitor, url, {})
    site.clock.tick(minutes=10)
    answer = request(ready.visitor.client, "GET", url)
    assert answer.status == 303
    assert (answer.location or "").startswith("/account/reverification?next=/account/security")
    program = request(ready.visitor.client, "GET", url, None, {"Accept": "application/json"})
    assert program.status == 403
    assert program.json["errors"][0]["code"] == "session_reverification_required"
    ready.visitor.open(answer.location or "")
    page = ready.visitor.submit("/account/reverification", password=password)
    assert "You can download your data now." in page.words
    assert request(ready.visitor.client, "GET", link(page)).status == 200


def test_it_is_asked_for_once_the_sender_has_proven_who_they_are(
    site: Site, database: Database
) -> None:
    ada = site.person()
    visitor = site.signed_in(ada)
    site.clock.tick(minutes=10)
    visitor.open(SECURITY)
    page = visitor.submit(URL)
    assert page.status == 403
    assert scalar(database, "SELECT count(*) FROM userkit_data_export") == 0
    page = visitor.submit(URL, password=ada.password)
    assert "Your export is ready." in page.words
    assert scalar(database, "SELECT count(*) FROM userkit_data_export") == 1


def test_htmx_gets_the_section(ready: Ready) -> None:
    answer = ready.send(None, **HTMX)
    assert answer.status == 200
    first = answer.html.find(True)
    assert first is not None
    assert f"#{first['id']}" == SECTION
    assert link(answer)


def test_one_that_is_prepared_says_so_until_it_is_there(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_exports, "SMALL", 0)
    site = open_site(make_app, USERKIT_OUTBOX="worker")
    ready = FORMS["data export"][1](site)
    page = ready.visitor.open(ready.send().location or "")
    assert "Your export is being prepared." in page.words
    assert "It is being prepared." in shown(ready.visitor)
    assert page.html.select_one(f"{SECTION} form") is None
    assert page.html.select_one(f"{SECTION} a[href*='/data-exports/']") is None
    with site.app.app_context():
        deliver_all(site.kit.kit)
    assert link(ready.visitor.open(SECURITY))


def test_what_the_app_cannot_give_is_told_and_can_be_tried_again(
    site: Site, ready: Ready, database: Database
) -> None:
    @site.kit.data_exporter
    def broken(user: object) -> t.Any:
        raise RuntimeError

    for headers in ({}, HTMX):
        page = ready.send(None, **headers)
        assert (page.status, page.alerts) == (
            503,
            ["Your data could not be put together. Try again later."],
        )
        assert page.form(URL)
    assert scalar(database, "SELECT count(*) FROM userkit_data_export") == 0


def test_one_that_failed_says_so(site: Site, ready: Ready, database: Database) -> None:
    ready.send()
    with database.connect() as connection:
        connection.exec_driver_sql("UPDATE userkit_data_export SET status = 'failed'")
        connection.commit()
    assert "This did not work. Start another one." in shown(ready.visitor)
    assert ready.visitor.open(SECURITY).form(URL)


def test_the_section_takes_one_query(ready: Ready) -> None:
    ready.send()
    with count_queries() as few:
        ready.visitor.open(SECURITY)
    assert len(few) <= 6


def test_read_only_it_offers_nothing(site: Site) -> None:
    @site.app.get("/read-only")
    def read_only() -> str:
        return render_template_string(
            "{{ userkit.user_profile(page='security', read_only=['data_export', 'deletion']) }}"
        )

    ready = FORMS["data export"][1](site)
    ready.send()
    page = ready.visitor.open("/read-only")
    section = page.html.select_one(SECTION)
    assert section is not None
    assert section.select("form, a") == []
    assert page.html.select("#userkit-deletion a") == []
