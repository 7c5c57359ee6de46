"""Asks for another person's rows, and tells whether a route gave any away."""

from __future__ import annotations

import typing as t
from collections.abc import Callable

from tests.http.rows import Rows
from tests.http.rows import scalar
from tests.http.rows import snapshot
from tests.http.site import TOKEN
from tests.http.site import Site
from tests.pages.walks import mask
from tests.rig.clients import request
from tests.rig.databases import Database


class Owned(t.NamedTuple):
    """A route with the id of a row in its address.

    ``theirs`` gives the id of another user's row, ``data`` what the form sends besides the token.
    """

    method: str
    rule: str
    theirs: Callable[[Database, str], str]
    missing: str
    data: dict[str, str]


def of_user(rows: Rows, user_id: str) -> Rows:
    """Return the rows that mention a user."""
    return {table: [row for row in found if user_id in row] for table, found in rows.items()}


def complaints(site: Site, database: Database, routes: list[Owned]) -> list[str]:
    """Ask for another user's rows, and return each route that tells them from rows of nobody."""
    ada, grace = site.person(), site.person()
    visitor = site.signed_in(ada)
    site.signed_in(grace)
    victim = id_of(database, grace.email_address)
    before = of_user(snapshot(database), victim)
    token = visitor.open("/").form("/sign-out").values[TOKEN]

    def ask(owned: Owned, row: str) -> tuple[int, str]:
        url = owned.rule.partition("<")[0] + row + owned.rule.partition(">")[2]
        data = {**owned.data, TOKEN: token}
        page = request(visitor.client, owned.method, url, data)
        return page.status, mask(page, row).body

    found = []
    for owned in routes:
        theirs = ask(owned, owned.theirs(database, victim))
        if theirs != ask(owned, owned.missing) or theirs[0] != 404:
            found.append(f"{owned.rule} answers {theirs[0]}")
        if of_user(snapshot(database), victim) != before:
            found.append(f"{owned.rule} changes another's row")
    return found


def id_of(database: Database, address: str) -> str:
    """Return the id of the user who owns an address."""
    statement = "SELECT user_id FROM userkit_email_address WHERE email_address = :address"
    return t.cast(str, scalar(database, statement, address=address))
