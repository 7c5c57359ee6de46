"""The list of email addresses, or of phone numbers, as the page shows it."""

from __future__ import annotations

import typing as t

from bs4 import Tag

from tests.rig.pages import Page

SECTION = "#userkit-email_addresses"
ADD = f"{SECTION} a.userkit-item__add"


class Shown(t.NamedTuple):
    """One row: the address, its badges, and what its menu offers."""

    address: str
    badges: list[str]
    menu: list[str]


def shown(page: Page, section: str = SECTION) -> list[Shown]:
    """Return the rows in their order."""
    return [
        Shown(_words(title), _texts(row, ".userkit-badge"), _texts(row, ".userkit-menu__text"))
        for row in page.html.select(f"{section} .userkit-item")
        for title in row.select(".userkit-item__title")
    ]


def hints(page: Page, section: str = SECTION) -> list[str]:
    """Return why something cannot be done, as the menus tell it before the click."""
    dead = f"{section} [aria-disabled=true] .userkit-menu__hint"
    return [_words(tag) for tag in page.html.select(dead)]


def cards(page: Page, section: str = SECTION) -> list[str]:
    """Return the name of each card that is open."""
    return [
        str(tag.get("aria-label"))
        for tag in page.html.select(f"{section} .userkit-panel[aria-label]")
    ]


def last_row(page: Page, section: str = SECTION) -> str:
    """Return the words of the list's last row."""
    return _words(page.html.select(f"{section} .userkit-item")[-1])


def _texts(row: Tag, selector: str) -> list[str]:
    return [_words(tag) for tag in row.select(selector)]


def _words(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())
