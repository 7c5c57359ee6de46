"""A form that waits: prompted for in its place, run once, and left alone by Cancel."""

from __future__ import annotations

import typing as t

import pytest

from tests.http.cookies import in_process
from tests.http.rows import column
from tests.http.rows import scalar
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.clients import request
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeApp
from tests.rig.pages import Page
from tests.rig.people import Person
from tests.rig.people import sign_in
from tests.rig.people import sign_in_by_code
from tests.rig.people import sign_up
from tests.rig.visitor import Visitor

HTMX = {"HX-Request": "true", "HX-Target": "section#userkit-username"}
CARD, URL = "/account/?edit=username", "/account/username"
PROMPT, TITLE = ".userkit-panel[role=group]", "Confirm that it is you"
SECTION = "#userkit-username"
TOKEN = "userkit_csrf"
WAITS = "userkit_reverification"
SEND = ("userkit_delivery", "1")
WRONG = "That password is not right."
LATE = "This took too long, so nothing has changed. Send it again."


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    return open_site(make_app)


@pytest.fixture
def ada(site: Site) -> tuple[Visitor, Person]:
    """Somebody with a password who signed up an hour ago."""
    visitor = site.visitor()
    person = sign_up(visitor, site.mailbox)
    site.clock.tick(hours=1)
    return visitor, person


@pytest.fixture
def bea(site: Site) -> tuple[Visitor, Person]:
    """Somebody without a password who signed in an hour ago."""
    person = Person()
    with site.app.app_context():
        site.kit.users.create_user(email_address=[person.email_address])
    visitor = site.visitor()
    sign_in_by_code(visitor, site.mailbox, person)
    site.clock.tick(hours=1)
    return visitor, person


def ask(visitor: Visitor, username: str = "countess") -> Page:
    """Send the username's form, and get the prompt."""
    visitor.open(CARD)
    visitor.page = visitor.submit("/account/username", username=username, follow=False)
    return visitor.page


def stored(database: Database) -> t.Any:
    return scalar(database, "SELECT username FROM userkit_user")


def changes(database: Database) -> int:
    found = "SELECT name FROM userkit_event WHERE name = 'user.username.updated'"
    return len(column(database, found))


def waiting(database: Database) -> int:
    return len(column(database, "SELECT id FROM userkit_suspended_form"))


@pytest.mark.usefixtures("backend")
def test_the_password_in_place_of_the_card_runs_the_form_once(
    database: Database, ada: tuple[Visitor, Person]
) -> None:
    visitor, person = ada
    cookie = in_process(visitor).get_cookie("userkit")
    page = ask(visitor)
    assert page.status == 403
    assert page.html.select_one(f"{SECTION} {PROMPT}") is not None
    assert TITLE in page.words
    assert stored(database) is None
    answer = visitor.submit("/account/username", password=person.password, follow=False)
    assert (answer.status, answer.location) == (303, "/account/?saved=username")
    assert (stored(database), changes(database), waiting(database)) == ("countess", 1, 0)
    assert in_process(visitor).get_cookie("userkit") != cookie
    assert "Your username is saved." in visitor.open(answer.location or "").words
    # The same answer sent once more is a stranger's: its token went with the old client.
    again = request(visitor.client, "POST", URL, page.form("/account/username").filled({}, None))
    assert again.status == 422
    assert changes(database) == 1
    # For ten minutes nobody asks again.
    assert ask(visitor, "lovelace").status == 303


def htmx(visitor: Visitor, button: tuple[str, str] | None = None, **values: str) -> Page:
    """Send the form of the page that is shown by htmx, and keep what comes for the next."""
    data = visitor.page.form("/account/username").filled(values, button)
    visitor.page = request(visitor.client, "POST", URL, data, HTMX)
    return visitor.page


def root(page: Page) -> str:
    first = page.html.find(True)
    assert first is not None
    return str(first.get("id"))


def test_htmx_gets_the_section_with_the_prompt_and_then_the_section_and_its_tokens(
    database: Database, ada: tuple[Visitor, Person]
) -> None:
    visitor, person = ada
    old = visitor.open(CARD).form("/account/username").values[TOKEN]
    page = htmx(visitor, username="countess")
    assert (page.status, root(page)) == (403, "userkit-username")
    form = page.html.select_one(f"{PROMPT} form")
    assert form is not None
    assert {name: form.get(name) for name in ("hx-post", "hx-target", "hx-swap", "action")} == {
        "hx-post": URL,
        "hx-target": SECTION,
        "hx-swap": "outerHTML settle:0ms",
        "action": URL,
    }
    page = htmx(visitor, password=person.password)
    assert (page.status, root(page)) == (200, "userkit-username")
    assert stored(database) == "countess"
    # Every other form of the page goes on with the token of the new client.
    (token,) = page.html.select("input[hx-swap-oob]")
    assert token["hx-swap-oob"] == f"outerHTML:input[name={TOKEN}]"
    assert token["value"] != old
    for value, status in ((old, 422), (str(token["value"]), 200)):
        data = {TOKEN: value, "first_name": "Ada", "first_name_before": ""}
        assert request(visitor.client, "POST", "/account/profile", data, HTMX).status == status


def test_the_prompt_says_what_a_password_manager_and_a_screen_reader_need(
    ada: tuple[Visitor, Person],
) -> None:
    visitor, person = ada
    page = ask(visitor)
    prompt = page.html.select_one(PROMPT)
    assert prompt is not None
    title = page.html.find(id=str(prompt["aria-labelledby"]))
    assert title is not None
    assert (title.name, title.get_text(strip=True)) == ("h3", TITLE)
    name = prompt.select_one("input[autocomplete=username]")
    password = prompt.select_one("input[autocomplete=current-password]")
    assert name is not None
    assert password is not None
    assert name["value"] == person.email_address
    assert name.has_attr("hidden")
    assert password.has_attr("autofocus")
    assert "countess" not in page.text


def test_a_wrong_password_is_told_at_its_field_and_the_form_goes_on_waiting(
    database: Database, ada: tuple[Visitor, Person]
) -> None:
    visitor, person = ada
    ask(visitor)
    for typed in ("wrong", "", "x" * 2000):
        visitor.page = visitor.submit("/account/username", password=typed, follow=False)
        assert visitor.page.status == 422
        assert visitor.page.alerts == [WRONG if typed else "Enter your password."]
        assert stored(database) is None
    assert waiting(database) == 1
    visitor.submit("/account/username", password=person.password, follow=False)
    assert (stored(database), changes(database)) == ("countess", 1)


def test_cancel_leaves_all_as_it_was(database: Database, ada: tuple[Visitor, Person]) -> None:
    visitor, _person = ada
    page = ask(visitor)
    cancel = page.html.select_one(f"{PROMPT} a")
    assert cancel is not None
    assert (cancel["href"], cancel["hx-get"], cancel["hx-select"]) == (
        "/account/",
        "/account/",
        SECTION,
    )
    visitor.open(str(cancel["href"]))
    assert "No username" in visitor.page.words
    assert TITLE not in visitor.page.words
    assert (stored(database), changes(database)) == (None, 0)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_a_form_that_has_waited_too_long_is_not_run(
    site: Site, database: Database, ada: tuple[Visitor, Person], headers: dict[str, str]
) -> None:
    visitor, person = ada
    data = ask(visitor).form("/account/username").filled({"password": person.password}, None)
    site.clock.tick(minutes=10)
    page = visitor.page = request(visitor.client, "POST", URL, data, headers)
    assert (page.status, stored(database)) == (422, None)
    assert LATE in page.words
    assert TITLE not in page.words
    # It was them all the same, so that it can be sent at once.
    assert visitor.submit("/account/username", username="countess", follow=False).status == 303


def test_a_code_is_sent_at_once_to_who_has_no_password(
    site: Site, database: Database, bea: tuple[Visitor, Person]
) -> None:
    visitor, person = bea
    page = ask(visitor)
    assert page.status == 403
    assert f"We have sent a 6-digit code to {person.email_address}" in page.words
    code = site.mailbox.wait(person.email_address).the_code
    wrong = f"{(int(code) + 1) % 10**6:06}"
    visitor.page = visitor.submit("/account/username", code=wrong, follow=False)
    assert (visitor.page.status, stored(database)) == (422, None)
    assert visitor.page.alerts == ["That code is not right. 4 attempts left."]
    answer = visitor.submit("/account/username", code=code, follow=False)
    assert (answer.status, stored(database), changes(database)) == (303, "countess", 1)


def test_another_code_is_sent_after_half_a_minute_and_by_a_form_alone(
    site: Site, database: Database, bea: tuple[Visitor, Person]
) -> None:
    visitor, person = bea
    ask(visitor)
    first = site.mailbox.wait(person.email_address).the_code
    resend = [form for form in visitor.page.forms if SEND in form.buttons]
    assert len(resend) == 1
    data = resend[0].filled({}, SEND)
    page = request(visitor.client, "POST", URL, data)
    assert (page.status, page.header("Retry-After")) == (429, "30")
    for _ in range(2):
        visitor.open("/account/reverification")
        visitor.open(CARD)
    sent = [mail for mail in site.mailbox.all() if mail.to == person.email_address]
    assert sent[0].code == first
    site.clock.tick(30)
    visitor.page = request(visitor.client, "POST", URL, data)
    assert visitor.page.status == 200
    assert "A new code is on its way." in visitor.page.words
    second = site.mailbox.wait(person.email_address).the_code
    visitor.submit("/account/username", code=first, follow=False)
    assert stored(database) is None
    visitor.submit("/account/username", code=second, follow=False)
    assert (stored(database), changes(database)) == ("countess", 1)


def test_after_the_last_guess_no_other_code_is_offered(
    site: Site, bea: tuple[Visitor, Person]
) -> None:
    visitor, person = bea
    ask(visitor)
    code = site.mailbox.wait(person.email_address).the_code
    offered = []
    for _ in range(5):
        visitor.submit("/account/username", code=f"{(int(code) + 1) % 10**6:06}")
        offered.append(any(SEND in form.buttons for form in visitor.page.forms))
    assert offered == [True, True, True, True, False]
    assert visitor.page.alerts == [
        "That code is not right, and it was the last attempt. Ask for a new one in 10 minutes."
    ]


def test_it_is_neither_another_sessions_nor_another_users(
    site: Site, database: Database, ada: tuple[Visitor, Person]
) -> None:
    visitor, person = ada
    form_id = ask(visitor).form("/account/username").values[WAITS]
    eve, second = Person(), site.visitor()
    thief = site.visitor()
    sign_up(thief, site.mailbox, eve)
    sign_in(second, person)
    site.clock.tick(minutes=11)
    ask(visitor)
    form_id = visitor.page.form("/account/username").values[WAITS]
    for other, password in ((thief, eve.password), (second, person.password)):
        prompt = ask(other, "mine")
        data = prompt.form("/account/username").filled({"password": password}, None)
        page = request(other.client, "POST", URL, {**data, WAITS: form_id})
        assert (page.status, LATE in page.words) == (422, True)
    assert column(database, "SELECT username FROM userkit_user WHERE username IS NOT NULL") == []
    # Their proofs were for their own sessions.
    assert visitor.submit("/account/username", password="x", follow=False).status == 422
    assert visitor.submit("/account/username", password=person.password, follow=False).status == 303
    assert column(database, "SELECT username FROM userkit_user WHERE username IS NOT NULL") == [
        "countess"
    ]


def test_it_runs_for_its_own_action_alone(database: Database, ada: tuple[Visitor, Person]) -> None:
    visitor, person = ada
    form = ask(visitor).form("/account/username")
    data = form.filled({"password": person.password}, None)
    page = request(visitor.client, "POST", f"{URL}/removal", data)
    assert (page.status, stored(database)) == (422, None)
    assert LATE in page.words
    assert waiting(database) == 1


def test_a_prompt_of_before_a_sign_in_is_told_so_and_spends_nothing(
    site: Site, database: Database, ada: tuple[Visitor, Person]
) -> None:
    visitor, person = ada
    ask(visitor)
    stale = visitor.page.form("/account/username").filled({"password": person.password}, None)
    page = request(visitor.client, "POST", URL, {**stale, TOKEN: "x.y"})
    assert (page.status, stored(database), waiting(database)) == (422, None, 1)
    assert "Send it once more." in page.words
    assert page.html.select_one(PROMPT) is not None


def test_nobody_is_asked_without_a_session(site: Site, ada: tuple[Visitor, Person]) -> None:
    visitor, person = ada
    data = ask(visitor).form("/account/username").filled({"password": person.password}, None)
    page = request(site.visitor().client, "POST", URL, data)
    assert (page.status, "/sign-in" in str(page.location)) == (303, True)
    assert site.visitor().open("/account/reverification").url.startswith("/account/sign-in")


def test_below_the_root_of_a_site_the_page_sends_its_answer_there(
    ada: tuple[Visitor, Person],
) -> None:
    visitor, _person = ada
    page = in_process(visitor).get("/account/reverification", base_url="http://localhost/shop")
    assert page.status_code == 200
    assert 'action="/shop/account/reverification"' in page.text
