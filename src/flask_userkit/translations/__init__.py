"""Texts in the reader's language: gettext over the ``.po`` files of this folder."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Generator
from collections.abc import Iterable
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations
from gettext import NullTranslations
from io import BytesIO

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from ..paths import TRANSLATIONS

SOURCE_LOCALE = "en"
_locale: ContextVar[str | None] = ContextVar("userkit_locale", default=None)
_resolvers: list[Callable[[], str]] = []


def available_locales() -> list[str]:
    """Return the languages that there is a catalog for, the source language first."""
    return [SOURCE_LOCALE, *sorted(path.stem for path in TRANSLATIONS.glob("*.po"))]


def current_locale() -> str:
    """Return the language in use."""
    chosen = _locale.get()
    if chosen is None and _resolvers:
        chosen = _resolvers[-1]()
    return chosen or SOURCE_LOCALE


@contextmanager
def use_locale(locale: str) -> Generator[None]:
    """Use a language for what happens inside."""
    token = _locale.set(locale)
    try:
        yield
    finally:
        _locale.reset(token)


def set_resolver(resolve: Callable[[], str]) -> None:
    """Say how the language is found where none is set, such as from a request."""
    _resolvers[:] = [resolve]


def negotiate(accepted: Iterable[str], offered: Iterable[str]) -> str:
    """Return the first language on offer that a reader accepts."""
    known = {name.lower().replace("_", "-"): name for name in offered}
    for wanted in accepted:
        tag = wanted.lower().replace("_", "-")
        for candidate in (tag, tag.partition("-")[0]):
            if candidate in known:
                return known[candidate]
    return SOURCE_LOCALE


def text_direction() -> str:
    """Return ``ltr`` or ``rtl`` for the language in use."""
    return Locale.parse(current_locale(), sep="-").text_direction


def gettext(message: str, **values: object) -> str:
    """Return a text in the language in use, with its ``%(name)s`` filled in."""
    return translator(current_locale())(message, **values)


@cache
def translator(locale: str) -> Callable[..., str]:
    """Return the ``gettext`` of one language, for what has many texts and needs it at once."""
    catalog = _catalog(locale)

    def gettext(message: str, **values: object) -> str:
        text = catalog.gettext(message)
        return text % values if values else text

    return gettext


def ngettext(singular: str, plural: str, n: int, **values: object) -> str:
    """Return a text in the form that a number asks for; ``%(n)s`` is the number."""
    text = _catalog(current_locale()).ngettext(singular, plural, n)
    return text % {"n": n, **values}


@cache
def _catalog(locale: str) -> NullTranslations:
    path = TRANSLATIONS / f"{locale}.po"
    if locale == SOURCE_LOCALE or not path.is_file():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=locale.replace("-", "_")))
    compiled.seek(0)
    return GNUTranslations(compiled)
