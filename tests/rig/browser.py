"""Chromium as a person uses it, with an ear for everything that it complains about."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass
from dataclasses import field

from playwright.sync_api import Browser
from playwright.sync_api import BrowserContext
from playwright.sync_api import ConsoleMessage
from playwright.sync_api import Error
from playwright.sync_api import Page
from playwright.sync_api import Response
from playwright.sync_api import expect

from .artifacts import ROOT
from .recorder import record

AXE = ROOT / "tests" / "browser" / "vendor" / "axe-core" / "axe.min.js"
PHONE = 360
WIDE = 1280
HEIGHT = 800
#: Chromium writes each answer of these kinds to the console; here they are part of the story.
EXPECTED_STATUSES = frozenset({400, 401, 403, 404, 409, 410, 413, 422, 429})
#: What a page is made of; none of it may be missing.
PARTS = frozenset({"stylesheet", "script", "image", "font"})
_STATUS = re.compile(r"the server responded with a status of (\d{3})")
_HEAR_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => console.error(
  `CSP: ${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`))
"""


@dataclass
class Complaints:
    """Everything that went wrong in a context: scripts, policies, warnings, requests elsewhere.

    :param elsewhere: where else pages may lead, such as to a provider.
    """

    heard: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def listen(self, context: BrowserContext, origin: str) -> None:
        """Hear everything that pages of this context say from now on."""

        def console(message: ConsoleMessage) -> None:
            status = _STATUS.search(message.text)
            expected = status is not None and int(status[1]) in EXPECTED_STATUSES
            if message.type in ("error", "warning") and not expected:
                self.heard.append(f"{message.type}: {message.text}")

        def page_opened(page: Page) -> None:
            page.on("pageerror", self._script_failed)

        def response(answer: Response) -> None:
            if not answer.url.startswith((origin, *self.elsewhere, "data:", "blob:")):
                self.heard.append(f"a request left the site: {answer.url}")
            kind = answer.request.resource_type
            if answer.status >= 500 or (answer.status >= 400 and kind in PARTS):
                self.heard.append(f"{answer.status}: {answer.url}")

        context.on("console", console)
        context.on("page", page_opened)
        context.on("response", response)

    def _script_failed(self, error: Error) -> None:
        self.heard.append(f"script: {error}")


@dataclass(frozen=True)
class Screen:
    """What somebody looks at."""

    width: int = WIDE
    dark: bool = False
    javascript: bool = True
    reduced_motion: bool = True

    def __str__(self) -> str:
        mode = "dark" if self.dark else "light"
        return f"{self.width}-{mode}" if self.javascript else f"{self.width}-{mode}-nojs"


SCREENS = tuple(Screen(width, dark) for width in (PHONE, WIDE) for dark in (False, True))


#: Milliseconds; only what fails takes as long.
PATIENCE = 20_000
expect.set_options(timeout=PATIENCE)


def open_context(browser: Browser, screen: Screen, origin: str, **options: t.Any) -> BrowserContext:
    """Return a fresh context: no cookies, nothing cached."""
    context = browser.new_context(
        base_url=origin,
        viewport={"width": screen.width, "height": HEIGHT},
        color_scheme="dark" if screen.dark else "light",
        reduced_motion="reduce" if screen.reduced_motion else "no-preference",
        java_script_enabled=screen.javascript,
        ignore_https_errors=origin.startswith("https:"),
        **options,
    )
    context.set_default_timeout(PATIENCE)
    if screen.javascript:
        context.add_init_script(_HEAR_VIOLATIONS)
    return context


def close_context(context: BrowserContext) -> None:
    """Close a context, once its cookies are written down."""
    record("token", *(cookie.get("value") for cookie in context.cookies()))
    context.close()


def axe(page: Page, *, within: str | None = None) -> list[str]:
    """Return what axe finds wrong by WCAG 2.2 A and AA and by good practice; empty: nothing.

    It needs JavaScript: in a context without, it would wait for ever.

    :param within: a CSS selector, where not the whole page is to be judged.
    """
    page.wait_for_load_state()
    if page.evaluate("typeof window.axe") == "undefined":
        page.evaluate(AXE.read_text("utf-8"))
    rules = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
    result = page.evaluate("([where, rules]) => axe.run(where || document, rules)", [within, rules])
    return [
        f"{violation['id']}: {node['html']} ({node['failureSummary']})"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    # Playwright sees an element before the style sheet is there.
    page.wait_for_load_state()
    return int(
        page.evaluate(
            "document.scrollingElement.scrollWidth - document.documentElement.clientWidth"
        )
    )
