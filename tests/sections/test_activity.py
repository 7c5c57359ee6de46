"""The activity, read on the account page: with and without JavaScript, and by its owner alone."""

from __future__ import annotations

import re

import pytest
from bs4 import Tag

from tests.http.cookies import in_process
from tests.http.hostile import TEXTS
from tests.http.hostile import injected
from tests.http.rows import column
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.clients import request
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeApp
from tests.rig.pages import Page
from tests.rig.people import Person
from tests.rig.people import sign_in
from tests.rig.queries import count_queries
from tests.rig.visitor import Visitor

URL = "/account/security"
SECTION = "#userkit-activity"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
EARLIER, NEWEST = "Earlier activity", "Newest activity"


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    return open_site(make_app)


@pytest.fixture
def ada(site: Site) -> Person:
    return site.person()


def lines(page: Page) -> list[tuple[str, str]]:
    """Return the title of each line, and what stands under it."""
    assert page.status == 200
    return [
        (words(row, ".userkit-item__title--plain"), words(row, ".userkit-item__meta"))
        for row in page.html.select(f"{SECTION} .userkit-item__row--compact")
    ]


def words(row: Tag, selector: str) -> str:
    found = row.select_one(selector)
    assert found is not None
    return " ".join(found.get_text().split())


def link(page: Page, text: str) -> str | None:
    found = [a for a in page.html.select(f"{SECTION} a") if a.get_text().strip() == text]
    return str(found[0]["href"]) if found else None


def fail(site: Site, person: Person, times: int = 1, **environment: str) -> None:
    """Try to sign in with a wrong password."""
    visitor = site.visitor()
    in_process(visitor).environ_base |= environment
    visitor.open("/account/sign-in")
    for _ in range(times):
        visitor.submit("/sign-in", identifier=person.email_address, password="wrong")


def rename(site: Site, user_id: str, *names: str) -> None:
    with site.app.app_context():
        for name in names:
            site.kit.users.update_user(user_id, username=name)


def user_of(database: Database) -> str:
    (found,) = column(database, "SELECT id FROM userkit_user ORDER BY id LIMIT 1")
    return str(found)


@pytest.mark.usefixtures("backend")
def test_people_read_what_happened_where_and_when(site: Site, ada: Person) -> None:
    site.clock.now = site.clock.now.replace(hour=9, minute=41)
    fail(site, ada, 3, REMOTE_ADDR="2001:db8::66", HTTP_USER_AGENT=FIREFOX)
    site.clock.tick(days=1)
    visitor = site.visitor()
    in_process(visitor).environ_base |= {"HTTP_USER_AGENT": FIREFOX}
    sign_in(visitor, ada)
    page = visitor.open(URL)
    assert lines(page) == [
        ("Signed in with a password", "Firefox on Linux · 127.0.0.1"),
        ("Sign-in attempt with a wrong password", "3 times · Firefox on Linux · 2001:db8::66"),
        ("Account created", "By the app"),
    ]
    times = [tag.get_text().replace("\u202f", " ") for tag in page.html.select(f"{SECTION} time")]
    assert times[:2] == ["Today, 9:41 AM", "Yesterday, 9:41 AM"]
    exact = page.html.select(f"{SECTION} time")[0]["datetime"]
    assert exact == site.clock.now.isoformat(timespec="seconds")
    assert [tag.get_text() for tag in page.html.select(f"{SECTION} bdi")] == [
        "127.0.0.1",
        "2001:db8::66",
    ]
    assert len(page.html.select(f"{SECTION} .userkit-item__media--warning")) == 1
    assert "Kept for 90 days." in page.words
    german = visitor.open(URL, **{"Accept-Language": "de"})
    assert lines(german)[1] == (
        "Anmeldeversuch mit falschem Passwort",
        "3 Mal · Firefox unter Linux · 2001:db8::66",
    )
    assert [tag.get_text() for tag in german.html.select(f"{SECTION} time")][:2] == [
        "Heute, 09:41",
        "Gestern, 09:41",
    ]


def test_a_link_leads_to_what_was_earlier_and_back(
    site: Site, ada: Person, database: Database
) -> None:
    rename(site, user_of(database), *(f"ada_{n}_1815" for n in range(16)))
    visitor = site.signed_in(ada)
    first = visitor.open(URL)
    assert link(first, NEWEST) is None
    second = visitor.open(link(first, EARLIER) or "")
    third = visitor.open(link(second, EARLIER) or "")
    assert [len(lines(page)) for page in (first, second, third)] == [8, 8, 2]
    assert link(third, EARLIER) is None
    # Who turns a page is led to its beginning, who comes to the page is not.
    focused = [bool(page.html.select(f"{SECTION} ol[autofocus]")) for page in (first, second)]
    assert focused == [False, True]
    assert lines(visitor.open(link(third, NEWEST) or "")) == lines(first)
    for page in (first, second, third):
        assert injected(page) == []


@pytest.mark.usefixtures("backend")
def test_a_place_that_is_none_is_the_first_page(
    site: Site, ada: Person, database: Database
) -> None:
    visitor = site.signed_in(ada)
    first = lines(visitor.open(URL))
    site.signed_in()
    of_another = str(column(database, "SELECT MAX(id) FROM userkit_event")[0])
    for text in (*TEXTS.values(), of_another):
        raw = b"".join(b"%%%02X" % byte for byte in text.encode("utf-8", "surrogatepass")[:4000])
        page = request(visitor.client, "GET", f"{URL}?after=activity.{raw.decode()}")
        assert lines(page) == first, ascii(text)[:40]
        assert injected(page) == []


def test_nobody_reads_of_another(site: Site, ada: Person, database: Database) -> None:
    rename(site, user_of(database), "countess")
    grace = site.signed_in()
    assert [title for title, _meta in lines(grace.open(URL))] == [
        "Signed in with a password",
        "Account created",
    ]
    for page in (request(site.visitor().client, "GET", URL), grace.open(f"{URL}?user_id=1")):
        assert "Username changed" not in str(page.html)


def test_where_an_administrator_sits_is_told_to_nobody(
    site: Site, ada: Person, database: Database
) -> None:
    user_id = user_of(database)

    @site.app.post("/administration")
    def administer() -> str:
        site.kit.users.lock_user(user_id)
        site.kit.users.unlock_user(user_id)
        return ""

    admin = site.signed_in()
    in_process(admin).environ_base |= {"REMOTE_ADDR": "192.0.2.99", "HTTP_USER_AGENT": FIREFOX}
    assert request(admin.client, "POST", "/administration").status == 200
    visitor = site.visitor()
    site.clock.tick(1)
    sign_in(visitor, ada)
    page = visitor.open(URL)
    assert lines(page)[1:3] == [
        ("Sign-in by password unlocked", "By an administrator"),
        ("Sign-in by password locked", "By an administrator"),
    ]
    assert "192.0.2.99" not in str(page.html)
    assert "Firefox" not in str(page.html)


def test_a_hostile_browser_writes_nothing_on_the_page(site: Site, ada: Person) -> None:
    hostile = [text for text in TEXTS.values() if 0 < len(text) < 400]
    for text in hostile:
        user_agent = re.sub(r"[\r\n\x00]", "", text).encode("utf-8", "surrogatepass")
        fail(site, ada, HTTP_USER_AGENT=f"Hostile {user_agent.decode('latin-1')} Firefox/128.0")
        # It would be the same line otherwise.
        site.signed_in(ada)
    visitor = site.signed_in(ada)
    page, met = visitor.open(URL), set[str]()
    while True:
        assert injected(page) == []
        assert "Hostile" not in str(page.html)
        met |= {meta for title, meta in lines(page) if "wrong" in title}
        earlier = link(page, EARLIER)
        if earlier is None:
            break
        page = visitor.open(earlier)
    assert met == {"Firefox · 127.0.0.1"}


def test_it_is_one_query_however_much_there_is(site: Site, ada: Person, database: Database) -> None:
    visitor = site.signed_in(ada)
    visitor.open(URL)
    found = []
    for names in ((), [f"ada_{n}_1815" for n in range(120)]):
        rename(site, user_of(database), *names)
        with count_queries() as queries:
            visitor.open(URL)
        found.append(len(queries.statements))
        assert len([text for text in queries.statements if "userkit_event" in text]) == 1
    assert found[0] == found[1] <= 6


def test_what_to_do_is_linked_where_it_can_be_done(site: Site, ada: Person) -> None:
    page = site.signed_in(ada).open(URL)
    shown = [name for name in ("password", "sessions") if page.html.select(f"#userkit-{name}")]
    links = [str(a["href"]) for a in page.html.select(f"{SECTION} .userkit-section__note a")]
    assert links == [f"#userkit-{name}" for name in shown]


def test_it_is_kept_for_as_long_as_the_setting_says(make_app: MakeApp) -> None:
    for seconds, told in ((0, False), (86400, "Kept for 1 day."), (60, "Kept for 1 day.")):
        site = open_site(make_app, USERKIT_EVENT_LIFETIME=seconds)
        page = site.signed_in().open(URL)
        assert (told in page.words) if isinstance(told, str) else "Kept for" not in page.words


def test_htmx_takes_the_section_from_the_page(site: Site, ada: Person, database: Database) -> None:
    rename(site, user_of(database), *(f"ada_{n}_1815" for n in range(9)))
    visitor: Visitor = site.signed_in(ada)
    wanted = {
        "hx-target": SECTION,
        "hx-select": SECTION,
        "hx-swap": "outerHTML settle:0ms ignoreTitle:true",
    }
    (more,) = visitor.open(URL).html.select(f"{SECTION} a.userkit-item__add")
    assert {name: more[name] for name in wanted} == wanted
    assert more["hx-get"] == more["href"]
