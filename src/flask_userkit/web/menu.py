"""The menu of the account button: its own two items, and what an app puts beside them."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

from flask import current_app
from flask import url_for

from ..request_state import unproxied
from ..security.urls import check_link
from ..security.urls import safe_path
from .profile import Text
from .profile import build
from .profile import text_of
from .profile_options import ProfileOptions

MANAGE_ACCOUNT, SIGN_OUT = "manage_account", "sign_out"
OWN = (MANAGE_ACCOUNT, SIGN_OUT)


@dataclass(frozen=True, slots=True)
class MenuLink:
    """A link in the menu.

    :param label: its text, or what returns it in the language of the request.
    :param href: where it leads.
    :param icon: the name of an icon of the kit, or markup of the app's own; none by default.
    :param attributes: attributes of the ``<a>``.
    :param when: whether it is shown to the person who is signed in.
    :raises ValueError: ``href`` is code, such as ``javascript:``.
    """

    label: Text
    href: str
    icon: str = ""
    attributes: Mapping[str, object] = field(default_factory=dict[str, object])
    when: Callable[[], bool] = lambda: True

    def __post_init__(self) -> None:
        check_link(self.href)


@dataclass(frozen=True, slots=True)
class MenuAction:
    """A button in the menu: it opens a page of the profile, posts to the app, or is a script's.

    :param label: its text, or what returns it in the language of the request.
    :param open: the page of the profile that it opens; it is absent while that page is.
    :param action: the address that it posts to, with the app's and the kit's CSRF token.
    :param icon: the name of an icon of the kit, or markup of the app's own; none by default.
    :param attributes: attributes of the button, by which a script of the app or htmx finds it.
    :param when: whether it is shown to the person who is signed in.
    :raises ValueError: ``action`` is no path, or both ``open`` and ``action`` are given.
    """

    label: Text
    open: str = ""
    action: str = ""
    icon: str = ""
    attributes: Mapping[str, object] = field(default_factory=dict[str, object])
    when: Callable[[], bool] = lambda: True

    def __post_init__(self) -> None:
        if self.action and safe_path(self.action) != self.action:
            # The form holds this browser's tokens.
            raise ValueError("A menu action posts to a path of this site.")
        if self.open and self.action:
            raise ValueError("A menu action either opens a page or posts to an address.")


MenuItem = MenuLink | MenuAction | str


class MenuRow(t.NamedTuple):
    """An item as the template draws it."""

    kind: str
    label: str = ""
    url: str = ""
    icon: str = ""
    attributes: Mapping[str, object] = {}


_OWN_ROWS = [MenuRow(MANAGE_ACCOUNT), MenuRow(SIGN_OUT)]


def menu(items: Iterable[MenuItem | None] | None, user_profile_url: str = "") -> list[MenuRow]:
    """Return the rows of the menu, in order.

    The declared items stand in their order, then what is left of the menu's own; the account
    comes first unless its place is declared.

    :param items: the macro's items; None takes those that the app has registered.
    :raises ValueError: an item of the menu's own is unknown, or named twice.
    """
    registered: list[MenuItem] = unproxied(current_app).extensions["userkit"].menu_items
    declared = registered if items is None else [item for item in items if item]
    if not declared:
        return _OWN_ROWS
    names = [item for item in declared if isinstance(item, str)]
    for name in names:
        if name not in OWN or names.count(name) > 1:
            raise ValueError(f"{name!r} is no item of the menu, or it is there twice: {OWN}.")
    rows = [row for item in declared for row in _rows(item, user_profile_url)]
    if MANAGE_ACCOUNT not in names:
        rows.insert(0, MenuRow(MANAGE_ACCOUNT))
    if SIGN_OUT not in names:
        rows.append(MenuRow(SIGN_OUT))
    return rows


def _rows(item: MenuItem, user_profile_url: str) -> list[MenuRow]:
    if isinstance(item, str):
        return [MenuRow(item)]
    if not item.when():
        return []
    label = text_of(item.label)
    if isinstance(item, MenuLink):
        return [MenuRow("link", label, item.href, item.icon, item.attributes)]
    if item.open:
        url = _page_url(item.open, user_profile_url)
        return [MenuRow("page", label, url, item.icon, item.attributes)] if url else []
    kind = "form" if item.action else "button"
    return [MenuRow(kind, label, item.action, item.icon, item.attributes)]


def _page_url(page: str, user_profile_url: str) -> str | None:
    if page not in [each.name for each in current_app.extensions["userkit"].pages]:
        raise ValueError(f"The profile has no page {page!r}.")
    if build(page) is None:
        return None
    if user_profile_url:
        home, hash_sign, fragment = user_profile_url.partition("#")
        return f"{ProfileOptions(home=home).url(page)}{hash_sign}{fragment}"
    return url_for("userkit.user_profile", page=page)
