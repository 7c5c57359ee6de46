"""Sections of an app's own: secrets are asked for after the proof, row actions are prompted for."""

from __future__ import annotations

import typing as t

import pytest
from flask import Flask
from flask import request as asked
from jinja2 import ChoiceLoader
from jinja2 import DictLoader
from wtforms import FileField
from wtforms import PasswordField
from wtforms import StringField

from flask_userkit import KitForm
from flask_userkit import ProfileSection
from flask_userkit import current_identity
from flask_userkit import login_required
from flask_userkit.services import reverification
from flask_userkit.web.forms import transaction
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.clients import request
from tests.rig.fixtures.apps import MakeApp
from tests.rig.pages import Page
from tests.rig.people import Person
from tests.rig.visitor import Visitor

HTMX = {"HX-Request": "true"}
CARD, URL, ROW = "/account/?edit=vault", "/vault", "/vault/row"
#: It has a character that no token has, so that none holds it by chance.
PIN = "98·76"
PROMPT, TITLE = ".userkit-panel[role=group]", "Confirm that it is you"
VAULT = """
{% from "userkit/macros.html" import profile_section, profile_form %}
{% call profile_section("vault", "Vault", status=status) %}
  <p>row</p>
  <form method="post" action="/vault/row" hx-post="/vault/row">{{ userkit.csrf_fields() }}</form>
  {% if card and card.name == "form" %}
    {% call profile_form("vault", "/vault", form, cancel_url=page_url, reverify=first) %}
      <input name="label" value="{{ form.label.data or '' }}"><input name="pin" type="password">
      <input name="key" type="file">
    {% endcall %}
  {% endif %}
{% endcall %}
"""
PLAIN = """<section id="userkit-vault"><p>row</p></section>"""


class VaultForm(KitForm):
    label = StringField()
    pin = PasswordField()
    key = FileField()


def add_vault(app: Flask, done: list[t.Any], *, first: bool, template: str = VAULT) -> None:
    app.jinja_loader = ChoiceLoader([DictLoader({"vault.html": template}), app.jinja_loader])  # type: ignore[list-item] # Flask's may be None
    section = ProfileSection(
        "vault",
        context=lambda user, card: {
            "form": VaultForm(formdata=None) if card and card.name == "form" else None,
            "first": first,
        },
        outcomes={"vault": lambda: "It is in the vault."},
        template="vault.html",
    )
    app.extensions["userkit"].add_section(section)

    def prove() -> None:
        identity = current_identity()
        assert identity is not None
        with transaction() as db:
            reverification.require(db, identity)

    @app.post(URL)
    @login_required
    @section.form_view(VaultForm)
    def put(form: VaultForm) -> t.Any:
        prove()
        done.append((form.label.data, form.pin.data, [*asked.files]))
        return section.saved("vault")

    @app.post(ROW)
    @login_required
    @section.form_view(KitForm, card="row")
    def act(_form: KitForm) -> t.Any:
        prove()
        done.append("row")
        return section.saved("vault")


@pytest.fixture
def done() -> list[t.Any]:
    """What the app has done."""
    return []


def somebody(site: Site) -> tuple[Visitor, Person]:
    """Return somebody who signed in an hour ago."""
    person = site.person()
    visitor = site.signed_in(person)
    site.clock.tick(hours=1)
    return visitor, person


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    return open_site(make_app)


def post(
    visitor: Visitor, url: str, data: dict[str, str], htmx: bool = False, **more: t.Any
) -> Page:
    visitor.page = request(visitor.client, "POST", url, data, HTMX if htmx else {}, **more)
    return visitor.page


def is_root(page: Page, section: str) -> bool:
    first = page.html.find(True)
    return first is not None and first.get("id") == section


in_both_ways = pytest.mark.parametrize("htmx", [False, True], ids=["page", "htmx"])


@in_both_ways
def test_a_form_with_secrets_is_shown_once_it_is_proven(
    site: Site, done: list[t.Any], htmx: bool
) -> None:
    add_vault(site.app, done, first=True)
    visitor, person = somebody(site)
    page = visitor.open(CARD)
    assert page.html.select_one(f"#userkit-vault {PROMPT}") is not None
    assert page.html.select_one("[name=pin]") is None
    assert site.mailbox.all() == []
    wrong = page.form(URL).filled({"password": "wrong"}, None)
    assert post(visitor, URL, wrong, htmx).status == 422
    right = visitor.page.form(URL).filled({"password": person.password}, None)
    page = post(visitor, URL, right, htmx)
    assert (page.status, is_root(page, "userkit-vault"), done) == (200, htmx, [])
    assert page.html.select_one(PROMPT) is None
    data = page.form(URL).filled({"label": "a", "pin": "1234"}, None)
    assert post(visitor, URL, data, htmx).status == (200 if htmx else 303)
    assert done == [("a", "1234", [])]
    assert visitor.open(CARD).html.select_one("[name=pin]") is not None


@in_both_ways
@pytest.mark.parametrize("kind", ["secret", "file"])
def test_one_that_was_sent_with_secrets_or_files_comes_back_without_them(
    site: Site, done: list[t.Any], kind: str, htmx: bool
) -> None:
    add_vault(site.app, done, first=False)
    visitor, person = somebody(site)
    form = visitor.open(CARD).form(URL)
    data = form.filled({"label": "mine", "pin": PIN}, None)
    files = {}
    data.pop("key")
    if kind == "file":
        data.pop("pin")
        files = {"key": b"content"}
    page = post(visitor, URL, data, htmx, files=files)
    assert (page.status, PIN in page.text) == (403, False)
    data = page.form(URL).filled({"password": person.password}, None)
    page = post(visitor, URL, data, htmx)
    assert (page.status, done) == (200, [])
    assert "Fill in what is missing, and send it again." in page.words
    form = page.form(URL)
    assert form.values["label"] == "mine"
    again = {**form.filled({"pin": PIN}, None)}
    again.pop("key")
    assert post(visitor, URL, again, htmx).status == (200 if htmx else 303)
    assert done == [("mine", PIN, [])]


@in_both_ways
def test_what_has_no_card_is_prompted_for_over_the_rows(
    site: Site, done: list[t.Any], htmx: bool
) -> None:
    add_vault(site.app, done, first=False)
    visitor, person = somebody(site)
    data = visitor.open("/account/").form(ROW).filled({}, None)
    page = post(visitor, ROW, data, htmx)
    assert (page.status, is_root(page, "userkit-vault")) == (403, htmx)
    prompts = page.html.select(PROMPT)
    assert len(prompts) == 1
    assert prompts[0].find_parent(id="userkit-vault") is not None
    form = next(form for form in page.forms if "password" in form.names)
    page = post(visitor, ROW, form.filled({"password": person.password}, None), htmx)
    assert (page.status, done) == (200 if htmx else 303, ["row"])


def test_a_template_that_has_no_place_for_it_gives_way_to_a_page(
    site: Site, done: list[t.Any]
) -> None:
    add_vault(site.app, done, first=False, template=PLAIN)
    visitor, person = somebody(site)
    data = visitor.open("/account/?edit=username").form("/account/username").filled({}, None)
    page = post(visitor, ROW, data)
    assert page.status == 403
    assert page.html.select_one("h1#userkit-reverification-title") is not None
    page = post(visitor, ROW, page.form(ROW).filled({"password": person.password}, None))
    assert (page.status, done) == (303, ["row"])
