"""In the narrowest window all is there, and nobody scrolls sideways."""

from __future__ import annotations

import pytest

from tests.browser.checks import too_wide
from tests.browser.conftest import OpenAs
from tests.browser.views import PERSONAL
from tests.browser.views import PUBLIC
from tests.rig.browser import Screen
from tests.rig.fixtures.browsers import OpenPage
from tests.rig.people import Person
from tests.rig.servers import Server

pytestmark = pytest.mark.browser
#: What a window of 1280 pixels has, too, at a zoom of 400 %.
NARROW = Screen(320)


@pytest.fixture
def server(either_site: Server) -> Server:
    return either_site


def test_a_window_of_320_pixels_is_wide_enough(
    open_page: OpenPage, open_as: OpenAs, ada: Person
) -> None:
    assert too_wide(open_page(NARROW), PUBLIC) == []
    assert too_wide(open_as(ada, NARROW), PERSONAL) == []
