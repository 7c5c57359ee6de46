"""What people may change about themselves, and what they may not."""

from __future__ import annotations

import typing as t

import pytest
from flask import Flask

from flask_userkit import UserKit
from flask_userkit.errors import FormErrors
from flask_userkit.models import User
from flask_userkit.services import profile
from tests.rig.fixtures.apps import MakeApp
from tests.services.support import everything
from tests.services.support import refused

Kits = UserKit[User]


def update(userkit: Kits, user_id: str, values: dict[str, str | None]) -> User:
    with userkit.transaction() as db:
        return profile.update_profile(db, user_id, values)


@pytest.fixture
def ada(userkit: Kits) -> User:
    return userkit.users.create_user(
        email_address=["ada@example.com"], first_name="Ada", last_name="Lovelace"
    )


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({"first_name": " Augusta "}, ("Augusta", "Lovelace")),
        ({"last_name": ""}, ("Ada", None)),
        ({"first_name": None, "last_name": "\u00a0 "}, (None, None)),
        ({"first_name": "Zoe\u0308"}, ("Zoë", "Lovelace")),
        ({}, ("Ada", "Lovelace")),
    ],
)
def test_only_the_names_that_were_sent_change(
    userkit: Kits, ada: User, values: dict[str, str | None], names: tuple[str | None, str | None]
) -> None:
    user = update(userkit, ada.id, values)
    assert (user.first_name, user.last_name) == names


def test_every_name_that_cannot_be_taken_is_told_at_once(userkit: Kits, ada: User) -> None:
    before = everything(userkit.kit)
    with pytest.raises(FormErrors) as caught:
        update(userkit, ada.id, {"first_name": "a\nb", "last_name": "x" * 101})
    assert [(error.param, error.code) for error in caught.value.errors] == [
        ("first_name", "form_param_value_invalid"),
        ("last_name", "form_param_max_length_exceeded"),
    ]
    assert [entry["meta"] for entry in caught.value.envelope()["errors"]] == [
        {"param_name": "first_name"},
        {"param_name": "last_name"},
    ]
    assert everything(userkit.kit) == before


@pytest.mark.parametrize(
    "values",
    [
        {"banned": "1"},
        {"username": "root"},
        {"id": "x"},
        {"external_id": "1"},
        {"password_digest": ""},
    ],
)
def test_nothing_but_names_can_be_changed(userkit: Kits, ada: User, values: t.Any) -> None:
    before = everything(userkit.kit)
    with pytest.raises(KeyError):
        update(userkit, ada.id, values)
    assert everything(userkit.kit) == before


def test_a_user_that_is_not_there_cannot_be_changed(userkit: Kits) -> None:
    with refused("resource_not_found"):
        update(userkit, "user_0", {"first_name": "Ada"})


@pytest.fixture
def strict(make_app: MakeApp) -> Flask:
    return make_app(USERKIT_FIRST_NAME="required", USERKIT_LAST_NAME="off", USERKIT_OUTBOX="worker")


def test_configuration_protects_what_it_switches_off_or_requires(strict: Flask) -> None:
    with strict.app_context():
        userkit = t.cast(Kits, strict.extensions["userkit"])
        user = userkit.users.create_user(username="ada_1815", first_name="Ada", last_name="King")
        with refused("form_param_nil", "first_name"):
            update(userkit, user.id, {"first_name": " "})
        with refused("immutable_attribute_modification_not_allowed", "last_name"):
            update(userkit, user.id, {"first_name": "Augusta", "last_name": "Lovelace"})
        again = userkit.users.get_user(user.id)
        assert (again.first_name, again.last_name) == ("Ada", "King")


def test_a_locked_name_is_the_apps_to_change(make_app: MakeApp) -> None:
    app = make_app(USERKIT_FIRST_NAME="locked", USERKIT_OUTBOX="worker")
    with app.app_context():
        userkit = t.cast(Kits, app.extensions["userkit"])
        user = userkit.users.create_user(username="ada_1815", first_name="Ada", last_name="King")
        with refused("immutable_attribute_modification_not_allowed", "first_name"):
            update(userkit, user.id, {"first_name": "Augusta", "last_name": "Lovelace"})
        assert update(userkit, user.id, {"last_name": "Lovelace"}).full_name == "Ada Lovelace"
        changed = userkit.users.update_user(user.id, first_name="Augusta")
        assert changed.full_name == "Augusta Lovelace"
