"""Adding an address asks no name server: one that is slow would hold a worker up for anybody."""

from __future__ import annotations

import socket
import typing as t
from importlib.util import find_spec

import pytest

from tests.http.address_forms import ADD_CARD
from tests.http.address_forms import URL
from tests.http.site import open_site
from tests.rig.fixtures.apps import MakeApp
from tests.sections.address_rows import cards
from tests.sections.address_rows import shown

SLOW = "somebody@a-name-server-that-never-answers.dev"


def test_adding_an_address_never_asks_the_network(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def ask(*given: object, **_named: object) -> t.NoReturn:
        # Written down too: who validates an address may take any exception for an answer.
        asked.append(given)
        raise AssertionError("The network was asked.")

    site = open_site(make_app)
    visitor = site.signed_in()
    visitor.open(ADD_CARD)
    monkeypatch.setattr(socket, "getaddrinfo", ask)
    if find_spec("dns"):
        monkeypatch.setattr("dns.resolver.Resolver.resolve", ask)
    page = visitor.submit(URL, email_address=SLOW)
    assert cards(page) == ["Enter the 6-digit code"]
    page = visitor.submit("/verification", code=site.mailbox.wait(SLOW).the_code)
    assert [(row.address, row.badges) for row in shown(page)][1:] == [(SLOW, [])]
    assert asked == []
