"""What templates write of a time and of a user agent."""

from __future__ import annotations

import datetime as dt

from babel import Locale
from babel.dates import format_datetime

from ..security.user_agents import parse_user_agent
from ..translations import current_locale
from ..translations import gettext as _


def browser_words(user_agent: str | None) -> str:
    """Return a user agent in words that quote nothing of it."""
    found = parse_user_agent(user_agent)
    if found.name and found.system:
        return _("%(browser)s on %(system)s", browser=found.name, system=found.system)
    return found.name or found.system or _("not known")


def time_words(time: str) -> str:
    """Return a time (ISO 8601) with its date, in UTC and with that name."""
    locale = Locale.parse(current_locale(), sep="-")
    return format_datetime(dt.datetime.fromisoformat(time), "long", tzinfo=dt.UTC, locale=locale)
