"""Pages: the one with the button, those of the account, and one that never asks who the user is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.rig.queries import count_queries

from .call import Call
from .floor import floor
from .host import visit
from .measure import Effort
from .measure import take_turns
from .report import Row
from .report import ratio

#: Two runs of one and the same page differ by as much.
NOISE = 0.05
SECURITY = "/account/security"


def pages(folder: Path, effort: Effort) -> Iterator[Row]:
    """Measure the pages against the same pages by hand."""
    with visit(folder) as visited, floor(visited.url) as by_hand:
        calls = {
            f"{path} {name}": Call(app, path, cookies=visited.cookies)
            for path in ("/", "/hello", "/account/", SECURITY)
            for name, app in (("kit", visited.app), ("floor", by_hand))
        }
        times = take_turns(calls, effort.without_waiting())
        hello = times["/hello floor"]
        button, account = times["/ kit"], times["/account/ kit"]
        yield ratio("page with the button / its floor", button, times["/ floor"], 1.25)
        yield ratio("page with the button / hello", button, hello, 4)
        yield _queries("page with the button, queries", calls["/ kit"], 1)
        yield ratio("its floor / hello", times["/ floor"], hello)
        never_asks = "request that never asks who the user is"
        yield ratio(f"{never_asks} / hello", times["/hello kit"], hello, 1 + NOISE)
        yield _queries(f"{never_asks}, queries", calls["/hello kit"], 0)
        cookies = calls["/hello kit"]().header("Set-Cookie")
        yield Row(f"{never_asks}, cookies", len(cookies), "cookies", budget=0)
        yield ratio("account page / its floor", account, times["/account/ floor"], 1.5)
        yield ratio("account page / hello", account, hello, 15)
        yield _queries("account page, queries", calls["/account/ kit"], 6)
        yield ratio(
            "security page / its floor", times[f"{SECURITY} kit"], times[f"{SECURITY} floor"], 1.5
        )
        yield _queries("security page, queries", calls[f"{SECURITY} kit"], 6)


def _queries(what: str, call: Call, budget: int) -> Row:
    with count_queries() as queries:
        call()
    return Row(what, len(queries), "queries", budget=budget)
