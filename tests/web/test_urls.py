"""The address of a page of the kit is what Flask would say, wherever the app is mounted."""

from __future__ import annotations

import typing as t
from collections.abc import Callable

import pytest
from flask import Flask
from flask import url_for

from flask_userkit.web.urls import page_url
from tests.rig.fixtures.apps import MakeApp

PAGES = ("user_profile", "sign_in", "sign_out", "sign_up")


def add_a_language(app: Flask) -> None:
    @app.url_defaults
    def language(endpoint: str, values: dict[str, t.Any]) -> None:
        values.setdefault("lang", "de")


def match_subdomains(app: Flask) -> None:
    app.subdomain_matching = True
    app.config["SERVER_NAME"] = "example.test"


def plain(app: Flask) -> None:
    """Nothing but the kit."""


@pytest.mark.parametrize(
    ("change", "base_url", "sign_out"),
    [
        (plain, "http://localhost/", "/account/sign-out"),
        (plain, "https://localhost/shop", "/shop/account/sign-out"),
        (plain, "https://localhost/sh%C3%B6p", "/shöp/account/sign-out"),
        (add_a_language, "http://localhost/", "/account/sign-out?lang=de"),
        (match_subdomains, "http://example.test/", "/account/sign-out"),
        (match_subdomains, "http://blog.example.test/", "http://example.test/account/sign-out"),
    ],
)
def test_it_is_what_flask_says(
    make_app: MakeApp, change: Callable[[Flask], None], base_url: str, sign_out: str
) -> None:
    app = make_app()
    change(app)
    with app.test_request_context("/", base_url=base_url):
        assert page_url("sign_out") == sign_out
        assert [page_url(page) for page in PAGES] == [url_for(f"userkit.{page}") for page in PAGES]


def test_each_app_and_each_mount_has_its_own(make_app: MakeApp) -> None:
    here, there = make_app(), make_app(USERKIT_URL_PREFIX="/me")
    said: list[str] = []
    for app, root in ((here, "/"), (there, "/"), (here, "/shop/"), (there, "/shop/"), (here, "/")):
        with app.test_request_context("/", base_url=f"http://localhost{root}"):
            said.append(page_url("sign_out"))
    assert said == [
        "/account/sign-out",
        "/me/sign-out",
        "/shop/account/sign-out",
        "/shop/me/sign-out",
        "/account/sign-out",
    ]
