"""The countries that somebody picks from to type a phone number, and which of them comes first."""

from __future__ import annotations

import typing as t
import unicodedata
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from functools import lru_cache

from babel import Locale
from babel.core import get_global
from flask import has_request_context
from flask import request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from ..request_state import current_kit
from ..request_state import unproxied
from ..security.phone_numbers import countries
from ..translations import current_locale
from .options import Options

#: Of a header; browsers send less, and what they send is kept.
MAX_HEADER = 200
_FALLBACK = "US"
# Around a number, which would else have its plus sign behind it in a line from right to left.
_ISOLATED = "\u2066%s\u2069"


def choices(locale: str, allowed: Sequence[str] | None = None) -> Options:
    """Return countries by name, in a language and in its order: ``("DE", "Germany (+49)")``.

    :param allowed: the codes of those that are offered; None offers all.
    """
    return _choices(locale, None if allowed is None else tuple(allowed))


def default_country(accept_language: str, allowed: Sequence[str] | None = None) -> str:
    """Return the country that is picked from the start for a reader of some languages.

    It is the first that the languages name (``de-AT``), else one in which most speak them; and
    never the place of an IP address, which is sent to nobody for this.

    :param accept_language: the header, or a language.
    """
    return _default_country(
        accept_language[:MAX_HEADER], None if allowed is None else tuple(allowed)
    )


def offered_countries() -> Options:
    """Return the choices of this app, in the language of this request."""
    return choices(current_locale(), current_kit().config.phone_number_countries)


def likely_country() -> str:
    """Return the country that is picked from the start in this request."""
    header = ""
    if has_request_context():
        header = unproxied(request).headers.get("Accept-Language", "")
    return default_country(header, current_kit().config.phone_number_countries)


def typed_country() -> str | None:
    """Return whose numbers may be typed without a plus sign, where accounts have numbers."""
    return None if current_kit().config.phone_number == "off" else likely_country()


@lru_cache(maxsize=64)
def _choices(locale: str, allowed: tuple[str, ...] | None) -> Options:
    language = Locale.parse(locale, sep="-")
    isolated = _ISOLATED if language.text_direction == "rtl" else "%s"
    territories = t.cast("Mapping[str, str]", language.territories)
    codes = {code.upper() for code in allowed or ()}
    named = [
        (territories.get(country.code, country.code), country)
        for country in countries()
        if allowed is None or country.code in codes
    ]
    named.sort(key=lambda item: _sort_key(item[0]))
    return Options(
        (country.code, f"{name} ({isolated % f'+{country.calling_code}'})")
        for name, country in named
    )


def _sort_key(name: str) -> tuple[str, str]:
    # Most languages sort letters with accents among those without.
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)), name


@lru_cache(maxsize=256)
def _default_country(accept_language: str, allowed: tuple[str, ...] | None) -> str:
    known = {country.code for country in countries()}
    first = None
    if allowed is not None:
        wanted = [code.upper() for code in allowed]
        first = next((code for code in wanted if code in known), None)
        known &= set(wanted)
    tags = [
        tag.replace("_", "-").split("-")
        for tag in parse_accept_header(accept_language, LanguageAccept).values()
    ]
    found = [*map(_region, tags), *map(_likely_region, tags)]
    return next((code for code in found if code in known), first or _FALLBACK)


def _region(tag: list[str]) -> str | None:
    """Return the region that a language tag (RFC 5646) names."""
    return next((part.upper() for part in _until_extension(tag[1:]) if len(part) == 2), None)


def _likely_region(tag: list[str]) -> str | None:
    """Return the region in which a language, in its script, is mostly spoken."""
    known = get_global("likely_subtags")
    language = tag[0].lower()
    scripts = [part.title() for part in _until_extension(tag[1:]) if len(part) == 4]
    for name in (*(f"{language}_{script}" for script in scripts), language):
        if name in known:
            return str(known[name]).rpartition("_")[2]
    return None


def _until_extension(parts: list[str]) -> Iterator[str]:
    for part in parts:
        # A letter by itself begins what is private or an extension.
        if len(part) == 1:
            return
        yield part
