"""An app without a layout of its own, and a page that puts the kit among the app's own things."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from flask import Response
from flask import abort
from flask import render_template_string
from flask import request

from flask_userkit import login_required
from tests.rig import host

#: Counts on the page what an app's own script hears from the kit.
LISTENER = """
document.addEventListener("userkit:user-updated", () => {
  const heard = document.querySelector("#heard")
  heard.textContent = Number(heard.textContent) + 1
})
"""
#: The ground is the browser's own, but said: else axe takes it for white.
PLACES = """
html { background: canvas; color: canvastext; }
.place-end { display: flex; justify-content: end; }
.place-bottom { position: fixed; inset-block-end: 0; inset-inline-end: 0; }
"""
FILES = {
    "place.css": PLACES,
    "listener.js": LISTENER,
    "htmx-2.js": (Path(__file__).parent / "vendor2" / "htmx" / "htmx.min.js").read_text("utf-8"),
}
PAGE = """<!doctype html>
{% from "userkit/macros.html" import userkit_head, user_button, user_profile %}
<html lang="en" dir="{{ direction }}">
<head>
  <meta charset="utf-8">
  <title>Settings</title>
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="{{ scheme }}">
  <meta name="htmx-config" content='{"includeIndicatorStyles": false}'>
  {{ userkit_head(profile=true, htmx=htmx != "own") }}
  {% if htmx != "kit" %}<script src="/files/htmx-2.js" defer></script>{% endif %}
  <script src="/files/listener.js" defer></script>
  <link rel="stylesheet" href="/files/place.css">
</head>
<body>
  <header class="place-{{ place }}">{{ user_button(show_name=true, default_open=open) }}</header>
  <main><h1>Settings</h1><output id="heard">0</output>{{ user_profile() }}</main>
</body>
</html>
"""
#: A page that the profile is opened over, long enough to be scrolled.
UNDER = """<!doctype html>
{% from "userkit/macros.html" import userkit_head, user_button %}
<html lang="en" dir="{{ direction }}">
<head>
  <meta charset="utf-8">
  <title>Under</title>
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="{{ scheme }}">
  <meta name="htmx-config" content='{"includeIndicatorStyles": false}'>
  {{ userkit_head() }}
  {% if htmx == "own" %}<script src="/files/htmx-2.js" defer></script>{% endif %}
  <script src="/files/listener.js" defer></script>
</head>
<body>
  <header>{{ user_button(show_name=true) }}</header>
  <main>
    <h1>Under</h1>
    <output id="heard">0</output>
    <p><label>Note <input name="note"></label></p>
    {% for number in range(60) %}<p>{{ number }}</p>{% endfor %}
    {% if two %}
      <aside aria-label="Second">{{ user_button(attributes={"id": "second"}) }}</aside>
    {% endif %}
  </main>
</body>
</html>
"""
BOOSTED = """<!doctype html>
{% from "userkit/macros.html" import userkit_head, user_button, sign_in %}
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>{{ title }}</title>
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="htmx-config" content='{"includeIndicatorStyles": false}'>
  {{ userkit_head() }}
  {% set own = "/files/htmx-2.js" if version == 2 else userkit.asset("vendor/htmx.min.js") %}
  <script src="{{ own }}" defer></script>
</head>
<body {{ "hx-boost" if version == 2 else "hx-boost:inherited" }}="true">
  <header>{{ user_button(show_name=true) }}</header>
  <main>
    <h1>{{ title }}</h1>
    <a href="/boosted/{{ version }}/next">Next</a>
    {% if not userkit.identity %}{{ sign_in(next="/boosted/" ~ version ~ "/home") }}{% endif %}
  </main>
</body>
</html>
"""


def create_app(instance: str | Path) -> Flask:
    """Return the app: the rig's own, with pages whose address says how they are put together.

    In ``/settings`` the ``htmx`` is the kit's (``kit``), the app's, of version 2 (``own``), or both
    by mistake. ``/under`` has the button and not the profile. In ``/boosted/2/…`` and
    ``/boosted/4/…`` every link and form is fetched by htmx.
    """
    app = host.create_app(instance)
    add_pages(app)
    return app


def add_pages(app: Flask) -> None:
    """Give an app those pages."""

    @app.get("/settings")
    @login_required
    def settings() -> str:
        return render_template_string(
            PAGE,
            direction=request.args.get("direction", "ltr"),
            htmx=request.args.get("htmx", "kit"),
            open="open" in request.args,
            place=request.args.get("place", "start"),
            scheme=request.args.get("scheme", "light dark"),
        )

    @app.get("/under")
    def under() -> str:
        return render_template_string(
            UNDER,
            direction=request.args.get("direction", "ltr"),
            htmx=request.args.get("htmx", "none"),
            scheme=request.args.get("scheme", "light dark"),
            two="two" in request.args,
        )

    @app.get("/boosted/<int:version>/<title>")
    def boosted(version: int, title: str) -> str:
        return render_template_string(BOOSTED, version=version, title=title)

    @app.get("/files/<name>")
    def file(name: str) -> Response:
        if name not in FILES:
            abort(404)
        kind = "css" if name.endswith("css") else "javascript"
        return Response(FILES[name], mimetype=f"text/{kind}")
