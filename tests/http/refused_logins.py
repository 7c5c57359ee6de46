"""What a login that was refused must not leave behind, in a browser, on a page and in the rows."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from tests.http.providers import who
from tests.http.rows import counts
from tests.http.rows import scalar
from tests.http.site import Site
from tests.rig.databases import Database
from tests.rig.hostile.modes import OF_ID_TOKEN
from tests.rig.hostile.modes import Endpoint
from tests.rig.hostile.modes import Mode
from tests.rig.pages import Page
from tests.rig.visitor import Visitor

#: What is written of anything that somebody tries.
TRACES = frozenset(f"userkit_{name}" for name in ("client", "event", "limit_hit", "verification"))
#: What a hostile provider says, none of which is for a page.
TOLD = ("gotcha", "Bad day", "Sign in to the network", "evil", "Traceback")
#: Nobody can tell whose answer it is, so what was begun goes on where the right one comes.
OPEN: tuple[Mode, ...] = ("wrong_state", "no_state", "doubled_code")
Before = dict[str, int]
UNAVAILABLE = (503, ["Acme does not answer right now. Try again in a moment."])
#: What the account page says, where somebody is led who went to connect an account.
NOT_CONNECTED = (
    200,
    ["The provider does not answer as it should, so nothing was connected. Try again later."],
)
_REFUSED = (400, "Acme refused the request. Start again.")
_UNTRUSTED = (400, "What Acme says of you cannot be trusted, so nothing was done.")
_NOT_BEGUN = (
    400,
    "This was not begun in this browser, took too long, or is done already. Start again.",
)
_BY_MODE: dict[Mode, tuple[int, str]] = {
    **dict.fromkeys(OF_ID_TOKEN, _UNTRUSTED),
    "access_denied": (403, "Nothing was shared by Acme."),
    "doubled_code": (400, "The provider's answer cannot be read. Start again."),
    "no_access_token": (503, UNAVAILABLE[1][0]),
    "no_iss": _UNTRUSTED,
    "no_state": _NOT_BEGUN,
    "tampered_iss": _UNTRUSTED,
    "other_userinfo": _UNTRUSTED,
    "wrong_state": _NOT_BEGUN,
    "int_sub": _UNTRUSTED,
    "empty_sub": _UNTRUSTED,
    "long_sub": _UNTRUSTED,
}


def sentence_of(mode: Mode) -> tuple[int, str]:
    """Return the status and the sentence that a sign-in ends with."""
    return _BY_MODE.get(mode, _REFUSED)


def silence(way: str, endpoint: Endpoint) -> tuple[int, list[str]]:
    """Return the status and the alerts where a provider does not answer, at one of its ends."""
    leads_back = way == "connecting" and endpoint != "discovery"
    return NOT_CONNECTED if leads_back else UNAVAILABLE


@dataclass
class Refusals:
    """Looks for what a refused login has left on a site."""

    site: Site
    database: Database

    def before(self) -> Before:
        """Return what there is before a login: how many rows, by table."""
        found = counts(self.database)
        return {table: found[table] for table in found if table not in TRACES}

    def check(
        self,
        page: Page,
        visitor: Visitor,
        before: Before,
        *,
        user_id: str | None = None,
        waiting: int = 0,
    ) -> None:
        """Check that nothing came of it.

        :param visitor: whose browser shows the page.
        :param user_id: who was signed in there, if somebody was.
        :param waiting: how much of what was begun may wait for another answer.
        """
        assert [word for word in TOLD if word in page.text] == []
        assert self.before() == before
        assert self._waiting() == waiting
        assert who(visitor) == user_id
        # Whoever is signed in is led away from it.
        shown = visitor.open("/account/oauth/sign-up")
        found = [form.action for form in shown.forms]
        assert "/account/oauth/sign-up" not in found, "nothing waits to be finished"

    def _waiting(self) -> int:
        statement = "SELECT count(*) FROM userkit_verification WHERE consumed_at IS NULL"
        return t.cast(int, scalar(self.database, statement))
