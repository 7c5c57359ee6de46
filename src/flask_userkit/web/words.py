"""What templates write of a time, of a size and of a browser."""

from __future__ import annotations

import datetime as dt

from babel import Locale
from babel.dates import format_date
from babel.dates import format_datetime
from babel.dates import format_skeleton
from babel.dates import format_time
from babel.dates import format_timedelta
from babel.units import format_unit

from ..request_state import current_kit
from ..security.user_agents import parse_user_agent
from ..translations import current_locale
from ..translations import gettext as _


def browser_words(user_agent: str | None) -> str:
    """Return a user agent in words that quote nothing of it."""
    return known_browser(user_agent) or _("not known")


def known_browser(user_agent: str | None) -> str | None:
    """Return the same, or None where nothing of it is known."""
    return _named(*parse_user_agent(user_agent))


def device_words(browser: str | None, system: str | None) -> str:
    """Return a browser and a system in words, whatever is known of them."""
    return _named(browser, system) or _("Unknown browser")


def ago_words(moment: dt.datetime) -> str:
    """Return how long ago a moment was, to the minute at most, such as "2 hours ago"."""
    since = max(current_kit().now() - moment, dt.timedelta(minutes=1))
    return format_timedelta(-since, granularity="minute", add_direction=True, locale=_locale())


def date_words(time: dt.datetime) -> str:
    """Return the date of a time, in UTC."""
    return format_date(time.astimezone(dt.UTC), "long", locale=_locale())


def minute_words(time: dt.datetime) -> str:
    """Return a time to the minute with its date, in UTC and with that name."""
    minute = format_time(time.astimezone(dt.UTC), "short", locale=_locale())
    return _("%(date)s, %(time)s UTC", date=date_words(time), time=minute)


def moment_words(time: dt.datetime, now: dt.datetime) -> str:
    """Return a time of not long ago as a list has it, in UTC: today, yesterday, or its date."""
    clock = format_time(time, "short", tzinfo=dt.UTC, locale=_locale())
    days = (now.astimezone(dt.UTC).date() - time.astimezone(dt.UTC).date()).days
    if days == 0:
        return _("Today, %(time)s", time=clock)
    if days == 1:
        return _("Yesterday, %(time)s", time=clock)
    pattern = "MMMd" if time.year == now.year else "yMMMd"
    date = format_skeleton(pattern, time, tzinfo=dt.UTC, locale=_locale())
    return _("%(date)s, %(time)s", date=date, time=clock)


def time_words(time: str) -> str:
    """Return a time (ISO 8601) with its date, in UTC and with that name."""
    return format_datetime(dt.datetime.fromisoformat(time), "long", tzinfo=dt.UTC, locale=_locale())


def size_words(size: int) -> str:
    """Return the length of a file, in KB or MB."""
    kilobytes = max(1, round(size / 1000))
    if kilobytes < 1000:
        return format_unit(kilobytes, "digital-kilobyte", "short", locale=_locale())
    return format_unit(round(size / 10**6, 1), "digital-megabyte", "short", locale=_locale())


def _named(browser: str | None, system: str | None) -> str | None:
    if browser and system:
        return _("%(browser)s on %(system)s", browser=browser, system=system)
    return browser or system


def _locale() -> Locale:
    return Locale.parse(current_locale(), sep="-")
