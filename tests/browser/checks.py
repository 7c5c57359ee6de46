"""What is true of every page, whatever it shows."""

from __future__ import annotations

from collections.abc import Iterable

from playwright.sync_api import Page

from tests.browser.views import View
from tests.rig.browser import axe
from tests.rig.browser import overflow

_CLIPPED = """() => Array.from(document.querySelectorAll("[class*=userkit-]"))
  .filter((box) => box.checkVisibility({ visibilityProperty: true }))
  .filter((box) => box.matches("dialog") || /hidden|clip/.test(getComputedStyle(box).overflowX))
  .filter((box) => box.scrollWidth > box.clientWidth + 1)
  .filter((box) => !box.matches("input, .userkit-visually-hidden, .userkit-user-button__name"))
  .map((box) => box.outerHTML.slice(0, 90))"""


def assert_sound(page: Page) -> None:
    """Fail where a page is wider than its window, or axe finds something, or a heading is amiss."""
    where = page.url
    assert overflow(page) == 0, f"{where} is too wide"
    assert axe(page) == [], where
    # While the profile is open over a page, the rest of the page is out of reach.
    over = page.locator("dialog.userkit-dialog--profile[open]")
    main = (over if over.count() else page).locator("h1")
    assert main.count() == 1, f"{where} has no single main heading"


def too_wide(page: Page, views: Iterable[View]) -> list[str]:
    """Return the views that are wider than the window, and those that cut something off."""
    found = []
    for view in views:
        view(page)
        if overflow(page):
            found.append(f"{view.__name__} by {overflow(page)} px")
        found += [f"{view.__name__} cuts off {html}" for html in page.evaluate(_CLIPPED)]
    return found
