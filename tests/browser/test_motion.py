"""Motion is short, and there is none for those who ask for less."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import OpenAs
from tests.browser.views import PERSONAL
from tests.browser.views import PUBLIC
from tests.rig.browser import Screen
from tests.rig.fixtures.browsers import OpenPage
from tests.rig.people import Person
from tests.rig.servers import Server

pytestmark = pytest.mark.browser
LONGEST = 150
#: A bar that shows that something goes on does so for as long as it goes on.
_LONGEST = """() => Math.max(...Array.from(document.querySelectorAll("*:not(progress)"), (one) => {
  const { transitionDuration, animationDuration } = getComputedStyle(one)
  return Math.max(...`${transitionDuration},${animationDuration}`.split(",").map(parseFloat))
})) * 1000"""


@pytest.fixture
def server(gallery: Server) -> Server:
    return gallery


def longest(outside: Page, inside: Page) -> float:
    """Return how long the longest motion of all pages takes, in milliseconds."""
    found = []
    for page, views in ((outside, PUBLIC), (inside, PERSONAL)):
        for view in views:
            view(page)
            found.append(float(page.evaluate(_LONGEST)))
    return max(found)


@pytest.mark.parametrize(("reduced", "most"), [(True, 0), (False, LONGEST)], ids=["less", "usual"])
def test_no_motion_takes_longer_than_it_may(
    open_page: OpenPage, open_as: OpenAs, ada: Person, reduced: bool, most: int
) -> None:
    screen = Screen(reduced_motion=reduced)
    found = longest(open_page(screen), open_as(ada, screen))
    assert found <= most
    assert reduced or found > 0
