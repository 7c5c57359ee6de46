"""The way through the certified provider's pages, over HTTP and in Chromium."""

from __future__ import annotations

import typing as t
from collections.abc import Collection
from urllib.parse import urljoin
from urllib.parse import urlsplit

import httpx
from bs4 import BeautifulSoup
from playwright.sync_api import Page

from .clients import http_client
from .relying_party import certificates

#: ``cancel`` ends on the login page, ``deny`` on that of consent.
Answer = t.Literal["allow", "deny", "cancel"]
MOST_PAGES = 12


def log_in(
    url: str,
    name: str,
    answer: Answer = "allow",
    *,
    without: Collection[str] = (),
    browser: httpx.Client | None = None,
) -> str:
    """Follow an authorization URL to where it leads back to, and return that address unopened.

    :param without: scopes that are not granted.
    :param browser: one that may be logged in there already; a fresh one otherwise.
    """
    if browser is None:
        with http_client("", verify=certificates()) as browser:
            return log_in(url, name, answer, without=without, browser=browser)
    origin = _origin(url)
    response = browser.get(url)
    for _ in range(MOST_PAGES):
        if response.is_redirect:
            url = urljoin(url, response.headers["Location"])
            if _origin(url) != origin:
                return url
            response = browser.get(url)
        else:
            assert response.status_code == 200, f"{url}: {response.status_code} {response.text}"
            response = browser.post(url, data=_filled_in(response.text, name, answer, without))
    raise AssertionError(f"more than {MOST_PAGES} pages, the last {url}")


def log_in_by_browser(page: Page, name: str, answer: Answer = "allow") -> None:
    """Fill in the pages that Chromium was led to, until they lead back."""
    page.wait_for_url("**/interaction/*")
    origin = _origin(page.url)
    while _origin(page.url) == origin:
        button = "Allow" if answer == "allow" else "Deny"
        field = page.get_by_label("Name")
        if field.is_visible():
            field.fill(name)
            button = "Cancel" if answer == "cancel" else "Log in"
        with page.expect_navigation():
            page.get_by_role("button", name=button).click()


def _filled_in(
    html: str, name: str, answer: Answer, without: Collection[str]
) -> dict[str, str | list[str]]:
    page = BeautifulSoup(html, "html.parser")
    if page.select_one("[name=login]"):
        return {"login": name, "answer": "no" if answer == "cancel" else "yes"}
    scopes = [str(box["value"]) for box in page.select("[name=scope]")]
    granted = [scope for scope in scopes if scope not in without]
    return {"scope": granted, "answer": "yes" if answer == "allow" else "no"}


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
