"""The account page of somebody with fifty email addresses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.rig.queries import count_queries

from .call import Call
from .floor import floor
from .host import Visit
from .host import visit
from .measure import Effort
from .measure import take_turns
from .report import Row
from .report import ratio
from .write_floors import by_hand

MANY = 50
PATH = "/account/"


def addresses(folder: Path, effort: Effort) -> Iterator[Row]:
    """Measure the page against the same page by hand, which is one file as well."""
    with visit(folder) as visited:
        _add(visited, MANY - 1)
        call = Call(visited.app, PATH, cookies=visited.cookies)
        with floor(visited.url, account=by_hand(call().text)) as least:
            calls = {
                "kit": call,
                "floor": Call(least, PATH, cookies=visited.cookies),
                "hello": Call(least, "/hello"),
            }
            times = take_turns(calls, effort.without_waiting())
            what = f"account page with {MANY} addresses"
            yield ratio(f"{what} / its floor", times["kit"], times["floor"], 1.5)
            yield ratio(f"{what} / hello", times["kit"], times["hello"])
        with count_queries() as queries:
            call()
        yield Row(f"{what}, queries", len(queries), "queries", budget=6)


def _add(visited: Visit, number: int) -> None:
    with visited.app.app_context():
        api = visited.userkit
        (user,) = api.users.get_user_list().data
        for index in range(number):
            api.email_addresses.create(user.id, f"ada.{index}@example.com", verified=True)
