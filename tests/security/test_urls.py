"""Wherever a redirect is asked to go, it stays on this site (B59)."""

from __future__ import annotations

import time
from urllib.parse import urljoin
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from flask_userkit.security.urls import path_of
from flask_userkit.security.urls import safe_path
from tests.security.hostile import PATHS

ORIGIN = "https://app.example"
HARMLESS = {
    "/": "/",
    "/account/": "/account/",
    "/books?page=2&sort=-title#row-7": "/books?page=2&sort=-title#row-7",
    "/%09/evil": "/%09/evil",
    "/%0d%0aLocation:": "/%0d%0aLocation:",
    "/%20": "/%20",
    "/%5cevil": "/%5cevil",
    "/?next=//evil": "/?next=//evil",
    "/#//evil": "/#//evil",
    "/evil.com": "/evil.com",
    "/@evil": "/@evil",
    "/:80@evil": "/:80@evil",
    "/javascript:alert(1)": "/javascript:alert(1)",
    "/café/日本": "/caf%C3%A9/%E6%97%A5%E6%9C%AC",
    "/\u3002\u3002evil": "/%E3%80%82%E3%80%82evil",
    "/a\u00a0b": "/a%C2%A0b",
    '/"><script>': "/%22%3E%3Cscript%3E",
}


@pytest.mark.parametrize("value", PATHS, ids=ascii)
def test_what_could_lead_elsewhere_is_no_path(value: str) -> None:
    assert safe_path(value) is None


@pytest.mark.parametrize(("value", "path"), HARMLESS.items(), ids=map(ascii, HARMLESS))
def test_a_path_of_this_site_is_kept(value: str, path: str) -> None:
    assert safe_path(value) == path


@pytest.mark.parametrize("value", [None, ""])
def test_nothing_leads_nowhere(value: str | None) -> None:
    assert safe_path(value) is None


def test_what_was_judged_safe_is_judged_so_again() -> None:
    for path in HARMLESS.values():
        assert safe_path(path) == path


def test_five_kilobytes_and_a_megabyte_are_refused_at_once() -> None:
    begun = time.thread_time()
    assert safe_path("/" + "a" * 5 * 1024) is None
    assert safe_path("/" + "\\" * 1_000_000) is None
    assert time.thread_time() - begun < 0.01


PARTS = st.sampled_from(
    [
        "/",
        "//",
        "\\",
        ".",
        "..",
        ":",
        "@",
        "?",
        "#",
        "%2f",
        "%5c",
        "%09",
        "%00",
        "evil",
        "https:",
        "javascript:",
        "\t",
        "\n",
        " ",
        "\u3002",
        "\uff0f",
        "[",
        "]",
        "&",
        ";",
        "\u2028",
        "\ufeff",
    ]
)


@settings(max_examples=1000, deadline=None, derandomize=True)
@given(st.lists(PARTS, max_size=7).map("".join))
def test_whatever_is_let_through_stays_where_a_browser_is(value: str) -> None:
    path = safe_path(value)
    if path is None:
        return
    # A browser reads a backslash as a slash and drops tabs and line breaks, wherever they stand.
    read = path.replace("\\", "/").replace("\t", "").replace("\n", "").replace("\r", "")
    landed = urlsplit(urljoin(f"{ORIGIN}/account/sign-in", read))
    assert f"{landed.scheme}://{landed.netloc}" == ORIGIN
    assert not read.startswith("//")
    assert path.isascii()


@pytest.mark.parametrize(
    ("url", "path"),
    [
        (f"{ORIGIN}/books?page=2", "/books?page=2"),
        (f"{ORIGIN}/", "/"),
        (ORIGIN, None),
        (f"{ORIGIN}//evil", None),
        (f"{ORIGIN}.evil.com/", None),
        (f"{ORIGIN}@evil/", None),
        ("http://app.example/", None),
        (f"{ORIGIN}:444/", None),
        ("/books", None),
        ("", None),
        (None, None),
    ],
)
def test_an_address_of_another_origin_has_no_path_here(url: str | None, path: str | None) -> None:
    assert path_of(url, ORIGIN) == path
