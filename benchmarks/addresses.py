"""The account page of somebody with fifty email addresses."""

from __future__ import annotations

from collections.abc import Generator
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import ExitStack
from contextlib import contextmanager
from pathlib import Path

from flask_userkit.models import EmailAddress
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

FEW, MANY = 3, 50
PATH = "/account/"
_ROW = '<li class="userkit-item"'
_END = "\n  </li>"


def addresses(folder: Path, effort: Effort) -> Iterator[Row]:
    """Measure the page against one by hand, which reads the addresses and loops over them too.

    The page with few addresses tells what each further one costs.
    """
    with ExitStack() as stack:
        calls: dict[str, Call] = {}
        for count in (FEW, MANY):
            calls |= stack.enter_context(many_addresses(folder / str(count), count))
        times = take_turns(calls, effort.without_waiting())
        what = f"account page with {MANY} addresses"
        kit, least = times[f"kit {MANY}"], times[f"floor {MANY}"]
        yield ratio(f"{what} / its floor", kit, least, 1.5)
        yield ratio(f"{what} / hello", kit, times["hello"])
        yield ratio(
            "each further address / by hand",
            kit - times[f"kit {FEW}"],
            least - times[f"floor {FEW}"],
            1.5,
        )
        with count_queries() as queries:
            calls[f"kit {MANY}"]()
        yield Row(f"{what}, queries", len(queries), "queries", budget=6)


@contextmanager
def many_addresses(folder: Path, count: int) -> Generator[dict[str, Call]]:
    """Give the page with so many addresses, by the kit and by hand."""
    folder.mkdir()
    with visit(folder) as visited:
        added = _add(visited, count - 1)
        kit = Call(visited.app, PATH, cookies=visited.cookies)
        with floor(visited.url, list_page=looped(kit().text, added)) as by_hand_app:
            yield {
                f"kit {count}": kit,
                f"floor {count}": Call(by_hand_app, PATH, cookies=visited.cookies),
                "hello": Call(by_hand_app, "/hello"),
            }


def looped(page: str, added: Sequence[EmailAddress]) -> str:
    """Return a page of the kit as a template that repeats the row of an added address."""
    starts = sorted(page.rindex(_ROW, 0, page.index(address.id)) for address in added)
    end = page.index(_END, starts[-1]) + len(_END)
    row = page[starts[0] : starts[1]]
    (own,) = (address for address in added if address.id in row)
    row = row.replace(own.id, "{{ row.id }}").replace(own.email_address, "{{ row.email_address }}")
    loop = "{% for row in addresses[1:] %}" + row + "{% endfor %}"
    return by_hand(page[: starts[0]] + loop + page[end:])


def _add(visited: Visit, number: int) -> list[EmailAddress]:
    with visited.app.app_context():
        api = visited.userkit
        (user,) = api.users.get_user_list().data
        return [
            api.email_addresses.create(user.id, f"ada.{index}@example.com", verified=True)
            for index in range(number)
        ]
