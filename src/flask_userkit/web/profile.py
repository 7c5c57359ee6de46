"""The profile: its pages, and what an app asks of it where it shows it."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from urllib.parse import quote
from urllib.parse import urlencode

from flask import current_app
from flask import request
from markupsafe import Markup

from ..errors import SetupError
from ..security.urls import check_link
from ..security.urls import safe_path
from .profile_options import ALL
from .profile_options import DEFAULT
from .profile_options import FIRST
from .profile_options import PAGE
from .profile_options import ProfileOptions
from .profile_options import current_options
from .profile_options import using

if t.TYPE_CHECKING:
    from .section import ProfileSection

Text = str | Callable[[], str]
#: What else is found under that address, and so is no name of a page.
TAKEN = frozenset(
    {
        "assets",
        "avatars",
        "data-exports",
        "email-addresses",
        "mailbox",
        "mailbox.json",
        "oauth",
        "password-reset",
        "reverification",
        "session",
        "sign-in",
        "sign-up",
    }
)


class _Named(t.Protocol):
    @property
    def name(self) -> str: ...


N = t.TypeVar("N", bound=_Named)


@dataclass(frozen=True, slots=True)
class ProfilePage:
    """A page of the profile, or a link in its navigation.

    :param name: its stem, as in its address.
    :param title: its title, or what returns it in the language of the request.
    :param lead: a sentence under the title.
    :param icon: the name of an icon of the kit, or markup of the app's own.
    :param url: makes it a link that leads elsewhere.
    :raises ValueError: ``url`` is code, such as ``javascript:``.
    """

    name: str
    title: Text
    lead: Text = ""
    icon: str = ""
    url: str = ""

    def __post_init__(self) -> None:
        check_link(self.url)


@dataclass(frozen=True, slots=True)
class ShownSection:
    """A section on its way to a template, with what this answer changes in it."""

    section: ProfileSection
    context: Mapping[str, t.Any]

    def render(self) -> Markup:
        return self.section.render(**self.context)


@dataclass(frozen=True, slots=True)
class ShownPage:
    """A page on its way to a template."""

    name: str
    title: str
    lead: str
    icon: str
    url: str
    is_link: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """The profile as one answer shows it.

    :param page: the current page.
    :param pages: all of them, for the navigation.
    :param sections: those of the current page.
    """

    page: ShownPage
    pages: list[ShownPage]
    sections: list[ShownSection]
    options: ProfileOptions = DEFAULT
    overrides: Mapping[str, Mapping[str, t.Any]] = field(default_factory=dict[str, t.Any])

    def at_level(self, level: int) -> Profile:
        """Return it with the titles of its sections at another level."""
        if self.options.heading_level == level:
            return self
        return replace(self, options=replace(self.options, heading_level=level))

    def render(self) -> Markup:
        """Return the sections of the current page, as HTML."""
        with using(self.options):
            return Markup().join(section.render() for section in self.sections)


def shown_profile(
    page: str | Profile | None = None,
    *,
    pages: Iterable[str] | None = None,
    sections: Iterable[str] | None = None,
    hide: Iterable[str] = (),
    read_only: Iterable[str] = (),
    additional_oauth_scopes: Mapping[str, Iterable[str]] | None = None,
    heading_level: int = 1,
) -> Profile:
    """Return the profile for a macro.

    :param page: the page to show while the address names none; or what a view of the kit has
        prepared.
    :param additional_oauth_scopes: by provider, what its accounts are to allow here besides.
    :param heading_level: of its title; those of its sections are one below.
    :raises ValueError: there is no such page or section, or nothing to show.
    """
    options = ProfileOptions.of(
        pages,
        sections,
        hide,
        read_only,
        heading_level=heading_level + 1,
        oauth_scopes=(additional_oauth_scopes or {}).items(),
    )
    _check(options)
    if isinstance(page, Profile):
        if options == DEFAULT:
            return page.at_level(options.heading_level)
        options = replace(options, page=page.options.page, home=page.options.home)
        found = build(page.page.name, options, page.overrides)
    else:
        first = page or (options.pages or (FIRST,))[0]
        options = replace(options, page=first, home=_here())
        found = (
            build(request.args.get(PAGE, first), options)
            or build(first, options)
            or build(None, options)
        )
    if found is None:
        raise ValueError("The profile has nothing to show: every section is off or hidden.")
    return found


def is_page(name: str) -> bool:
    """Tell whether the profile may have a page of this name."""
    return any(page.name == name and not page.url for page in _registered()[0])


def section_url(name: str, page: str) -> str | None:
    """Return the address of a section, if the profile that is being rendered shows it.

    :param page: the page that the link stands on.
    """
    options = current_options()
    section = next((each for each in _sections(options) if each.name == name), None)
    if section is None or all(section.page != each.name for each in _pages(options)):
        return None
    at = "" if section.page == page else options.url(section.page)
    return f"{at}#userkit-{name}"


def insert(present: list[N], new: N, before: str | None) -> list[N]:
    """Return a list of pages or sections with one more.

    :param before: the name that it stands before; by default it is the last.
    :raises SetupError: its name is taken, or what it should stand before is not there.
    """
    names = [each.name for each in present]
    if new.name in names:
        raise SetupError(f"The profile has {new.name!r} already.")
    if before is not None and before not in names:
        raise SetupError(f"There is no {before!r} to stand before. There is: {', '.join(names)}.")
    at = len(present) if before is None else names.index(before)
    return [*present[:at], new, *present[at:]]


def build(
    name: str | None,
    options: ProfileOptions | None = None,
    overrides: Mapping[str, Mapping[str, t.Any]] | None = None,
) -> Profile | None:
    """Return the profile at one of its pages, or None if no such page has anything to show.

    :param name: the page; None is the first.
    :param overrides: by section, what this answer changes in its context.
    """
    options = options or DEFAULT
    sections = _sections(options)
    filled = {section.page for section in sections}
    pages = [_shown(page, options) for page in _pages(options) if page.url or page.name in filled]
    rooms = [page for page in pages if not page.is_link]
    page = next((page for page in rooms if name is None or page.name == name), None)
    if page is None:
        return None
    shown = [
        ShownSection(section, (overrides or {}).get(section.name, {}))
        for section in sections
        if section.page == page.name
    ]
    return Profile(page, pages, shown, options, overrides or {})


def _registered() -> tuple[list[ProfilePage], list[ProfileSection]]:
    userkit = current_app.extensions["userkit"]
    return userkit.pages, userkit.sections


def _pages(options: ProfileOptions) -> list[ProfilePage]:
    return _picked(_registered()[0], options.pages)


def _sections(options: ProfileOptions) -> list[ProfileSection]:
    picked = _picked(_registered()[1], options.sections)
    return [each for each in picked if each.name not in options.hide and each.is_active()]


def _picked(registered: list[N], names: tuple[str, ...] | None) -> list[N]:
    if names is None:
        return registered
    known = {each.name: each for each in registered}
    return [known[name] for name in names if name in known]


def _check(options: ProfileOptions) -> None:
    pages, sections = _registered()
    named = (*(options.sections or ()), *options.hide, *options.read_only)
    _check_names("page", options.pages or (), pages)
    _check_names("section", named, sections)


def _check_names(kind: str, names: Iterable[str], registered: Iterable[_Named]) -> None:
    known = [each.name for each in registered]
    for name in names:
        if name not in known:
            raise ValueError(f"The profile has no {kind} {name!r}. It has: {', '.join(known)}.")


def _shown(page: ProfilePage, options: ProfileOptions) -> ShownPage:
    url = page.url or options.url(page.name)
    return ShownPage(
        page.name, text_of(page.title), text_of(page.lead), page.icon, url, bool(page.url)
    )


def text_of(value: Text) -> str:
    """Return a text that may depend on the language of the request."""
    return str(value() if callable(value) else value)


def _here() -> str | None:
    """Return the address of the app's page, without what it says of the profile."""
    query = [pair for pair in request.args.items(multi=True) if pair[0] not in ALL]
    path = quote(f"{request.script_root}{request.path}")
    return safe_path(f"{path}?{urlencode(query)}" if query else path)
