"""Nothing moves: neither while a page loads nor when something opens over it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.conftest import OpenAs
from tests.rig.browser import PHONE
from tests.rig.browser import WIDE
from tests.rig.browser import Screen
from tests.rig.fixtures.browsers import OpenPage
from tests.rig.people import Person

pytestmark = pytest.mark.browser
WATCH = """
window.shifts = []
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    const moved = entry.sources.map((source) => source.node?.outerHTML?.slice(0, 80))
    shifts.push([entry.value, ...moved])
  }
}).observe({ type: "layout-shift", buffered: true })
"""


def shifts(page: Page) -> list[object]:
    """Return what has moved since the page was opened, also what moved at a click."""
    page.wait_for_load_state("networkidle")
    # An entry comes with the frame after the one in which something moved.
    page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )
    found: list[object] = page.evaluate("window.shifts")
    return found


def loads(page: Page, path: str) -> Iterator[list[object]]:
    """Load a page up to three times, and tell of each what has moved.

    What a page moves it moves each time. Where the browser pauses within a row that it has read
    in part, and paints it, is chance.
    """
    page.add_init_script(WATCH)
    for _ in range(3):
        page.goto(path)
        yield shifts(page)


@pytest.mark.parametrize("width", [PHONE, WIDE])
@pytest.mark.parametrize("path", ["/", steps.SIGN_IN, steps.SIGN_UP, "/account/mailbox"])
def test_nothing_moves_while_a_page_loads(open_page: OpenPage, path: str, width: int) -> None:
    assert [] in loads(open_page(Screen(width)), path)


@pytest.mark.parametrize("width", [PHONE, WIDE])
@pytest.mark.parametrize("path", ["/", steps.ACCOUNT])
def test_nothing_moves_while_a_page_with_the_button_loads_nor_when_it_opens(
    open_as: OpenAs, ada: Person, path: str, width: int
) -> None:
    page = open_as(ada, Screen(width, reduced_motion=False))
    assert [] in loads(page, path)
    before = steps.trigger(page).bounding_box()
    steps.open_popover(page)
    assert shifts(page) == []
    page.keyboard.press("Escape")
    expect(steps.popover(page)).to_be_hidden()
    assert shifts(page) == []
    assert steps.trigger(page).bounding_box() == before


def test_a_shift_would_be_seen(open_page: OpenPage) -> None:
    page = open_page()
    assert [] in loads(page, "/")
    page.locator("header").evaluate("header => header.before(document.createElement('h2'))")
    page.locator("h2").first.evaluate("heading => heading.textContent = 'Moves all'")
    assert shifts(page) != []


def test_typing_and_saving_move_nothing_but_what_is_under_the_form(
    open_as: OpenAs, ada: Person
) -> None:
    page = open_as(ada)
    page.goto(steps.ACCOUNT)
    row = page.locator("#userkit-profile .userkit-item__row")
    before = row.bounding_box()
    steps.open_name(page)
    assert row.bounding_box() == before
    steps.type_name(page, "Ada", "Lovelace")
    steps.save(page)
    expect(page.locator("#userkit-profile").get_by_text(steps.SAVED)).to_be_visible()
    assert row.bounding_box() == before
