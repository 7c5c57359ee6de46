"""What templates see: the global ``userkit`` and one filter."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Callable
from collections.abc import Mapping

from flask import Flask
from markupsafe import Markup
from markupsafe import escape

from . import translations
from .current import current_identity
from .current import current_kit
from .current import current_session
from .current import current_user
from .services.identity import Identity
from .services.kit import RenderedMail
from .web.assets import asset_url
from .web.csrf import csrf_fields
from .web.section import ProfilePage
from .web.section import profile_page
from .web.section import profile_pages

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


class TemplateGlobals:
    """The global ``userkit`` of an app's templates."""

    settings = Settings()
    gettext = staticmethod(translations.gettext)
    ngettext = staticmethod(translations.ngettext)
    asset = staticmethod(asset_url)
    csrf_fields = staticmethod(csrf_fields)
    profile_page = staticmethod(profile_page)

    def __init__(self, **forms: Callable[[], object]) -> None:
        #: Makers of empty forms, for macros in an app's own page.
        self.sign_in_form = forms["sign_in_form"]
        self.sign_up_form = forms["sign_up_form"]

    @property
    def identity(self) -> Identity | None:
        return current_identity()

    @property
    def profile_pages(self) -> list[ProfilePage]:
        return profile_pages()

    @property
    def app_name(self) -> str:
        return current_kit().app_name

    @property
    def locale(self) -> str:
        return translations.current_locale()

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
    jinja_globals["userkit"] = TemplateGlobals(**forms)
    jinja_globals.setdefault("current_user", current_user)
    jinja_globals.setdefault("current_session", current_session)
    app.jinja_env.filters["userkit_attributes"] = attributes


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
