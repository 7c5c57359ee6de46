"""An app with pages and links of its own in the profile, and items of its own in the menu."""

from __future__ import annotations

import typing as t
from collections import Counter
from pathlib import Path

from flask import Flask
from flask import Response
from flask import redirect
from flask import render_template_string
from flask import request
from flask.typing import ResponseReturnValue
from jinja2 import DictLoader
from jinja2.loaders import ChoiceLoader
from markupsafe import Markup

from flask_userkit import KitForm
from flask_userkit import MenuAction
from flask_userkit import MenuLink
from flask_userkit import OpenCard
from flask_userkit import ProfilePage
from flask_userkit import ProfileSection
from flask_userkit import UserKit
from flask_userkit import current_user
from flask_userkit import login_required
from tests.rig import host

ABSOLUTE = "https://elsewhere.example/"
OWN_ICON = Markup(
    '<svg class="userkit-icon own" viewBox="0 0 16 16" aria-hidden="true">'
    '<path d="M2 2h12v12z"/></svg>'
)
#: Counts on the page how often the app's own item was pressed.
SCRIPT = """
document.addEventListener("click", event => {
  if (!event.target.closest("[data-press]")) return
  const pressed = document.querySelector("#pressed")
  pressed.textContent = Number(pressed.textContent) + 1
})
"""
PAGE = """<!doctype html>
{% from "userkit/macros.html" import userkit_head, user_button, user_profile %}
<html lang="en" dir="{{ direction }}">
<head>
  <meta charset="utf-8">
  <title>{{ title }}</title>
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  {{ userkit_head(profile=embedded) }}
  <script src="/files/press.js" defer></script>
</head>
<body {% if embedded %}class="userkit-page"{% endif %}>
  <header>{{ user_button(user_profile_mode=mode) }}</header>
  <main>
    <h1>{{ title }}</h1>
    <output id="pressed">0</output>
    {% if embedded %}{{ user_profile() }}{% endif %}
  </main>
</body>
</html>
"""
COUNTER = """
{% from "userkit/macros.html" import profile_section, profile_form %}
{% call profile_section("counter", "Counter", status=status) %}
  {% call profile_form("counter", url_for("count"), form, label="Counter", submit="Count") %}
    <p>Counted: <span id="counted">{{ counted }}</span></p>
  {% endcall %}
{% endcall %}
"""
OTHER = """
{% from "userkit/macros.html" import profile_section %}
{% call profile_section("other", "Other") %}<p>What stands here alone.</p>{% endcall %}
"""


def create_app(instance: str | Path) -> Flask:
    """Return the app: the rig's own, with the profile over ``/here`` and in ``/settings``."""
    app = host.create_app(instance)
    userkit: UserKit = app.extensions["userkit"]
    loader = t.cast("t.Any", app.jinja_env.loader)
    app.jinja_env.loader = ChoiceLoader(
        [DictLoader({"counter.html": COUNTER, "other.html": OTHER}), loader]
    )
    _add_pages(app, userkit)
    _add_items(app, userkit)

    @app.get("/here")
    def here() -> str:
        return _page("Here", embedded=False)

    @app.get("/settings")
    @login_required
    def settings() -> str:
        return _page("Settings", embedded=True)

    @app.get("/files/press.js")
    def script() -> Response:
        return Response(SCRIPT, mimetype="text/javascript")

    return app


def _page(title: str, *, embedded: bool) -> str:
    return render_template_string(
        PAGE,
        title=title,
        embedded=embedded,
        mode=request.args.get("mode", "modal"),
        direction=request.args.get("direction", "ltr"),
    )


def _add_pages(app: Flask, userkit: UserKit) -> None:
    counted: Counter[str] = Counter()

    def context(user: t.Any, _card: OpenCard | None) -> dict[str, t.Any]:
        return {"counted": counted[user.id], "form": KitForm(formdata=None)}

    section = ProfileSection(
        "counter",
        "page-1",
        context=context,
        outcomes={"counter": "Counted."},
        template="counter.html",
    )

    @app.post("/count")
    @login_required
    @section.form_view(KitForm)
    def count(form: KitForm) -> ResponseReturnValue:
        counted[current_user.id] += 1
        return section.saved("counter")

    userkit.add_page(ProfilePage("page-1", "Page 1", "Counts.", icon="star"), before=None)
    userkit.add_page(ProfilePage("page-2", "Page 2", icon=OWN_ICON))
    userkit.add_page(ProfilePage("absolute", "Elsewhere", icon="link", url=ABSOLUTE))
    userkit.add_page(
        ProfilePage("relative", "Members", icon="user", url="/members"), before="page-2"
    )
    userkit.add_section(section)
    userkit.add_section(ProfileSection("other", "page-2", template="other.html"))


def _add_items(app: Flask, userkit: UserKit) -> None:
    chat: set[str] = set()

    def is_on() -> bool:
        return current_user.id in chat

    @app.post("/chat")
    @login_required
    def toggle_chat() -> ResponseReturnValue:
        chat.symmetric_difference_update({current_user.id})
        return redirect("/here", 303)

    for item in (
        MenuAction("Press", icon="check", attributes={"data-press": True}),
        MenuLink("Elsewhere", ABSOLUTE, icon="link"),
        "manage_account",
        MenuAction("Page 1", open="page-1", icon="star"),
        MenuAction(lambda: "Chat is ON" if is_on() else "Chat is OFF", action="/chat"),
        MenuLink("Talk", "/members", icon=OWN_ICON, when=is_on),
        "sign_out",
        MenuLink("Members", "/members", attributes={"rel": "help"}),
    ):
        userkit.add_menu_item(t.cast("MenuLink", item))
