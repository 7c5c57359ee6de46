"""An app whose people come from the certified provider, and what they do there in Chromium."""

from __future__ import annotations

import typing as t

from flask import Flask
from flask import render_template_string
from playwright.sync_api import Locator
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser import gallery
from tests.browser import steps
from tests.browser.sites import NO_LIMITS
from tests.rig.fixtures.apps import MakeApp
from tests.rig.oidc_pages import Answer
from tests.rig.oidc_pages import log_in_by_browser
from tests.rig.oidc_provider import OidcProvider
from tests.rig.ports import free_port

NAME = "acme"
LABEL = "Acme"
SIGN_IN = f"Continue with {LABEL}"
CONNECTED = "The account is connected."
CONNECTED_AGAIN = "The account is connected once more."
DISCONNECTED = "The account is disconnected."
#: A page of the app that is to do more for its people than to know who they are.
BOOKS = """<!doctype html>
{% from "userkit/macros.html" import userkit_head, user_profile %}
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>Books</title>
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  {{ userkit_head(profile=true) }}
  <link rel="stylesheet" href="/files/place.css">
</head>
<body>
  <main><h1>Books</h1>{{ user_profile(additional_oauth_scopes={"acme": ["books"]}) }}</main>
</body>
</html>
"""


def app_with_provider(make_app: MakeApp, provider: OidcProvider, **settings: t.Any) -> Flask:
    """Return an app that the provider knows, at an address that is free."""
    url = f"http://localhost:{free_port()}"
    known = provider.register(f"{url}/account/oauth/{NAME}/callback")
    connection = {
        "label": LABEL,
        "client_id": known.client_id,
        "client_secret": known.client_secret,
        "server_metadata_url": provider.metadata_url,
        "scopes": "openid email profile offline_access",
        "email_verified_claim": "email_verified",
        "reauthenticates": True,
    }
    app = make_app(
        USERKIT_BASE_URL=url,
        USERKIT_CONNECTIONS={NAME: connection},
        USERKIT_RATE_LIMITS=NO_LIMITS,
        **settings,
    )
    gallery.add_pages(app)
    app.add_url_rule("/books", "books", lambda: render_template_string(BOOKS))
    return app


def section(page: Page) -> Locator:
    """Return the section of connected accounts."""
    return page.get_by_role("region", name="Connected accounts")


def row(page: Page) -> Locator:
    """Return the one account that is connected."""
    return section(page).get_by_role("listitem").filter(has_text=LABEL).first


def told(page: Page, text: str) -> Locator:
    """Return what is said in the section, once it is seen."""
    said = section(page).get_by_text(text, exact=True)
    expect(said).to_be_visible()
    return said


def go_to_provider(page: Page) -> None:
    """Press the provider's button in the card of the section."""
    section(page).get_by_role("link", name="Connect account").click()
    form = section(page).get_by_role("form", name="Connect account")
    form.get_by_role("button", name=LABEL).click()


def connect(page: Page, name: str, answer: Answer = "allow") -> None:
    """Connect an account, up to the page that the provider leads back to."""
    go_to_provider(page)
    log_in_by_browser(page, name, answer)


def open_menu(page: Page) -> Locator:
    """Open what can be done with the account, and return the way to disconnect it."""
    row(page).get_by_role("button", name="Actions for").click()
    menu = page.locator(".userkit-menu__list:popover-open")
    expect(menu).to_be_visible()
    return menu.locator(".userkit-menu__item").filter(has_text="Disconnect")


def ask_to_disconnect(page: Page) -> Locator:
    """Open the question whether it is to be disconnected, and return it."""
    open_menu(page).click()
    form = section(page).get_by_role("form", name=f"Disconnect {LABEL}?")
    expect(form).to_be_visible()
    return form


def come_in(page: Page, name: str, path: str = steps.SIGN_IN) -> None:
    """Press the provider's button before a form, and log in there."""
    page.goto(path)
    page.get_by_role("button", name=SIGN_IN).click()
    log_in_by_browser(page, name)
