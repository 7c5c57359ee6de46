"""Sites that are started once for all browser tests, and people who have signed up there."""

from __future__ import annotations

import secrets
import typing as t
from collections.abc import Callable
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Page

from tests.browser.sites import LocalSite
from tests.browser.sites import site
from tests.rig.browser import Screen
from tests.rig.fixtures.browsers import OpenPage
from tests.rig.mailbox import Mailbox
from tests.rig.people import Person
from tests.rig.people import sign_in
from tests.rig.people import sign_up
from tests.rig.servers import Server
from tests.rig.servers import example_app
from tests.rig.visitor import Visitor
from tests.rig.wsgi import serve

OpenAs = Callable[..., Page]
NewPerson = Callable[..., Person]


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The example app with its people and books, as ``make demo`` shows it."""
    folder = tmp_path_factory.mktemp("example")
    with site(example_app(folder / "instance"), folder, command="demo") as server:
        yield server


@pytest.fixture(scope="session")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An app without a layout of its own, with a page for each way to put the kit into one."""
    folder = tmp_path_factory.mktemp("gallery")
    app = f"tests.browser.gallery:create_app({str(folder / 'instance')!r})"
    with site(app, folder) as server:
        yield server


@pytest.fixture(scope="session")
def custom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An app that adds pages to the profile and items to the menu."""
    folder = tmp_path_factory.mktemp("custom")
    app = f"tests.browser.custom:create_app({str(folder / 'instance')!r})"
    with site(app, folder) as server:
        yield server


@pytest.fixture
def local_site(app: Flask) -> Iterator[LocalSite]:
    """The app of a test, served by this process: at its public address, where it has one."""
    with serve(app, urlsplit(app.config.get("USERKIT_BASE_URL", "")).port or 0) as url:
        site = LocalSite(url)
        yield site
        site.close()


@pytest.fixture(params=["the example app", "an app without a layout"])
def either_site(request: pytest.FixtureRequest, example: Server, gallery: Server) -> Server:
    """One after the other; naming it runs the test on both."""
    return example if request.param == "the example app" else gallery


@pytest.fixture
def server(example: Server) -> Server:
    """What ``open_page`` opens; a file about another site gives its own."""
    return example


@pytest.fixture
def mailbox(server: Server) -> Mailbox:
    """The development mailbox of the site."""
    return Mailbox(server.client())


@pytest.fixture
def new_person(server: Server, mailbox: Mailbox) -> NewPerson:
    """Signs somebody up by another browser."""

    def make(**values: str) -> Person:
        values.setdefault("username", f"ada_{secrets.token_hex(4)}")
        return sign_up(Visitor(server.client()), mailbox, Person(**values))

    return make


@pytest.fixture
def ada(new_person: NewPerson) -> Person:
    """Somebody who has signed up by another browser."""
    return new_person()


@pytest.fixture
def open_as(open_page: OpenPage, server: Server) -> OpenAs:
    """Opens a page in a browser of its own, in which a person has just signed in."""

    def open_one(person: Person, screen: Screen | None = None, **options: t.Any) -> Page:
        client = server.client()
        sign_in(Visitor(client), person)
        page = open_page(screen, **options)
        for cookie in client.cookies.jar:
            value = cookie.value or ""
            page.context.add_cookies(
                [{"name": cookie.name, "value": value, "url": server.url, "httpOnly": True}]
            )
        return page

    return open_one
