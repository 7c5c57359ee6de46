"""Headers are whatever their sender likes: nothing breaks by them and none is shown."""

from __future__ import annotations

import typing as t

import pytest
from flask.testing import FlaskClient

from tests.http.hostile import injected
from tests.http.rows import column
from tests.http.site import FORMS
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeApp

MARK = "zqx7"
VALUES = (
    f"<script>{MARK}</script>",
    f'" hx-get="/x" hx-trigger="load" {MARK}="',
    f"'{MARK}'",
    f"{MARK}{{{{7*7}}}}",
    f"javascript:{MARK}",
    f"https://{MARK}.example/",
    f"//{MARK}.example/",
    f"{MARK}\x00",
    f"{MARK}\x1b[31m",
    f"{MARK}\r\nSet-Cookie: userkit=evil",
    f"{MARK}\xff\xfe",
    f"{MARK}\xed\xa0\x80",
    MARK * 2500,
    ",".join([MARK] * 2000),
    f'{MARK}=;,{MARK}="',
    "",
)
HEADERS = (
    "HTTP_ACCEPT",
    "HTTP_ACCEPT_LANGUAGE",
    "HTTP_COOKIE",
    "HTTP_HX_BOOSTED",
    "HTTP_HX_CURRENT_URL",
    "HTTP_HX_HISTORY_RESTORE_REQUEST",
    "HTTP_HX_PROMPT",
    "HTTP_HX_TARGET",
    "HTTP_HX_TRIGGER",
    "HTTP_HX_TRIGGER_NAME",
    "HTTP_ORIGIN",
    "HTTP_REFERER",
    "HTTP_SEC_FETCH_SITE",
    "HTTP_USER_AGENT",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PREFIX",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REQUEST_ID",
)
PAGES = ("/account/", "/account/sign-in", "/members", "/account/none")


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    return open_site(make_app)


def get(client: FlaskClient, url: str, environ: dict[str, t.Any]) -> tuple[int, str, str]:
    answer = client.get(url, environ_overrides=environ)
    return answer.status_code, answer.text, str(answer.headers)


@pytest.mark.parametrize("header", HEADERS)
def test_no_header_breaks_a_page_or_is_shown_on_it(site: Site, header: str) -> None:
    for client, htmx in (
        (site.visitor().client, {"HTTP_HX_REQUEST": "true"}),
        (site.signed_in().client, {}),
    ):
        assert isinstance(client, FlaskClient)
        for value in VALUES:
            for url in PAGES:
                status, body, headers = get(client, url, {header: value, **htmx})
                assert status < 500, (url, value)
                assert MARK not in body, (url, value)
                assert MARK not in headers, (url, value)


@pytest.mark.usefixtures("backend")
def test_what_a_browser_calls_itself_is_stored_without_what_breaks_a_line(
    site: Site, database: Database
) -> None:
    for value in VALUES:
        ready = FORMS["sign-in by password"][1](site)
        client = ready.visitor.client
        assert isinstance(client, FlaskClient)
        answer = client.post(
            ready.url,
            data=ready.data,
            environ_overrides={
                "HTTP_USER_AGENT": value,
                "HTTP_ACCEPT_LANGUAGE": value,
                "HTTP_X_FORWARDED_FOR": value,
            },
        )
        assert answer.status_code == 303, value
    agents = column(database, "SELECT user_agent FROM userkit_session WHERE user_agent IS NOT NULL")
    assert len(agents) >= len(VALUES) - 2
    for agent in agents:
        assert len(agent) <= 512
        assert agent.isprintable(), repr(agent[:80])


@pytest.mark.parametrize("header", ["HTTP_HX_TARGET", "HTTP_HX_TRIGGER", "HTTP_HX_CURRENT_URL"])
def test_an_answer_to_htmx_takes_no_target_from_the_request(site: Site, header: str) -> None:
    ready = FORMS["name"][1](site)
    client = ready.visitor.client
    assert isinstance(client, FlaskClient)
    for value in VALUES:
        environ = {"HTTP_HX_REQUEST": "true", header: value}
        answer = client.post(ready.url, data=ready.data, environ_overrides=environ)
        assert answer.status_code == 200
        assert MARK not in answer.text
        assert MARK not in str(answer.headers)
        for name in ("HX-Retarget", "HX-Reswap", "HX-Location", "HX-Push-Url", "HX-Redirect"):
            assert name not in answer.headers


def test_a_cookie_of_100_kb_is_nobodys(site: Site) -> None:
    client = site.app.test_client(use_cookies=False)
    for cookie in ("userkit=" + "A" * 100_000, "userkit-nonce=" + "A" * 100_000, "a=b; " * 20_000):
        for url in PAGES:
            assert client.get(url, headers={"Cookie": cookie}).status_code < 500
        data = FORMS["sign-in by password"][1](site).data
        answer = client.post("/account/sign-in", data=data, headers={"Cookie": cookie})
        assert answer.status_code == 422


def test_a_hostile_page_address_is_text(site: Site) -> None:
    visitor = site.visitor()
    for path in ("%3Cscript%3E", "%22onload=x", "%00", "%ff%fe", "%0d%0aX-Evil:%201", "..%2f..%2f"):
        for url in (f"/account/{path}", f"/account/sign-in/{path}", f"/account/assets/{path}"):
            page = visitor.open(url)
            # A provider is gone to by a form alone, and what could be a name of one is no other.
            at_provider = url.startswith("/account/sign-in/") and page.url.count("/") == 3
            assert page.status in ((405,) if at_provider else (303, 404)), url
            assert injected(page) == [], url
            assert page.header("X-Evil") is None
    for query in (
        "next=%00",
        "saved=%3Cscript%3E",
        "edit=%22",
        "sent=%ff",
        "%00=%00",
        "a" * 10_000,
    ):
        for url in PAGES:
            page = visitor.open(f"{url}?{query}")
            assert page.status in (200, 404), url
            assert injected(page) == [], url
