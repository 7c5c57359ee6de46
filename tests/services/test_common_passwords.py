"""What everybody guesses first is refused, with the reason, wherever a password is set."""

from __future__ import annotations

import pytest
from flask import Flask
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from flask_userkit import UserKit
from flask_userkit import UserKitError
from flask_userkit.models import User
from flask_userkit.services.limits import DEFAULTS
from tests.rig.fixtures.apps import MakeApp
from tests.services.acts import Post
from tests.services.acts import begin_reset
from tests.services.acts import begin_sign_up
from tests.services.acts import let_in
from tests.services.acts import reset
from tests.services.address_acts import who
from tests.services.password_acts import change

Kits = UserKit[User]
ADA = "ada@example.com"
#: One in ten of those that are long enough; all are looked at where they are judged.
COMMON = [word for word in FREQUENCY_LISTS["passwords"][:3000] if len(word) >= 8][::10]


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    limits = dict.fromkeys(DEFAULTS, "100000/minute")
    return make_app(USERKIT_OUTBOX="worker", USERKIT_RATE_LIMITS=limits)


@pytest.mark.parametrize("path", ["sign_up", "change", "reset", "create", "update"])
def test_the_commonest_are_refused_with_the_reason(userkit: Kits, post: Post, path: str) -> None:
    ada = userkit.users.create_user(email_address=[ADA])
    token = begin_reset(userkit, ADA)
    code = post.code(ADA)
    mine = who(userkit, let_in(userkit, ada.id).token)

    def set_password(password: str) -> object:
        match path:
            case "sign_up":
                return begin_sign_up(userkit, "bea@example.com", password=password)
            case "change":
                return change(userkit, mine, password)
            case "reset":
                return reset(userkit, token, code, password)
            case "create":
                return userkit.users.create_user(username="grace", password=password)
            case _:
                return userkit.users.update_user(ada.id, password=password)

    assert len(COMMON) > 30
    for word in COMMON:
        with pytest.raises(UserKitError) as caught:
            set_password(word)
        assert caught.value.code == "form_password_not_strong_enough", word
        assert "easily guessed" in caught.value.message or "tried first" in caught.value.message
    assert not userkit.users.get_user(ada.id).password_enabled
