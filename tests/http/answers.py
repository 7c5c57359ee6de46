"""Every kind of answer that the kit gives, and how to get each."""

from __future__ import annotations

import typing as t
from collections.abc import Callable

import pytest
from sqlalchemy.exc import OperationalError

from flask_userkit.services import sessions
from tests.http.site import FORMS
from tests.http.site import TOKEN
from tests.http.site import Site
from tests.rig.clients import request
from tests.rig.pages import Page

HTMX = {"HX-Request": "true"}
JSON = {"Accept": "application/json"}
Ask = Callable[[Site], Page]


def get(url: str, **headers: str) -> Ask:
    return lambda site: request(site.visitor().client, "GET", url, headers=headers)


def get_as_ada(url: str, **headers: str) -> Ask:
    return lambda site: request(site.signed_in().client, "GET", url, headers=headers)


def asset(site: Site) -> Page:
    page = site.visitor().open("/account/sign-in")
    link, *_others = page.html.select("link[rel=stylesheet]")
    return request(site.visitor().client, "GET", str(link["href"]))


def posted(form: str, **changes: str) -> Ask:
    def ask(site: Site) -> Page:
        ready = FORMS[form][1](site)
        return ready.send({**ready.data, **changes})

    return ask


def htmx_posted(form: str, **changes: str) -> Ask:
    def ask(site: Site) -> Page:
        ready = FORMS[form][1](site)
        return ready.send({**ready.data, **changes}, **HTMX)

    return ask


def code_that_is_too_old(site: Site) -> Page:
    ready = FORMS["code of a sign-up"][1](site)
    site.clock.tick(601)
    return ready.send()


def banned(site: Site) -> Page:
    ready = FORMS["sign-in by password"][1](site)
    with site.app.app_context():
        (user,) = site.kit.users.get_user_list(email_address=[ready.data["identifier"]]).data
        site.kit.users.ban_user(user.id)
    return ready.send()


def too_many(site: Site) -> Page:
    ready = FORMS["sign-in by password"][1](site)
    for number in range(31):
        # Another one each time: what is counted is where they come from.
        typed = {"identifier": f"nobody{number}@example.com", "password": "wrong"}
        page = ready.send({**ready.data, **typed})
    return page


def paused(site: Site) -> Page:
    ready = FORMS["sign-in by password"][1](site)
    for _ in range(11):
        page = ready.send({**ready.data, "password": "wrong"})
    return page


def too_large(site: Site) -> Page:
    ready = FORMS["sign-up"][1](site)
    return ready.send({**ready.data, "email_address": "x" * 5 * 1024 * 1024})


def while_the_database_is_away(site: Site) -> Page:
    ready = FORMS["sign-out"][1](site)
    with pytest.MonkeyPatch.context() as patch:

        def fail(*args: t.Any) -> None:
            raise OperationalError("UPDATE", {}, Exception("is gone"))

        patch.setattr(sessions, "end", fail)
        return ready.send()


ANSWERS: dict[str, tuple[int, Ask]] = {
    "sign-in": (200, get("/account/sign-in")),
    "sign-up": (200, get("/account/sign-up")),
    "account": (200, get_as_ada("/account/")),
    "account for htmx": (200, get_as_ada("/account/", **HTMX)),
    "mailbox": (200, get("/account/mailbox")),
    "mailbox as JSON": (200, get("/account/mailbox.json")),
    "saved name": (303, posted("name")),
    "saved name for htmx": (200, htmx_posted("name")),
    "signed in": (303, posted("sign-in by password")),
    "signed out": (303, posted("sign-out")),
    "code sent": (303, posted("sign-in by code")),
    "account for nobody": (303, get("/account/")),
    "account for nobody by htmx": (401, get("/account/", **HTMX)),
    "account for a program": (401, get("/account/", **JSON)),
    "no code to type": (303, get("/account/sign-in/verification")),
    "a code that is too old": (400, code_that_is_too_old),
    "banned": (403, banned),
    "paused": (403, paused),
    "an asset that there is not": (404, get("/account/assets/none.css")),
    "a page that there is not": (404, get("/account/none")),
    "a page that there is not, for a program": (404, get("/account/none", **JSON)),
    "sign-out by a link": (405, get("/account/sign-out")),
    "a form by a link": (405, get_as_ada("/account/profile")),
    "a long body": (413, too_large),
    "a wrong password": (422, posted("sign-in by password", password="wrong")),
    "a stale form": (422, posted("sign-in by password", **{TOKEN: "stale"})),
    "a long name": (422, posted("name", first_name="x" * 101)),
    "a long name for htmx": (422, htmx_posted("name", first_name="x" * 101)),
    "too many": (429, too_many),
    "no database": (503, while_the_database_is_away),
}
