"""The picture in the profile: its own forms, its own answer, told everywhere it stands."""

from __future__ import annotations

import json

import pytest

from tests.http.rows import column
from tests.http.rows import scalar
from tests.http.site import FORMS
from tests.http.site import NAME_CARD
from tests.http.site import TOKEN
from tests.http.site import Ready
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.clients import request
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeApp
from tests.rig.pages import Page
from tests.rig.pictures import picture

HTMX = {"HX-Request": "true"}
NAMES = "/account/profile"


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    return open_site(make_app)


def url_of_picture(database: Database) -> str:
    return f"/account/avatars/{scalar(database, 'SELECT avatar_digest FROM userkit_user')}.webp"


def parts(page: Page) -> tuple[str, dict[str, str]]:
    """Return the id of what comes first in a fragment, and what else on the page it changes."""
    assert page.html.find("html") is None
    first, *others = page.html.find_all(True, recursive=False)
    swaps = {str(tag["hx-swap-oob"]): tag.decode_contents() for tag in others}
    return str(first["id"]), swaps


@pytest.mark.usefixtures("backend")
def test_a_browser_is_led_back_to_the_page_which_says_so(site: Site, database: Database) -> None:
    ready = FORMS["picture"][1](site)
    answer = ready.send()
    assert (answer.status, answer.location) == (303, "/account/?saved=picture")
    page = ready.visitor.open("/account/?saved=picture")
    assert "Your picture is saved." in page.words
    places = page.html.select("[data-userkit-avatar]")
    assert len(places) >= 2
    for place in places:
        (image,) = place.select("img")
        assert (image["src"], image["alt"]) == (url_of_picture(database), "")
        assert image["width"] == image["height"]
        assert place.get_text(strip=True) == "AL", "initials stand behind it"


@pytest.mark.usefixtures("backend")
def test_a_script_gets_the_picture_and_what_changed_elsewhere_and_no_name_form(
    site: Site, database: Database
) -> None:
    ready = FORMS["picture"][1](site)
    answer = ready.send(None, **HTMX)
    assert answer.status == 200
    first, swaps = parts(answer)
    assert first == "userkit-profile-picture"
    assert "Your picture is saved." in swaps["innerHTML:[data-userkit-status]"]
    assert url_of_picture(database) in swaps["innerHTML:[data-userkit-avatar]"]
    assert {form.action for form in answer.forms} == {"/account/avatar", "/account/avatar/removal"}
    assert json.loads(answer.header("HX-Trigger") or "") == {"userkit:user-updated": {}}


def test_the_forms_of_the_answer_may_be_sent_at_once(site: Site, database: Database) -> None:
    ready = FORMS["picture"][1](site)
    form = ready.send(None, **HTMX).form("/account/avatar/removal")
    page = request(ready.visitor.client, "POST", form.action, form.values, HTMX)
    assert page.status == 200
    assert "Your picture is removed." in page.words
    assert [form.action for form in page.forms] == ["/account/avatar"]
    assert "img" not in parts(page)[1]["innerHTML:[data-userkit-avatar]"]
    assert column(database, "SELECT digest FROM userkit_avatar") == []


def test_a_refusal_comes_alone_and_changes_nothing_elsewhere(site: Site) -> None:
    ready = FORMS["picture"][1](site)
    ready.files = {"file": b"not a picture"}
    page = ready.send(None, **HTMX)
    assert page.status == 400
    assert parts(page) == ("userkit-profile-picture", {})
    assert page.alerts == ["This is no picture that can be read. Choose a PNG, JPEG, WebP or GIF."]
    assert page.header("HX-Trigger") is None


def test_remove_image_hidden_for_default_image(site: Site) -> None:
    visitor = site.signed_in()
    actions = [form.action for form in visitor.open(NAME_CARD).forms]
    assert "/account/avatar" in actions
    assert "/account/avatar/removal" not in actions


def test_where_pictures_are_off_there_is_none_to_choose(make_app: MakeApp) -> None:
    site = open_site(make_app, USERKIT_AVATARS=False)
    visitor = site.signed_in()
    page = visitor.open(NAME_CARD)
    assert page.html.select("input[type=file], userkit-avatar-upload") == []
    assert "picture" not in page.words
    token = page.form(NAMES).values[TOKEN]
    ready = Ready(visitor, "/account/avatar", {TOKEN: token}, files={"file": picture()})
    assert ready.send().status == 403


def test_a_change_is_on_the_record_with_who_made_it(site: Site, database: Database) -> None:
    FORMS["removal of a picture"][1](site).send()
    statement = "SELECT name FROM userkit_event WHERE name LIKE 'user.profile_image.%' ORDER BY id"
    assert column(database, statement) == [
        "user.profile_image.updated",
        "user.profile_image.deleted",
    ]
    actors = set(column(database, "SELECT actor_id FROM userkit_event WHERE name LIKE '%image%'"))
    assert actors == set(column(database, "SELECT id FROM userkit_user"))


def test_a_locked_name_is_shown_and_not_asked_for(make_app: MakeApp, database: Database) -> None:
    site = open_site(make_app, USERKIT_FIRST_NAME="locked")
    visitor = site.signed_in()
    page = visitor.open(NAME_CARD)
    form = page.form(NAMES)
    assert "first_name" not in form.names
    assert "First name Ada" in page.words
    data = {**form.filled({"last_name": "King"}, None), "first_name": "Sneaked"}
    request(visitor.client, "POST", NAMES, data)
    assert column(database, "SELECT first_name FROM userkit_user") == ["Ada"]
    assert visitor.submit(NAMES, last_name="King").status == 200
    assert column(database, "SELECT last_name FROM userkit_user") == ["King"]


def test_where_both_names_are_locked_there_is_nothing_to_save(make_app: MakeApp) -> None:
    site = open_site(make_app, USERKIT_FIRST_NAME="locked", USERKIT_LAST_NAME="locked")
    page = site.signed_in().open(NAME_CARD)
    assert NAMES not in [form.action for form in page.forms]
    assert "Last name Lovelace" in page.words
    assert page.html.select("#userkit-profile userkit-avatar-upload")


def test_where_nothing_can_be_changed_there_is_nothing_to_open(make_app: MakeApp) -> None:
    settings = {"USERKIT_FIRST_NAME": "locked", "USERKIT_LAST_NAME": "off"}
    site = open_site(make_app, USERKIT_AVATARS=False, **settings)
    for address in ("/account/", NAME_CARD):
        page = site.signed_in().open(address)
        assert page.html.select("#userkit-profile :is(a, button, form, .userkit-panel)") == []
        assert "Ada" in page.words


def test_a_locked_name_is_not_taken_from_a_sign_up_either(
    make_app: MakeApp, database: Database
) -> None:
    site = open_site(make_app, USERKIT_FIRST_NAME="locked")
    ready = FORMS["sign-up"][1](site)
    assert "first_name" not in ready.data
    assert ready.send({**ready.data, "first_name": "Sneaked"}).status == 303
    assert column(database, "SELECT first_name FROM userkit_sign_up") == [None]
