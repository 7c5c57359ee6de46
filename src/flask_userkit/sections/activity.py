"""Activity: what happened in the account, as its owner reads it."""

from __future__ import annotations

import datetime as dt
import typing as t
from collections.abc import Mapping

from ..current import required_identity
from ..request_state import current_kit
from ..services import activity
from ..services.activity import Line
from ..services.activity_words import Words
from ..services.activity_words import words_of
from ..translations import gettext as _
from ..translations import ngettext
from ..web.profile import section_url
from ..web.section import OpenCard
from ..web.section import ProfileSection
from ..web.words import known_browser
from ..web.words import moment_words

if t.TYPE_CHECKING:
    from ..models import User

PAGE = "security"
DAY = 86400


class Shown(t.NamedTuple):
    """A line on its way to the template.

    :param about: who did it, how often, with which browser: what of it is to be told.
    """

    line: Line
    words: Words
    about: list[str]
    moment: str


def _shown(line: Line, now: dt.datetime, labels: Mapping[str, str]) -> Shown:
    by = {"another": _("By an administrator"), "app": _("By the app")}
    times = ngettext("%(n)s time", "%(n)s times", line.times) if line.times > 1 else None
    about = [by.get(line.by or ""), times, known_browser(line.user_agent)]
    moment = moment_words(line.created_at, now)
    return Shown(line, words_of(line, labels), [text for text in about if text], moment)


def _context(user: User, card: OpenCard | None) -> dict[str, t.Any]:
    kit, identity = current_kit(), required_identity()
    after = SECTION.after()
    found = activity.rows(kit, identity.user_id, after)
    now, labels = kit.now(), kit.connections.labels()
    return {
        "lines": [_shown(line, now, labels) for line in found.lines],
        "kept_for": max(1, kit.config.event_lifetime // DAY) if kit.config.event_lifetime else None,
        # Who has asked for another page is led to its beginning.
        "turned": bool(after),
        "newest_url": SECTION.after_url("newest") if found.is_later else None,
        "earlier_url": SECTION.after_url(found.earlier) if found.earlier else None,
        "password_url": section_url("password", PAGE),
        "sessions_url": section_url("sessions", PAGE),
    }


SECTION = ProfileSection("activity", page=PAGE, context=_context)
