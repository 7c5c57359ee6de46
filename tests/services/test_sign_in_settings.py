"""Which codes sign in by setting, and what is left where accounts have no numbers any more."""

from __future__ import annotations

import pytest

from flask_userkit import UserKit
from flask_userkit.models import User
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_password
from tests.services.acts import begin_reset
from tests.services.acts import begin_sign_in
from tests.services.acts import sign_in
from tests.services.phone_apps import ADA
from tests.services.phone_apps import NOBODY
from tests.services.phone_apps import open_app
from tests.services.support import everything
from tests.services.support import refused

Kits = UserKit[User]


@pytest.fixture
def password() -> str:
    return new_password()


SETTINGS = [
    (
        {"USERKIT_PHONE_CODE_SIGN_IN": False},
        {ADA: False, "ada@example.com": True, "ada_1815": True},
    ),
    (
        {"USERKIT_EMAIL_CODE_SIGN_IN": False},
        {ADA: True, "ada@example.com": False, "ada_1815": False},
    ),
]


@pytest.mark.parametrize(("settings", "signs_in"), SETTINGS)
@pytest.mark.parametrize("known", [True, False])
def test_codes_of_each_kind_are_off_by_themselves(
    make_app: MakeApp, settings: dict[str, bool], signs_in: dict[str, bool], known: bool
) -> None:
    app = open_app(make_app, **settings)
    with app.app_context():
        userkit: Kits = app.extensions["userkit"]
        if known:
            userkit.users.create_user(
                email_address=["ada@example.com"], phone_number=[ADA], username="ada_1815"
            )
        for identifier, on in signs_in.items():
            before = everything(userkit.kit)
            if on:
                begin_sign_in(userkit, identifier)
            else:
                with refused("strategy_disabled"):
                    begin_sign_in(userkit, identifier)
                assert everything(userkit.kit) == before
            begin_reset(userkit, identifier)


def test_where_accounts_have_no_numbers_none_signs_in_any_more(
    make_app: MakeApp, password: str
) -> None:
    app = open_app(make_app, USERKIT_PHONE_NUMBER="off")
    with app.app_context():
        userkit: Kits = app.extensions["userkit"]
        # From when accounts had numbers.
        userkit.users.create_user(phone_number=[ADA], password=password)
        before = everything(userkit.kit)
        for number in (ADA, NOBODY):
            for ask in (begin_sign_in, begin_reset):
                with refused("form_param_format_invalid", "identifier") as refusal:
                    ask(userkit, number)
            with refused("form_param_format_invalid", "identifier"):
                sign_in(userkit, number, password)
        assert refusal.message == "This is not an email address or username."
        assert everything(userkit.kit) == before
