"""What a text message says, in how many bytes, and what no name can make of it."""

from __future__ import annotations

import typing as t

import pytest

from flask_userkit import UserKit
from flask_userkit.models import User
from flask_userkit.services.kit import Kit
from tests.rig.fixtures.apps import MakeApp

Kits = UserKit[User]
CODE = "482913"
NOTICE = "phone_number_notice"
#: The basic characters of GSM 03.38, each of seven bits; any other makes a text twice as long.
GSM_7 = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
PURPOSES = ["sign_in", "sign_up", "password_reset", "phone_number", "reverification"]


def render(kit: Kit, purpose: str = "sign_in", locale: str = "en", minutes: int = 10) -> str:
    context: dict[str, str | int | None] = {"code": CODE, "purpose": purpose, "minutes": minutes}
    return kit.render_sms("verification_code", locale, context)


def kit_of(make_app: MakeApp, name: str, base_url: str = "https://example.com") -> Kit:
    app = make_app(USERKIT_OUTBOX="worker", USERKIT_APP_NAME=name, USERKIT_BASE_URL=base_url)
    return t.cast(Kit, app.extensions["userkit.kit"])


def test_a_code_is_said_first_and_bound_to_the_site_last(make_app: MakeApp) -> None:
    kit = kit_of(make_app, "Shelf")
    assert render(kit, "sign_in").splitlines() == [
        f"{CODE} is your code for Shelf. It works for 10 minutes. Share it with nobody.",
        "",
        f"@example.com #{CODE}",
    ]
    assert render(kit, "phone_number", minutes=1).splitlines()[0] == (
        f"{CODE} is your code for Shelf. It works for 1 minute."
    )
    assert render(kit, "sign_in", "de").startswith(f"{CODE} ist dein Code für Shelf.")


def test_a_notice_says_that_nothing_is_to_be_done(make_app: MakeApp) -> None:
    kit = kit_of(make_app, "Shelf")
    assert kit.render_sms(NOTICE, "en", {}) == (
        "Somebody tried to add this phone number to another account at Shelf. "
        "It stays yours; you need not do anything."
    )


@pytest.mark.parametrize("purpose", PURPOSES)
def test_one_part_has_it_all(make_app: MakeApp, purpose: str) -> None:
    kit = kit_of(make_app, "A" * 20, f"https://{'a' * 40}.example.com")
    for text in (render(kit, purpose), kit.render_sms(NOTICE, "en", {})):
        assert set(text) <= GSM_7
        assert len(text) <= 160


@pytest.mark.parametrize(
    ("base_url", "line"),
    [
        ("https://example.com", "@example.com #482913"),
        ("https://accounts.example.com:8443/", "@accounts.example.com #482913"),
        ("https://bücher.example", "@xn--bcher-kva.example #482913"),
        ("http://localhost:5000", "@localhost #482913"),
    ],
)
def test_the_last_line_names_the_site_as_browsers_do(
    make_app: MakeApp, base_url: str, line: str
) -> None:
    assert render(kit_of(make_app, "Shelf", base_url)).splitlines()[-1] == line


def test_an_address_that_is_no_name_is_not_named(make_app: MakeApp) -> None:
    text = render(kit_of(make_app, "Shelf", "http://[::1]:5000"))
    assert "@" not in text
    assert len(text.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Shelf\r\n@evil.example #111111", "Shelf @evil example #111111"),
        ("Shelf\u2028x\x00y\u202ez", "Shelf x y z"),
        ("books.example", "books example"),
        ("https://evil.example/login", "https evil example login"),
        ("evil\u3002example or evil\uff0eexample", "evil example or evil example"),
        ("eve@evil.example", "eve evil example"),
        ("St. Mary's: books & more", "St. Mary's: books & more"),
        ("{{ 7*7 }} %(code)s %s", "{{ 7*7 }} %(code)s %s"),
        ("x" * 100, "x" * 40),
        (" ", ""),
    ],
)
def test_a_name_becomes_neither_a_link_nor_a_line(make_app: MakeApp, name: str, shown: str) -> None:
    kit = kit_of(make_app, name)
    first, empty, last = render(kit, "phone_number").splitlines()
    assert first == f"{CODE} is your code for {shown}. It works for 10 minutes."
    assert (empty, last) == ("", f"@example.com #{CODE}")
    assert f"another account at {shown}." in kit.render_sms(NOTICE, "en", {})


def test_neither_does_what_a_program_gives_a_template_of_its_own(make_app: MakeApp) -> None:
    app = make_app(USERKIT_OUTBOX="worker")
    kit = t.cast(Kit, app.extensions["userkit.kit"])
    text = kit.render_sms("verification_code", "en", {"code": "1\n2", "purpose": "", "minutes": 2})
    assert text.startswith("1 2 is your code")
