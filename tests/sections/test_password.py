"""The password: set, changed and removed, with and without JavaScript (ASVS 6.2.3, B14, B16)."""

from __future__ import annotations

import typing as t

import pytest

from tests.http.cookies import token_of
from tests.http.cookies import user_with
from tests.http.rows import column
from tests.http.site import FORMS
from tests.http.site import PASSWORD_CARD
from tests.http.site import TOKEN
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.clients import request
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeApp
from tests.rig.pages import Page
from tests.rig.people import Person
from tests.rig.people import new_password
from tests.rig.people import sign_in
from tests.rig.visitor import Visitor

HTMX = {"HX-Request": "true"}
URL, REMOVAL = "/account/password", "/account/password/removal"
SECURITY, SECTION = "/account/security", "#userkit-password"
REMOVAL_CARD = f"{PASSWORD_CARD}.removal"
SAVED, REMOVED = "Your password is saved.", "Your password is removed."
QUESTION = "Confirm that it is you"
BOX = "sign_out_of_other_sessions"
ADVICE = "A few words that do not belong together work well."
both_ways = pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    return open_site(make_app)


@pytest.fixture
def ada(site: Site) -> Person:
    return site.person()


def row(visitor: Visitor) -> str:
    """Return the words of the row that is always there."""
    found = visitor.open(SECURITY).html.select_one(f"{SECTION} .userkit-item__row")
    assert found is not None
    return " ".join(found.get_text(" ").split())


def digests(database: Database) -> list[t.Any]:
    return column(database, "SELECT password_digest FROM userkit_user ORDER BY id")


def send(visitor: Visitor, new: str, again: str | None = None, **more: t.Any) -> Page:
    """Fill in the open form and send it."""
    form = visitor.open(PASSWORD_CARD).form(URL)
    typed = {"new_password": new, "confirm_password": new if again is None else again}
    data = form.filled(typed, None)
    if more.get("untick"):
        del data[BOX]
    return request(visitor.client, "POST", URL, data, more.get("headers"))


def sign_in_by_code(site: Site, visitor: Visitor, person: Person) -> None:
    visitor.open("/account/sign-in")
    visitor.submit("/sign-in", button=("strategy", "email_code"), identifier=person.email_address)
    code = site.mailbox.wait(person.email_address).the_code
    visitor.submit("/sign-in/verification", code=code)


def enters(site: Site, person: Person, password: str) -> bool:
    visitor = site.visitor()
    visitor.open("/account/sign-in")
    page = visitor.submit(
        "/sign-in", follow=False, identifier=person.email_address, password=password
    )
    return page.status == 303


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("untick", [False, True], ids=["others out", "others stay"])
def test_other_browsers_are_out_at_once_unless_that_is_unticked(
    site: Site, ada: Person, untick: bool
) -> None:
    mine, theirs = site.signed_in(ada), site.signed_in(ada)
    before, other, new = token_of(mine), token_of(theirs), new_password()
    answer = send(mine, new, untick=untick)
    assert (answer.status, answer.location) == (303, f"{SECURITY}?saved=password")
    assert (user_with(theirs.client, other) is not None) == untick
    assert SAVED in mine.open(answer.location or "").words
    assert SAVED not in mine.open(SECURITY).words
    after = token_of(mine)
    assert before != after, "the browser has another token"
    assert user_with(site.visitor().client, before) is None, "and the old one is worth nothing"
    assert user_with(site.visitor().client, after) is not None
    assert enters(site, ada, new)
    assert not enters(site, ada, ada.password)


@pytest.mark.usefixtures("backend")
def test_a_first_one_is_set_after_a_code_and_removed_again(site: Site, database: Database) -> None:
    person = Person()
    with site.app.app_context():
        site.kit.users.create_user(email_address=[person.email_address])
    visitor = site.visitor()
    sign_in_by_code(site, visitor, person)
    assert row(visitor) == "No password Set"
    assert send(visitor, person.password).status == 303
    today = site.clock().strftime("%B %d, %Y")
    assert row(visitor) == f"Changed on {today} Change"
    assert enters(site, person, person.password)
    visitor.open(REMOVAL_CARD)
    page = visitor.submit("/password/removal")
    assert REMOVED in page.words
    assert row(visitor) == "No password Set"
    assert not enters(site, person, person.password)
    names = column(
        database, "SELECT name FROM userkit_event WHERE name LIKE 'user.password.%' ORDER BY id"
    )
    assert names == ["user.password.created", "user.password.removed"]


@both_ways
def test_without_a_confirmation_nothing_is_shown_and_nothing_changes(
    site: Site, ada: Person, database: Database, headers: dict[str, str]
) -> None:
    visitor = site.signed_in(ada)
    open_form = visitor.open(PASSWORD_CARD).form(URL)
    before, new = digests(database), new_password()
    site.clock.tick(601)
    asked = visitor.open(PASSWORD_CARD)
    assert QUESTION in asked.words
    assert "new_password" not in asked.form(URL).names
    typed = {"new_password": new, "confirm_password": new}
    data = open_form.filled(typed, None)
    page = request(visitor.client, "POST", URL, data, headers)
    assert (page.status, QUESTION in page.words) == (403, True)
    assert digests(database) == before
    # Who confirms gets the form anew, with the box as it was, and types again.
    answer = page.form(URL).filled({"password": ada.password}, None)
    page = request(visitor.client, "POST", URL, answer, headers)
    assert "Fill in what is missing" in page.words
    form = page.form(URL)
    assert form.values[BOX] == "1"
    assert form.values["new_password"] == form.values["confirm_password"] == ""
    assert digests(database) == before
    page = request(visitor.client, "POST", URL, form.filled(typed, None), headers)
    assert page.status == (200 if headers else 303)
    assert digests(database) != before


def test_current_password_not_required_when_reverification_enabled(site: Site, ada: Person) -> None:
    visitor = site.signed_in(ada)
    site.clock.tick(601)
    visitor.open(PASSWORD_CARD)
    page = visitor.submit(URL, password=ada.password)
    wanted = {TOKEN, "username", "new_password", "confirm_password", BOX, "userkit_options"}
    assert page.form(URL).names <= wanted
    # The box is ticked although the question that was answered had none.
    assert page.form(URL).values[BOX] == "1"
    page = visitor.submit(URL, new_password="a b c d e", confirm_password="a b c d e")
    assert SAVED in page.words


@both_ways
def test_mismatch_feedback(
    site: Site, ada: Person, database: Database, headers: dict[str, str]
) -> None:
    visitor = site.signed_in(ada)
    before, new = digests(database), new_password()
    page = send(visitor, new, new + " ", untick=True, headers=headers)
    assert (page.status, page.alerts) == (422, ["The two passwords are not the same."])
    field = page.html.select_one("#userkit-password-confirm")
    assert field is not None
    assert (field["aria-invalid"], field.has_attr("autofocus")) == ("true", True)
    form = page.form(URL)
    assert BOX not in form.values, "what was unticked stays so"
    assert new not in page.text
    assert digests(database) == before


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("kq7!xz9", "A password has 8 characters or more."),
        ("", "A password has 8 characters or more."),
        ("september", "A common word is easily guessed. " + ADVICE),
    ],
)
def test_too_small_error(
    site: Site, ada: Person, database: Database, typed: str, told: str
) -> None:
    visitor, before = site.signed_in(ada), digests(database)
    page = send(visitor, typed)
    assert (page.status, page.alerts) == (422, [told])
    field = page.html.select_one("#userkit-password-new")
    assert field is not None
    assert (field["aria-invalid"], field.has_attr("autofocus")) == ("true", True)
    assert digests(database) == before
    assert send(visitor, "kq7!xz9w").status == 303


def test_hidden_identifier_field(site: Site, ada: Person) -> None:
    page = site.signed_in(ada).open(PASSWORD_CARD)
    field = page.html.select_one(f"{SECTION} form [autocomplete=username]")
    assert field is not None
    wanted = {"type": "text", "value": ada.email_address, "tabindex": "-1"}
    assert {name: field[name] for name in wanted} == wanted
    assert field.has_attr("readonly")
    assert "userkit-visually-hidden" in field["class"]
    secrets = page.html.select(f"{SECTION} form [type=password]")
    assert [each["autocomplete"] for each in secrets] == ["new-password"] * 2
    assert not any(each.has_attr("value") or each.has_attr("onpaste") for each in secrets)


def test_htmx_gets_the_section_and_tokens_for_the_forms_elsewhere(site: Site, ada: Person) -> None:
    visitor = site.signed_in(ada)
    page = send(visitor, new_password(), headers=HTMX)
    first, *others = page.html.find_all(True, recursive=False)
    assert (page.status, first["id"]) == (200, "userkit-password")
    assert first.select_one("form") is None
    swaps = {str(tag["hx-swap-oob"]): tag.get_text() for tag in others}
    assert swaps["innerHTML:[data-userkit-status]"] == SAVED
    (token,) = page.html.select(f"input[name={TOKEN}][hx-swap-oob]")
    sent = {TOKEN: str(token["value"])}
    assert request(visitor.client, "POST", "/account/sign-out", sent).status == 303


@both_ways
def test_the_only_way_in_stays_and_that_is_told_before_the_click(
    make_app: MakeApp, database: Database, headers: dict[str, str]
) -> None:
    site = open_site(make_app, USERKIT_EMAIL_CODE_SIGN_IN=False)
    visitor = site.signed_in()
    page = visitor.open(PASSWORD_CARD)
    told = "You sign in with this password alone. Change it instead."
    assert told in page.words
    assert "Remove password" not in page.words
    with pytest.raises(LookupError):
        visitor.open(REMOVAL_CARD).form(REMOVAL)
    data = {TOKEN: page.form(URL).values[TOKEN]}
    page = request(visitor.client, "POST", REMOVAL, data, headers)
    assert (page.status, told in page.words) == (400, True)
    assert None not in digests(database)


@pytest.mark.parametrize("setting", ["required", "off"])
def test_what_the_app_wants_is_kept(make_app: MakeApp, database: Database, setting: str) -> None:
    site = open_site(make_app, USERKIT_PASSWORD=setting)
    visitor = site.visitor()
    person = site.person()
    if setting == "off":
        sign_in_by_code(site, visitor, person)
    else:
        sign_in(visitor, person)
    page = visitor.open(PASSWORD_CARD)
    assert (page.html.select_one(SECTION) is not None) == (setting == "required")
    assert "Remove password" not in page.words
    before = digests(database)
    data = {TOKEN: visitor.open("/").form("/sign-out").values[TOKEN]}
    # Where the page has nothing else to show, there is none.
    refused = [400] if setting == "required" else [403, 404]
    assert request(visitor.client, "POST", REMOVAL, data).status in refused
    if setting == "off":
        data |= {"new_password": "a b c d e", "confirm_password": "a b c d e"}
        assert request(visitor.client, "POST", URL, data).status in refused
    assert digests(database) == before


def test_a_stale_form_comes_back_with_its_box(site: Site, database: Database) -> None:
    ready = FORMS["removal of the password"][1](site)
    before = digests(database)
    page = ready.send({**ready.data, TOKEN: "stale"}, **HTMX)
    assert (page.status, len(page.alerts)) == (422, 1)
    assert page.form(REMOVAL).values[BOX] == "1"
    assert digests(database) == before
