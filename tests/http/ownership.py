"""Asks for another person's rows, and tells whether a route gave any away."""

from __future__ import annotations

import typing as t
from collections.abc import Callable

from flask_userkit.connections.connection import Profile
from flask_userkit.connections.connection import Tokens
from flask_userkit.services import external_accounts
from flask_userkit.services.oauth_proofs import Proof
from tests.http.rows import Rows
from tests.http.rows import scalar
from tests.http.rows import snapshot
from tests.http.site import SECURITY
from tests.http.site import TOKEN
from tests.http.site import Site
from tests.pages.walks import mask
from tests.rig.clients import request
from tests.rig.databases import Database
from tests.rig.people import new_number


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
    ada, grace = site.person(), site.person(phone_number=new_number())
    visitor = site.signed_in(ada)
    hers = site.signed_in(grace)
    hers.open(SECURITY)
    assert hers.submit("/data-exports").status == 200
    victim = id_of(database, grace.email_address)
    _connect(site, victim)
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


def _connect(site: Site, user_id: str) -> None:
    proof = Proof(
        "acme",
        Profile(provider_user_id="hers", issuer="https://acme.example"),
        Tokens(access_token="hers", refresh_token=None, scopes=(), expires_at=None),
    )
    with site.app.app_context(), site.kit.transaction() as db:
        external_accounts.add(db, user_id, proof)


def id_of(database: Database, address: str) -> str:
    """Return the id of the user who owns an address."""
    statement = "SELECT user_id FROM userkit_email_address WHERE email_address = :address"
    return t.cast(str, scalar(database, statement, address=address))
