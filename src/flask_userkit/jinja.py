"""What templates see: the global ``userkit`` and a few filters."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Callable
from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import Flask
from jinja2 import Environment
from markupsafe import Markup
from markupsafe import escape

from . import translations
from .current import current_identity
from .current import current_session
from .current import current_user
from .request_state import current_kit
from .security.text import unlinked
from .services import outbox
from .services.applications import identifiers_asked
from .services.identity import Identity
from .services.kit import RenderedMail
from .web.assets import asset_url
from .web.countries import likely_country
from .web.countries import offered_countries
from .web.csrf import csrf_fields
from .web.menu import MenuAction
from .web.menu import MenuLink
from .web.menu import menu
from .web.options import options
from .web.profile import shown_profile
from .web.profile_options import current_options
from .web.prompts import prompt_for
from .web.prompts import told_above
from .web.providers import shown_connections
from .web.session import session_mark
from .web.stencil import Stencil
from .web.urls import page_url
from .web.words import ago_words
from .web.words import browser_words
from .web.words import date_words
from .web.words import minute_words
from .web.words import size_words
from .web.words import time_words

#: The longest name in a text message: with a longer one, each would cost more.
SMS_WORDS = 40
_NONE = Markup()
_ATTRIBUTE = re.compile(r"[A-Za-z_:@][\w.:@-]*", re.ASCII)


class Settings:
    """The settings that templates look at."""

    def __getitem__(self, name: str) -> t.Any:
        return getattr(current_kit().config, name)

    def __getattr__(self, name: str) -> t.Any:
        return self[name]

    @property
    def mailbox(self) -> bool:
        return current_kit().development


def _sign_up_choice() -> bool:
    """Tell whether people sign up with an address or with a number, as they like."""
    return not identifiers_asked(current_kit().config)[1]


def _texts_are_late() -> bool:
    """Tell whether text messages fail or wait."""
    return outbox.is_troubled(current_kit(), "sms")


class TemplateGlobals:
    """The global ``userkit`` of an app's templates."""

    settings = Settings()
    gettext = staticmethod(translations.gettext)
    ngettext = staticmethod(translations.ngettext)
    asset = staticmethod(asset_url)
    csrf_fields = staticmethod(csrf_fields)
    profile = staticmethod(shown_profile)
    menu = staticmethod(menu)
    menu_link = MenuLink
    menu_action = MenuAction
    stencil = Stencil
    page_url = staticmethod(page_url)
    connections = staticmethod(shown_connections)
    phone_countries = staticmethod(offered_countries)
    phone_country = staticmethod(likely_country)
    sign_up_choice = staticmethod(_sign_up_choice)
    texts_are_late = staticmethod(_texts_are_late)
    reverification = staticmethod(prompt_for)
    told_above = staticmethod(told_above)

    def __init__(self, env: Environment, **forms: Callable[[], object]) -> None:
        self._env = env
        self._macros: dict[str, t.Any] | None = None
        #: Makers of empty forms, for macros in an app's own page.
        self.sign_in_form = forms["sign_in_form"]
        self.sign_up_form = forms["sign_up_form"]

    def __getattr__(self, name: str) -> t.Any:
        """Return a macro: what ``userkit/macros.html`` exports is here without an import.

        It is also the quicker way: an import statement is run anew in each request.
        """
        if self._macros is None or self._env.auto_reload:
            self._macros = vars(self._env.get_template("userkit/macros.html").module)
        try:
            return self._macros[name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def identity(self) -> Identity | None:
        return current_identity()

    @property
    def session_mark(self) -> str:
        """What a page asks by whether it is still its reader's."""
        identity = current_identity()
        return session_mark(identity) if identity else ""

    @property
    def heading_level(self) -> int:
        """The level of the titles of the profile's sections."""
        return current_options().heading_level

    @property
    def app_name(self) -> str:
        return current_kit().app_name

    @property
    def locale(self) -> str:
        return translations.current_locale()

    @property
    def translate(self) -> Callable[..., str]:
        """The ``gettext`` of this request's language, which is looked up once."""
        return translations.translator(translations.current_locale())

    @property
    def text_direction(self) -> str:
        return translations.text_direction()


def attributes(values: Mapping[str, object] | None) -> Markup:
    """Return a mapping as HTML attributes: True is bare, False and None are absent."""
    if not values:
        return _NONE
    parts: list[str] = []
    for name, value in values.items():
        if value is None or value is False:
            continue
        name = name.replace("_", "-")
        if not _ATTRIBUTE.fullmatch(name):
            raise ValueError(f"{name!r} is not the name of an attribute.")
        parts.append(name if value is True else f'{name}="{escape(value)}"')
    return Markup(" ".join(parts))  # noqa: S704 (names are checked, values escaped)


def install(app: Flask, **forms: Callable[[], object]) -> None:
    """Give an app's templates the kit."""
    jinja_globals: dict[str, t.Any] = t.cast("dict[str, t.Any]", app.jinja_env.globals)
    jinja_globals["userkit"] = TemplateGlobals(app.jinja_env, **forms)
    jinja_globals.setdefault("current_user", current_user)
    jinja_globals.setdefault("current_session", current_session)
    app.jinja_env.filters["userkit_attributes"] = attributes
    app.jinja_env.filters["userkit_ago"] = ago_words
    app.jinja_env.filters["userkit_browser"] = browser_words
    app.jinja_env.filters["userkit_date"] = date_words
    app.jinja_env.filters["userkit_options"] = options
    app.jinja_env.filters["userkit_time"] = time_words
    app.jinja_env.filters["userkit_minute"] = minute_words
    app.jinja_env.filters["userkit_size"] = size_words


def mail_renderer(app: Flask) -> Callable[..., RenderedMail]:
    """Return what renders the mail of an event, inside a request or in the outbox's thread."""

    def render(template: str, locale: str, context: Mapping[str, str | int | None]) -> RenderedMail:
        with app.app_context(), translations.use_locale(locale):
            values = {"app_name": current_kit().app_name, **context}
            parts = {
                name: app.jinja_env.get_template(f"userkit/mail/{template}/{name}").render(values)
                for name in ("subject.txt", "body.txt", "body.html")
            }
        # A subject is one line whatever a template or a name in it holds.
        subject = " ".join(parts["subject.txt"].split())
        return RenderedMail(subject, parts["body.txt"], parts["body.html"])

    return render


def sms_renderer(app: Flask) -> Callable[..., str]:
    """Return what renders a text message, inside a request or in the outbox's thread."""

    def render(template: str, locale: str, context: Mapping[str, str | int | None]) -> str:
        with app.app_context(), translations.use_locale(locale):
            kit = current_kit()
            values = {
                name: unlinked(value, SMS_WORDS) if isinstance(value, str) else value
                for name, value in {"app_name": kit.app_name, **context}.items()
            }
            values["host"] = _host(kit.base_url)
            path = f"userkit/sms/{template}/body.txt"
            text = app.jinja_env.get_template(path).render(values)
        return "\n".join(line.strip() for line in text.strip().splitlines())

    return render


def _host(base_url: str) -> str | None:
    """Return the host that a browser fills a code in at, or None where it is no name."""
    host = urlsplit(base_url).hostname or ""
    return None if ":" in host else host.encode("idna").decode("ascii")
