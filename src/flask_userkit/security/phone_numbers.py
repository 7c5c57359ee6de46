"""Phone numbers: what is one, its one spelling, and which of them a text message is sent to.

The library is imported where a number is read: it is heavy, and most apps ask for none.
"""

from __future__ import annotations

import re
import typing as t
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

if t.TYPE_CHECKING:
    import phonenumbers

# Twice the longest number with a space after each digit.
MAX_INPUT = 64
#: The country of numbers that belong to none, such as those of satellites.
INTERNATIONAL = "001"
_SHAPE = re.compile(r"\+[1-9][0-9]{4,14}", re.ASCII)
_TYPED = re.compile(r"\+?[0-9]+", re.ASCII)
_PREFIX = "tel:"
_PLUS = frozenset("+\uff0b\ufe62")
# Besides spaces and dashes of every kind: brackets, dots, slashes, a minus sign, the long mark that
# a Japanese keyboard types for a dash, and tildes, after which Russians wait for a tone.
_SEPARATORS = frozenset("()[]./~\uff08\uff09\uff0e\uff0f\u00b7\u30fb\u2212\u30fc\u223c\uff5e")
# What was dialled before a Mexican number until 2019, and still stands in many address books.
_MEXICAN = re.compile(r"\+52(?:1|01|04[45])([0-9]{10})", re.ASCII)


class Number(t.NamedTuple):
    """A number in its one spelling (E.164), and the country that gave it out."""

    number: str
    country: str


class Country(t.NamedTuple):
    """A country, or a part of one with numbers of its own, and what is dialled to reach it."""

    code: str
    calling_code: int


def parse_phone_number(value: str, country: str | None = None) -> Number | None:
    """Return the number that a text is, or None.

    A number has one spelling however it is typed. Letters and extensions are refused and never
    dropped: the code would go to somebody else's phone.

    :param country: whose way of writing a number without a plus sign follows, such as ``DE``.
    """
    text = _typed(value)
    parsed = _parse(text, country) if text else None
    if parsed is None:
        return None
    if old := _MEXICAN.fullmatch(_spelled(parsed)):
        parsed = _parse(f"+52{old[1]}") or parsed
    region = _region(parsed)
    number = _spelled(parsed)
    # Some plans have numbers longer than anybody can dial from abroad.
    return Number(number, region) if region and _SHAPE.fullmatch(number) else None


def is_reachable(number: str) -> bool:
    """Tell whether a number (E.164) is one that a person may be sent text messages at.

    Premium and shared-cost numbers earn their owner money with each message, as do many of those
    that belong to no country. Toll-free and company-wide ones are a switchboard's; mailboxes and
    pagers show no message. A fixed line may take messages, and where ranges are shared nobody
    can tell it from a mobile phone.
    """
    import phonenumbers
    from phonenumbers import PhoneNumberType as Type

    parsed = _parse(number) if _SHAPE.fullmatch(number) else None
    if parsed is None or _region(parsed) in (None, INTERNATIONAL):
        return False
    return phonenumbers.number_type(parsed) in (
        Type.MOBILE,
        Type.FIXED_LINE,
        Type.FIXED_LINE_OR_MOBILE,
        Type.VOIP,
        Type.PERSONAL_NUMBER,
    )


def is_in_countries(number: str, countries: Iterable[str]) -> bool:
    """Tell whether a number (E.164) is one of some countries; several may share it."""
    import phonenumbers

    parsed = _parse(number) if _SHAPE.fullmatch(number) else None
    return parsed is not None and any(
        phonenumbers.is_valid_number_for_region(parsed, country.upper()) for country in countries
    )


def format_phone_number(number: str) -> str:
    """Return a number (E.164) as one reads it: ``+49 1512 3456789``; what is none, as it is."""
    # Before the cache, which keeps what it is asked.
    return _formatted(number) if _SHAPE.fullmatch(number) else number


@lru_cache(maxsize=1)
def countries() -> tuple[Country, ...]:
    """Return all countries that have phone numbers, by code."""
    import phonenumbers

    # From this table alone: asked of the countries one by one, all rules of all are loaded.
    calling_codes = phonenumbers.COUNTRY_CODE_TO_REGION_CODE
    return tuple(
        sorted(
            Country(region, code)
            for code, regions in calling_codes.items()
            for region in regions
            if region != INTERNATIONAL
        )
    )


def _typed(value: str) -> str | None:
    """Return the digits of a text in ASCII, after a plus sign if there is one."""
    if len(value) > MAX_INPUT:
        return None
    value = value.strip()
    if value[: len(_PREFIX)].lower() == _PREFIX:
        value = value[len(_PREFIX) :]
    kept: list[str] = []
    for character in value:
        digit = unicodedata.decimal(character, None)
        if digit is not None:
            kept.append(str(digit))
        elif character in _PLUS:
            kept.append("+")
        # Pasted along and not seen (Cf): marks of direction, joiners, soft hyphens.
        elif character not in _SEPARATORS and unicodedata.category(character) not in (
            "Zs",
            "Pd",
            "Cf",
        ):
            return None
    text = "".join(kept)
    return text if _TYPED.fullmatch(text) else None


def _parse(text: str, country: str | None = None) -> phonenumbers.PhoneNumber | None:
    import phonenumbers

    try:
        return phonenumbers.parse(text, country.upper() if country else None)
    except phonenumbers.NumberParseException:
        return None


def _spelled(parsed: phonenumbers.PhoneNumber) -> str:
    """Return what a number is in E.164, also where there is no such number."""
    import phonenumbers

    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _region(parsed: phonenumbers.PhoneNumber) -> str | None:
    """Return the country of a number; None where there is no such number."""
    import phonenumbers

    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.region_code_for_number(parsed)


@lru_cache(maxsize=1024)
def _formatted(number: str) -> str:
    import phonenumbers

    parsed = _parse(number)
    if parsed is None:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
