"""A browser is named by what is known of it, and what it says is never repeated."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_userkit.security.user_agents import BROWSERS
from flask_userkit.security.user_agents import SYSTEMS
from flask_userkit.security.user_agents import parse_user_agent

MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15"
BLINK = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "browser"),
    [
        (f"{MAC} AppleWebKit/605.1.15 (KHTML) Version/17.5 Safari/605.1.15", ("Safari", "macOS")),
        (f"{IPHONE} (KHTML) Version/17.5 Mobile/15E148 Safari/604.1", ("Safari", "iOS")),
        (f"{IPHONE} (KHTML) CriOS/130.0 Mobile/15E148 Safari/604.1", ("Chrome", "iOS")),
        (f"{WINDOWS} {BLINK} Chrome/130.0.0.0 Safari/537.36", ("Chrome", "Windows")),
        (f"{WINDOWS} {BLINK} Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0", ("Edge", "Windows")),
        (f"{WINDOWS} {BLINK} Chrome/130.0.0.0 Safari/537.36 OPR/115.0.0.0", ("Opera", "Windows")),
        (
            f"Mozilla/5.0 (X11; Linux x86_64) {BLINK} HeadlessChrome/130.0.0.0 Safari/537.36",
            ("Chrome", "Linux"),
        ),
        (
            f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {BLINK} Chrome/130.0.0.0 Safari/537.36",
            ("Chrome", "ChromeOS"),
        ),
        (
            f"Mozilla/5.0 (Linux; Android 14; SM-S911B) {BLINK} SamsungBrowser/25.0 Chrome/121.0",
            ("Samsung Internet", "Android"),
        ),
        (
            "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
            ("Firefox", "Linux"),
        ),
        (
            "Mozilla/5.0 (Android 14; Mobile; rv:128.0) Gecko/128.0 Firefox/128.0",
            ("Firefox", "Android"),
        ),
        ("python-httpx/0.28.1", (None, None)),
        ("", (None, None)),
        (None, (None, None)),
    ],
)
def test_a_browser_has_the_name_that_its_user_knows(
    user_agent: str | None, browser: tuple[str | None, str | None]
) -> None:
    assert parse_user_agent(user_agent) == browser


@pytest.mark.parametrize(
    "user_agent",
    [
        # The parser repeats what it finds before the word "bot".
        "Call 0800 555 now bot/1.0",
        "www.evil.example-bot/1.0",
        "Mozilla/5.0 (compatible; {{7*7}} spider/1.0; +http://evil.example)",
        "<a href=http://evil.example>Chrome</a>",
        "a" * 512,
        "\x00\r\nBcc: eve@example.com",
    ],
)
def test_a_sender_of_any_text_writes_nothing_into_a_mail(user_agent: str) -> None:
    assert parse_user_agent(user_agent) in ((None, None), ("Chrome", None))


@given(st.text(max_size=512))
def test_no_text_is_repeated(user_agent: str) -> None:
    name, system = parse_user_agent(user_agent)
    assert name in {None, *BROWSERS.values()}
    assert system in {None, *SYSTEMS.values()}
