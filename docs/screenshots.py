"""Take the pictures of the manual from the example app: ``python docs/screenshots.py``."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from playwright.sync_api import Page
from playwright.sync_api import ViewportSize
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from example_app import create_app  # noqa: E402 (the path comes first)
from example_app.extensions import userkit  # noqa: E402 (the path comes first)
from tests.rig.chromium import find_chromium  # noqa: E402 (the path comes first)
from tests.rig.wsgi import serve  # noqa: E402 (the path comes first)

IMAGES = ROOT / "docs" / "images"
SIZE: ViewportSize = {"width": 1120, "height": 640}


def main() -> None:
    """Take every picture, light and dark."""
    with _example() as (app, password), serve(app) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=["--no-sandbox", "--hide-scrollbars"]
        )
        for scheme in ("light", "dark"):
            page = browser.new_page(
                base_url=url, viewport=SIZE, color_scheme=scheme, reduced_motion="reduce"
            )
            for name in _views(page, password):
                path = IMAGES / f"{name}-{scheme}.png"
                page.screenshot(path=path)
                print(path.relative_to(ROOT))
        browser.close()


def _views(page: Page, password: str) -> Iterator[str]:
    """Walk through the app, and name each place where a picture is taken."""
    page.goto("/account/sign-in")
    yield "sign-in"
    page.get_by_label("Email address").fill("ada@example.com")
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.goto("/")
    page.get_by_role("button", name="Account of Ada Lovelace").click()
    page.wait_for_timeout(300)
    yield "button"
    page.get_by_role("link", name="Manage account").click()
    page.get_by_role("dialog", name="Account").wait_for()
    yield "modal"
    page.goto("/account/")
    page.get_by_role("link", name="Edit name and picture").click()
    page.get_by_label("First name").wait_for()
    yield "account"


@contextmanager
def _example() -> Iterator[tuple[Flask, str]]:
    """Give the example app with its demo, and Ada's password."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app({"DEBUG": True}, instance_path=folder)
        output = app.test_cli_runner().invoke(args=["demo"]).output
        lines = dict(line.split("  ") for line in output.splitlines() if "@" in line)
        yield app, lines["ada@example.com"]
        with app.app_context():
            userkit.close()


if __name__ == "__main__":
    main()
