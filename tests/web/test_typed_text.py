"""Whatever is typed into whichever field: a clear answer, the text kept and nothing run."""

from __future__ import annotations

import pytest

from flask_userkit.security.passwords import Passwords
from tests.http.hostile import DATABASE_TEXTS
from tests.http.hostile import TEXTS
from tests.http.hostile import encode
from tests.http.hostile import injected
from tests.http.site import FORMS
from tests.http.site import Ready
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.fixtures.apps import MakeApp
from tests.rig.pages import Page

FIELDS = [
    ("sign-in by password", "identifier"),
    ("sign-in by password", "password"),
    ("sign-in by password", "next"),
    ("sign-in by code", "identifier"),
    ("sign-in by code", "strategy"),
    ("code of a sign-in", "code"),
    ("sign-up", "email_address"),
    ("sign-up", "username"),
    ("sign-up", "first_name"),
    ("sign-up", "password"),
    ("sign-up", "unsafe_metadata"),
    ("code of a sign-up", "code"),
    ("name", "first_name"),
    ("name", "last_name"),
    ("name", "a_field_that_is_not_there"),
    ("username", "username"),
    ("removal of the username", "a_field_that_is_not_there"),
    ("email address", "email_address"),
    ("code of an email address", "code"),
    ("new code of an email address", "again"),
    ("primary email address", "a_field_that_is_not_there"),
    ("removal of an email address", "a_field_that_is_not_there"),
    ("sign-out", "next"),
]
#: Kept so that they can be corrected; the rest of the hidden fields is nobody's to correct.
TYPED = {"identifier", "email_address", "username", "first_name", "last_name", "code"}
PLAIN = 64
TAKEN_OR_REFUSED = (303, 400, 403, 422, 429)


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    return open_site(make_app, USERKIT_USERNAME="optional", USERKIT_FIRST_NAME="required")


def ready_to_send(site: Site, form: str) -> Ready:
    ready = FORMS[form][1](site)
    if form == "sign-up":
        ready.data |= {"first_name": "Grace", "username": ""}
    return ready


def send(ready: Ready, field: str, value: str) -> Page:
    return ready.post(encode({**ready.data, field: value}), "application/x-www-form-urlencoded")


@pytest.mark.parametrize(("form", "field"), FIELDS)
def test_any_text_in_any_field_is_answered(site: Site, form: str, field: str) -> None:
    ready = ready_to_send(site, form)
    for name, value in TEXTS.items():
        page = send(ready, field, value)
        assert page.status in TAKEN_OR_REFUSED, (name, page.status)
        if page.status == 303:
            ready = ready_to_send(site, form)
        elif len(value) < 20_000:
            assert page.alerts or page.html.select_one("h1"), name
            assert injected(page) == [], name
        keeps = field in TYPED and page.status == 422 and len(value) < PLAIN
        if keeps and value.isprintable() and value.strip():
            action = ready.url.removeprefix("/account")
            assert page.form(action).values[field] == value, name


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("form", dict.fromkeys(form for form, _ in FIELDS))
def test_no_database_stumbles_over_what_another_takes(site: Site, form: str) -> None:
    ready = ready_to_send(site, form)
    for field in [field for name, field in FIELDS if name == form]:
        for name in DATABASE_TEXTS:
            status = send(ready, field, TEXTS[name]).status
            assert status in TAKEN_OR_REFUSED, (field, name)
            if status == 303:
                ready = ready_to_send(site, form)


@pytest.mark.parametrize(("form", "field"), [item for item in FIELDS if item[1] in TYPED])
def test_a_refused_text_is_told_at_its_field(site: Site, form: str, field: str) -> None:
    ready = ready_to_send(site, form)
    page = send(ready, field, "a\x00b")
    assert page.status == 422
    control = page.html.select_one(f"form [name={field}]")
    assert control is not None
    assert control.get("aria-invalid") == "true"
    message = page.html.find(id=str(control["aria-describedby"]).split()[0])
    assert message is not None
    assert len(message.get_text(strip=True)) > 10


@pytest.mark.parametrize(("form", "field"), [item for item in FIELDS if item[1] in TYPED])
def test_no_text_changes_the_elements_of_the_page(site: Site, form: str, field: str) -> None:
    ready = ready_to_send(site, form)
    shapes = {}
    for name, value in TEXTS.items():
        if len(value) > 20_000:
            continue
        page = send(ready, field, f"\x00{value}")
        assert page.status == 422, name
        shapes[name] = [(tag.name, tuple(tag.attrs)) for tag in page.html.find_all(True)]
    expected = shapes.pop("nothing")
    for name, shape in shapes.items():
        assert shape == expected, name


def test_a_password_is_never_written_back(site: Site) -> None:
    for form in ("sign-in by password", "sign-up"):
        ready = ready_to_send(site, form)
        ready.data["email_address"] = "not an address"
        for value in ("a secret <b> of mine", "s" * 2000):
            page = send(ready, "password", value)
            assert page.status == 422
            assert "a secret" not in page.text
            assert "s" * 1000 not in page.text


def test_a_password_of_a_megabyte_is_refused_unhashed(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []

    def note(self: Passwords, *texts: str) -> None:
        hashed.extend(texts)

    for form in ("sign-in by password", "sign-up"):
        ready = ready_to_send(site, form)
        with monkeypatch.context() as patch:
            patch.setattr(Passwords, "hash", note)
            patch.setattr(Passwords, "verify", note)
            assert send(ready, "password", "x" * 1_000_000).status == 422
    assert hashed == []
