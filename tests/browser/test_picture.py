"""A picture: chosen, dropped, shown at once, removed; and a name that is being typed stays."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload
from playwright.sync_api import Locator
from playwright.sync_api import Page
from playwright.sync_api import Route
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.checks import assert_sound
from tests.browser.conftest import OpenAs
from tests.browser.keys import Keys
from tests.rig import pictures
from tests.rig.browser import PHONE
from tests.rig.browser import Complaints
from tests.rig.browser import Screen
from tests.rig.browser import axe
from tests.rig.browser import overflow
from tests.rig.people import Person

pytestmark = pytest.mark.browser
SAVED = "Your picture is saved."
REMOVED = "Your picture is removed."
REFUSED = "This is no picture that can be read. Choose a PNG, JPEG, WebP or GIF."
#: Drops a file on an element, as the desktop of a person does.
DROP = """(element, [name, content]) => {
  const bytes = Uint8Array.from(atob(content), letter => letter.charCodeAt(0))
  const dataTransfer = new DataTransfer()
  dataTransfer.items.add(new File([bytes], name, { type: "image/png" }))
  for (const type of ["dragover", "drop"]) {
    element.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer }))
  }
}"""

#: Writes down what the progress bar says, whenever it says something else.
FOLLOW = """() => {
  window.seen = []
  const progress = document.querySelector("#userkit-profile-picture progress")
  const look = () => window.seen.push(progress.value)
  new MutationObserver(look).observe(progress, { attributes: true })
}"""


def file(content: bytes | None = None, name: str = "me.png") -> FilePayload:
    data = pictures.picture(side=600) if content is None else content
    return {"name": name, "mimeType": "image/png", "buffer": data}


def block(page: Page) -> Locator:
    """Return the picture with its forms."""
    return page.locator("#userkit-profile-picture")


def chooser(page: Page) -> Locator:
    return page.get_by_label("Choose picture")


def hold(page: Page, waiting: list[Route]) -> None:
    """Keep uploads waiting."""

    def keep(route: Route) -> None:
        waiting.append(route)

    page.route("**/account/avatar", keep)


def open_profile(page: Page) -> None:
    page.goto(steps.ACCOUNT)
    steps.open_name(page)


def pictures_shown(page: Page) -> int:
    """Return how many avatars of the page show a picture that was loaded."""
    return int(
        page.evaluate(
            "Array.from(document.querySelectorAll('[data-userkit-avatar] img'))"
            ".filter(image => image.complete && image.naturalWidth > 0).length"
        )
    )


def avatars(page: Page) -> int:
    return page.locator("[data-userkit-avatar]").count()


def test_a_picture_is_chosen_and_shown_everywhere_at_once(
    open_as: OpenAs, ada: Person, screen: Screen
) -> None:
    page = open_as(ada, screen)
    open_profile(page)
    chooser(page).set_input_files(file())
    expect(block(page)).to_contain_text(SAVED)
    expect(page.get_by_role("status").filter(has_text=SAVED)).to_have_count(1)
    page.wait_for_function("() => !document.querySelector('[data-busy]')")
    assert pictures_shown(page) == avatars(page) >= 4
    assert_sound(page)
    page.reload()
    assert pictures_shown(page) == avatars(page)


def test_a_picture_is_dropped(open_as: OpenAs, ada: Person) -> None:
    page = open_as(ada)
    open_profile(page)
    content = base64.b64encode(pictures.picture()).decode()
    block(page).evaluate(DROP, ["me.png", content])
    expect(block(page)).to_contain_text(SAVED)
    expect(steps.trigger(page).locator("img")).to_have_count(1)


def test_what_is_dropped_and_is_no_picture_is_told(open_as: OpenAs, ada: Person) -> None:
    page = open_as(ada)
    open_profile(page)
    block(page).evaluate(DROP, ["me.txt", base64.b64encode(b"text").decode()])
    expect(chooser(page)).to_have_accessible_description(re.compile(REFUSED))
    expect(block(page)).not_to_have_attribute("data-dropping", "")


def test_a_name_that_is_being_typed_stays_while_a_picture_is_saved_refused_and_removed(
    open_as: OpenAs, ada: Person
) -> None:
    page = open_as(ada)
    open_profile(page)
    steps.type_name(page, "Augusta", "King")
    chooser(page).set_input_files(file())
    expect(block(page)).to_contain_text(SAVED)
    chooser(page).set_input_files(file(b"not a picture"))
    expect(block(page)).to_contain_text(REFUSED)
    page.get_by_role("button", name="Remove picture").click()
    expect(block(page)).to_contain_text(REMOVED)
    expect(page.get_by_label("First name")).to_have_value("Augusta")
    expect(page.get_by_label("Last name")).to_have_value("King")
    steps.save(page)
    expect(steps.trigger(page)).to_have_accessible_name("Account of Augusta King")


def test_a_picture_that_is_on_its_way_survives_the_saving_of_a_name(
    open_as: OpenAs, ada: Person
) -> None:
    page = open_as(ada)
    open_profile(page)
    waiting: list[Route] = []
    hold(page, waiting)
    chooser(page).set_input_files(file())
    expect(page.get_by_role("progressbar")).to_be_visible()
    steps.type_name(page, "Augusta", "King")
    steps.save(page)
    expect(steps.trigger(page)).to_have_accessible_name("Account of Augusta King")
    waiting[0].continue_()
    expect(steps.trigger(page).locator("img")).to_have_count(1)
    expect(steps.trigger(page)).to_have_accessible_name("Account of Augusta King")


def test_while_it_is_on_its_way_one_sees_the_picture_and_how_far_it_is(
    open_as: OpenAs, ada: Person
) -> None:
    page = open_as(ada)
    open_profile(page)
    before = block(page).bounding_box()
    waiting: list[Route] = []
    hold(page, waiting)
    chooser(page).set_input_files(file())
    preview = block(page).locator("canvas")
    expect(preview).to_be_visible()
    colour = preview.evaluate(
        "it => Array.from(it.getContext('2d').getImageData(64, 64, 1, 1).data)"
    )
    assert tuple(colour[:3]) == pictures.RED
    expect(page.get_by_role("progressbar", name="Upload of the picture")).to_be_visible()
    assert block(page).bounding_box() == before, "nothing moves"
    assert axe(page) == []
    waiting[0].continue_()
    expect(block(page)).to_contain_text(SAVED)
    expect(preview).to_have_count(0)
    expect(page.get_by_role("progressbar")).to_be_hidden()
    assert block(page).bounding_box() == before, "nothing has moved"


def test_how_far_it_is_follows_what_was_sent(open_as: OpenAs, ada: Person) -> None:
    page = open_as(ada)
    open_profile(page)
    page.evaluate(FOLLOW)
    # More than the app itself takes, whose own protection reads the form first.
    chooser(page).set_input_files(file(pictures.photo(2000), "me.jpg"))
    expect(block(page)).to_contain_text(SAVED)
    seen = page.evaluate("window.seen")
    assert max(seen) == 1
    assert sorted(seen[:-1]) == seen[:-1]


@pytest.mark.parametrize("width", [PHONE, 1280])
def test_a_refused_file_is_told_at_its_field(open_as: OpenAs, ada: Person, width: int) -> None:
    page = open_as(ada, Screen(width))
    open_profile(page)
    chooser(page).set_input_files(file(b"not a picture"))
    expect(chooser(page)).to_have_accessible_description(re.compile(REFUSED))
    expect(chooser(page)).to_have_attribute("aria-invalid", "true")
    expect(chooser(page)).to_be_focused()
    expect(block(page).locator("canvas")).to_have_count(0)
    assert overflow(page) == 0
    assert_sound(page)
    chooser(page).set_input_files(file())
    expect(block(page)).to_contain_text(SAVED)
    expect(block(page).get_by_role("alert")).to_have_count(0)


def test_a_file_that_is_too_large_is_not_even_sent(
    open_as: OpenAs, ada: Person, tmp_path: Path
) -> None:
    page = open_as(ada)
    open_profile(page)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    (tmp_path / "long.png").write_bytes(pictures.picture() + b"\x00" * 10_000_000)
    chooser(page).set_input_files(tmp_path / "long.png")
    expect(chooser(page)).to_have_accessible_description(re.compile("A picture has up to 10 MB."))
    assert "POST" not in sent
    assert_sound(page)


def test_what_never_arrives_is_told_and_can_be_sent_again(
    open_as: OpenAs, ada: Person, complaints: Complaints
) -> None:
    page = open_as(ada)
    open_profile(page)
    page.context.set_offline(True)
    chooser(page).set_input_files(file())
    expect(block(page).get_by_role("alert")).to_have_text("That did not go through. Try again.")
    page.context.set_offline(False)
    complaints.heard.clear()
    chooser(page).set_input_files(file())
    expect(block(page)).to_contain_text(SAVED)


def test_a_session_that_has_ended_leads_the_whole_page_to_sign_in(
    open_as: OpenAs, ada: Person
) -> None:
    page = open_as(ada)
    open_profile(page)
    page.context.clear_cookies(name="userkit")
    chooser(page).set_input_files(file())
    steps.arrive(page, steps.SIGN_IN)


def test_a_picture_is_removed_and_initials_stand_in_its_place(open_as: OpenAs, ada: Person) -> None:
    page = open_as(ada)
    open_profile(page)
    expect(page.get_by_role("button", name="Remove picture")).to_have_count(0)
    chooser(page).set_input_files(file())
    page.get_by_role("button", name="Remove picture").click()
    expect(block(page)).to_contain_text(REMOVED)
    expect(page.get_by_role("status").filter(has_text=REMOVED)).to_have_count(1)
    expect(page.locator("[data-userkit-avatar] img")).to_have_count(0)
    expect(page.get_by_role("button", name="Remove picture")).to_have_count(0)
    expect(chooser(page)).to_be_focused()
    assert_sound(page)


def test_key_presses_alone_choose_and_remove_a_picture(open_as: OpenAs, ada: Person) -> None:
    page = open_as(ada)
    # From here on the browser hands choosers over; it is told so without an answer to wait for.
    page.on("filechooser", lambda _chooser: None)
    open_profile(page)
    keys = Keys(page)
    keys.go_to("Choose picture")
    outline = page.locator(".userkit-picture__choose").evaluate(
        "label => parseFloat(getComputedStyle(label).outlineWidth)"
    )
    assert outline >= 2
    with page.expect_file_chooser() as opened:
        keys.press("Space")
    opened.value.set_files(file())
    expect(block(page)).to_contain_text(SAVED)
    keys.start_at("Choose picture")
    keys.go_to("Remove picture")
    keys.press("Enter")
    expect(block(page)).to_contain_text(REMOVED)
    keys.start_at("Choose picture")


def test_without_a_script_the_field_and_its_button_do_it(open_as: OpenAs, ada: Person) -> None:
    page = open_as(ada, Screen(PHONE, javascript=False))
    open_profile(page)
    assert overflow(page) == 0
    chooser(page).set_input_files(file())
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("status").filter(has_text=SAVED)).to_be_visible()
    expect(steps.trigger(page).locator("img")).to_have_count(1)
    steps.open_name(page)
    chooser(page).set_input_files(file(b"not a picture"))
    page.get_by_role("button", name="Upload").click()
    expect(chooser(page)).to_have_accessible_description(re.compile(REFUSED))
    assert overflow(page) == 0
    page.get_by_role("button", name="Remove picture").click()
    expect(page.get_by_role("status").filter(has_text=REMOVED)).to_be_visible()
    expect(steps.trigger(page).locator("img")).to_have_count(0)


def test_initials_stay_where_a_picture_does_not_come(
    open_as: OpenAs, ada: Person, complaints: Complaints
) -> None:
    page = open_as(ada)
    open_profile(page)
    chooser(page).set_input_files(file())
    expect(block(page)).to_contain_text(SAVED)
    page.context.route("**/avatars/*.webp", lambda route: route.abort())
    page.goto("/")
    face = steps.trigger(page).locator("[data-userkit-avatar]")
    size = face.bounding_box()
    assert size is not None
    assert (size["width"], size["height"]) == (32, 32)
    expect(face).to_have_text("A", use_inner_text=True)
    complaints.heard.clear()


def test_two_tabs_save_a_name_and_a_picture_and_neither_is_lost(
    open_as: OpenAs, ada: Person
) -> None:
    page = open_as(ada)
    open_profile(page)
    other = page.context.new_page()
    open_profile(other)
    chooser(other).set_input_files(file())
    expect(block(other)).to_contain_text(SAVED)
    steps.type_name(page, "Augusta", "King")
    steps.save(page)
    expect(steps.trigger(page)).to_have_accessible_name("Account of Augusta King")
    expect(steps.trigger(page).locator("img")).to_have_count(1)


def test_user_avatar_loads_and_renders_when_signed_in(open_as: OpenAs, ada: Person) -> None:
    page = open_as(ada)
    page.goto(steps.ACCOUNT)
    expect(page.locator("#userkit-profile .userkit-item__row .userkit-avatar")).to_be_visible()
