"""A person who has a keyboard and nothing else."""

from __future__ import annotations

import re

from playwright.sync_api import Page
from playwright.sync_api import expect

#: Further than from one end of any page to the other.
FAR = 40
_NAMED = re.compile(r'- \w+ "(.*?)"(?: \[|:|$)')
_OUTLINE = """element => {
  const style = getComputedStyle(element)
  return style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth)
}"""


class Keys:
    """Presses keys on a page, and never clicks or focuses."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._active = page.locator(":focus")

    def press(self, *keys: str) -> None:
        """Press one key after another; a chord is written ``Shift+Tab``."""
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Type a text into whatever has the focus."""
        self.page.keyboard.type(text)

    @property
    def at(self) -> str:
        """The accessible name of what has the focus; empty: nothing has."""
        if not self._active.count():
            return ""
        first = self._active.aria_snapshot().partition("\n")[0]
        named = _NAMED.match(first)
        return named[1] if named else first.removeprefix("- ").removeprefix("text: ")

    @property
    def outline(self) -> float:
        """How thick the outline is of what has the focus, in pixels."""
        return float(self._active.evaluate(_OUTLINE))

    def start_at(self, name: str | re.Pattern[str]) -> None:
        """Wait until a new page has given the focus to what has this name."""
        expect(self._active).to_have_accessible_name(name)

    def go_to(self, name: str) -> None:
        """Press Tab until what has this name has the focus."""
        passed = [self.at]
        while passed[-1] != name:
            assert len(passed) < FAR, f"Tab does not lead to {name!r}, only to {passed}"
            self.press("Tab")
            passed.append(self.at)

    def order(self) -> list[str]:
        """Press Tab up to the end of the page, and return each stop, which shows that it is one."""
        stops: list[str] = []
        while len(stops) < FAR:
            self.press("Tab")
            if not self.at:
                break
            stops.append(self.at)
            assert self.outline >= 2, f"{stops[-1]!r} has the focus and does not show it"
        return stops
