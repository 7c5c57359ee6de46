"""Every form of the kit is taken from the browser it was made for, and from nowhere else."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from flask import Flask

from tests.http.rows import snapshot
from tests.http.site import FORMS
from tests.http.site import TOKEN
from tests.http.site import Ready
from tests.http.site import is_taken
from tests.http.site import open_site
from tests.rig.clients import request
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeApp

Attack = Callable[[Ready, str], int]


def without(ready: Ready) -> dict[str, str]:
    return {name: value for name, value in ready.data.items() if name != TOKEN}


def token(value: Callable[[Ready, str], str]) -> Attack:
    return lambda ready, other: ready.send({**ready.data, TOKEN: value(ready, other)}).status


def always(value: str) -> Callable[[Ready, str], str]:
    return lambda ready, other: value


def header(name: str, value: str) -> Attack:
    return lambda ready, other: ready.send(None, **{name: value}).status


def body(content_type: str, encode: Callable[[dict[str, str]], str]) -> Attack:
    return lambda ready, other: ready.post(encode(ready.data).encode(), content_type).status


def in_the_query(ready: Ready, _other: str) -> int:
    url = f"{ready.url}?{urlencode({TOKEN: ready.data[TOKEN]})}"
    return request(ready.visitor.client, "POST", url, without(ready)).status


def in_a_header(ready: Ready, _other: str) -> int:
    return ready.send(without(ready), **{"X-CSRFToken": ready.data[TOKEN]}).status


def flipped(value: str) -> str:
    return value[:-3] + ("A" if value[-3] != "A" else "B") + value[-2:]


def plain(data: dict[str, str]) -> str:
    return "\r\n".join(f"{name}={value}" for name, value in data.items())


ATTACKS: dict[str, Attack] = {
    "no token": lambda ready, other: ready.send(without(ready)).status,
    "an empty token": token(lambda ready, other: ""),
    "a long token": token(lambda ready, other: "A" * 5000),
    "a token of nonsense": token(lambda ready, other: "é.\x00.\ud7ff"),
    "a salt without a code": token(lambda ready, other: ready.data[TOKEN].partition(".")[0] + "."),
    "a changed token": token(lambda ready, other: flipped(ready.data[TOKEN])),
    "a token with another salt": token(lambda ready, other: "x" + ready.data[TOKEN]),
    "another browser's token": token(lambda ready, other: other),
    "a token in the address": in_the_query,
    "a token in a header": in_a_header,
    "htmx without a token": lambda ready, other: (
        ready.send(without(ready), **{"HX-Request": "true"}).status
    ),
    "a form as text/plain": body("text/plain", plain),
    "JSON": body("application/json", json.dumps),
    "JSON as text/plain": body("text/plain; application/json", json.dumps),
    "JSON as a form": body("application/x-www-form-urlencoded", json.dumps),
    "a form as JSON": body("application/json", urlencode),
    "another origin": header("Origin", "https://evil.example"),
    "no origin": header("Origin", "null"),
    "another port": header("Origin", "http://localhost:1"),
    "another scheme": header("Origin", "https://localhost"),
    "an origin that begins alike": header("Origin", "http://localhost.evil.example"),
    "a cross-site form": header("Sec-Fetch-Site", "cross-site"),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_form_from_elsewhere_changes_nothing(
    make_app: MakeApp, database: Database, form: str
) -> None:
    site = open_site(make_app)
    ready = FORMS[form][1](site)
    other = site.signed_in().open("/").form("/sign-out").values[TOKEN]
    attacks = {**ATTACKS}
    for old in ready.stale:
        attacks["a token from before"] = token(always(old))
    before = snapshot(database)
    for name, attack in attacks.items():
        status = attack(ready, other)
        assert 400 <= status < 500, f"{name} answers {status}"
        assert snapshot(database) == before, f"{name} changed something"
    sent = ready.send(None, **{"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"})
    assert is_taken(sent), sent.words
    assert snapshot(database) != before


def test_every_form_of_the_kit_is_tried_here(app: Flask) -> None:
    posts = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and rule.endpoint.startswith("userkit.")
    }
    # By a form of the provider's somebody comes back; it does no more than a link.
    posts.remove("userkit.post_oauth_callback")
    assert {endpoint for endpoint, _ in FORMS.values()} == posts


def test_a_get_that_asks_to_be_a_post_changes_nothing(
    make_app: MakeApp, database: Database
) -> None:
    ready = FORMS["sign-out"][1](open_site(make_app))
    before = snapshot(database)
    for headers in ({"X-HTTP-Method-Override": "POST"}, {"X-HTTP-Method": "POST"}):
        url = f"{ready.url}?{urlencode({**ready.data, '_method': 'POST'})}"
        assert request(ready.visitor.client, "GET", url, headers=headers).status == 405
    assert snapshot(database) == before


def test_the_public_address_of_the_app_is_an_origin_of_its_own(make_app: MakeApp) -> None:
    # Behind a proxy the host that the app sees is not the one that people see.
    site = open_site(make_app, USERKIT_BASE_URL="https://books.example.com")
    ready = FORMS["sign-in by password"][1](site)
    assert ready.send(None, Origin="https://books.example.com.evil.example").status == 422
    assert ready.send(None, Origin="https://books.example.com").status == 303
