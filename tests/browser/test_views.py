"""Every page and state of the kit, on every screen, in an app's layout and in its own."""

from __future__ import annotations

import pytest

from tests.browser.checks import assert_sound
from tests.browser.conftest import OpenAs
from tests.browser.views import PERSONAL
from tests.browser.views import PUBLIC
from tests.rig.browser import Screen
from tests.rig.fixtures.browsers import OpenPage
from tests.rig.people import Person
from tests.rig.servers import Server

pytestmark = pytest.mark.browser


@pytest.fixture
def server(either_site: Server) -> Server:
    return either_site


def test_axe_finds_nothing_and_nothing_is_too_wide(
    open_page: OpenPage, open_as: OpenAs, ada: Person, screen: Screen
) -> None:
    for page, views in ((open_page(screen), PUBLIC), (open_as(ada, screen), PERSONAL)):
        for view in views:
            view(page)
            assert_sound(page)
