"""Sections of the account page, and the pages that list them."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field

from flask import current_app
from flask import render_template
from flask import url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ..current import current_user
from ..translations import gettext as _
from .htmx import is_htmx

if t.TYPE_CHECKING:
    from ..models import User


@dataclass(frozen=True, slots=True)
class ProfileSection:
    """One section: the unit that is shown, hidden and swapped.

    :param name: its stem, in ids, folders and addresses.
    :param page: the page that it stands on.
    :param context: returns what its template needs besides ``user``.
    :param is_active: whether it is shown at all.
    """

    name: str
    page: str
    context: Callable[[User], dict[str, t.Any]]
    is_active: Callable[[], bool] = lambda: True

    def render(self, **context: t.Any) -> Markup:
        """Return the section as HTML, its root id included."""
        values = {**self.context(current_user), **context, "user": current_user}
        html = render_template(f"userkit/sections/{self.name}/section.html", **values)
        return Markup(html)  # noqa: S704 (rendered with autoescape)

    def answer(self, **context: t.Any) -> ResponseReturnValue:
        """Show the section with what went wrong: alone to htmx, else within its page."""
        if is_htmx():
            return self.render(**context)
        return render_page(self.page, form=context.get("form"), overrides={self.name: context})


@dataclass(frozen=True, slots=True)
class ShownSection:
    """A section on its way to a template, with what this answer changes in it."""

    section: ProfileSection
    context: dict[str, t.Any] = field(default_factory=dict[str, t.Any])

    def render(self) -> Markup:
        return self.section.render(**self.context)


@dataclass(frozen=True, slots=True)
class ProfilePage:
    """A page of the profile."""

    name: str
    title: str
    lead: str
    icon: str
    url: str
    sections: list[ShownSection]


def profile_page(name: str, overrides: dict[str, dict[str, t.Any]] | None = None) -> ProfilePage:
    """Return a page of the signed-in user's profile."""
    registered: list[ProfileSection] = current_app.extensions["userkit"].sections
    shown = [
        ShownSection(section, (overrides or {}).get(section.name, {}))
        for section in registered
        if section.page == name and section.is_active()
    ]
    lead = _("Who you are here, and how we reach you.")
    return ProfilePage(name, _("Profile"), lead, "user", url_for("userkit.user_profile"), shown)


def profile_pages() -> list[ProfilePage]:
    """Return the pages that have a section; an empty one is not in the navigation."""
    return [page for page in (profile_page("account"),) if page.sections]


def render_page(
    name: str,
    *,
    form: object | None = None,
    overrides: dict[str, dict[str, t.Any]] | None = None,
) -> str:
    """Return a whole page of the profile."""
    page = profile_page(name, overrides)
    return render_template(
        "userkit/user_profile/page.html",
        page=page,
        pages=profile_pages(),
        form=form,
        status=None,
    )
