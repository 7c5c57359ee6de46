"""What the app does with connected accounts: it reads their tokens, and disconnects them."""

from __future__ import annotations

import datetime as dt
import typing as t

import pytest
from flask import Flask

from flask_userkit import Connection
from flask_userkit import EventName
from flask_userkit import SetupError
from flask_userkit import UserKit
from flask_userkit.connections.connection import Profile
from flask_userkit.connections.connection import Tokens
from flask_userkit.models import Event
from flask_userkit.models import ExternalAccount
from flask_userkit.models import User
from flask_userkit.services import external_accounts
from flask_userkit.services.kit import Kit
from flask_userkit.services.oauth_proofs import Proof
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.services.acts import Post
from tests.services.support import count
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
pytestmark = pytest.mark.usefixtures("backend")
ADDRESS = "ada@example.com"
ACME: dict[str, t.Any] = {
    "label": "Acme",
    "client_id": "reading-list",
    "client_secret": "s3cr3t",
    "server_metadata_url": "https://acme.example/.well-known/openid-configuration",
}


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(
        USERKIT_OUTBOX="worker",
        USERKIT_CONNECTIONS={"acme": ACME, "google": {"client_id": "reading-list"}},
    )


@pytest.fixture
def ada(userkit: Kits) -> User:
    return userkit.users.create_user(email_address=[ADDRESS])


def connect(
    userkit: Kits, user: User, subject: str, *, refresh_token: str | None = None, lasts: int = 3600
) -> str:
    """Give somebody an account at Acme, and return its id."""
    expires_at = int((userkit.clock() + dt.timedelta(seconds=lasts)).timestamp())
    tokens = Tokens(f"access-{subject}", refresh_token, ("openid", "books"), expires_at)
    profile = Profile(subject, "https://acme.example", email_address=f"{subject}@acme.example")
    with userkit.transaction() as db:
        return external_accounts.add(db, user.id, Proof("acme", profile, tokens))


def test_each_account_of_a_provider_has_a_token(userkit: Kits, ada: User, clock: Clock) -> None:
    ids = [connect(userkit, ada, subject) for subject in ("ada", "countess")]
    connect(userkit, userkit.users.create_user(external_id="bea"), "bea")
    found = userkit.users.get_user_oauth_access_token(ada.id, "acme")
    assert [(each.external_account_id, each.token, each.label) for each in found] == [
        (ids[0], "access-ada", "ada@acme.example"),
        (ids[1], "access-countess", "countess@acme.example"),
    ]
    assert {(each.provider, each.scopes) for each in found} == {("acme", ("openid", "books"))}
    assert {each.expires_at for each in found} == {
        (clock.now + dt.timedelta(seconds=3600)).replace(microsecond=0)
    }


def test_one_that_has_run_out_does_not_keep_the_others(userkit: Kits, ada: User) -> None:
    connect(userkit, ada, "ada")
    over = connect(userkit, ada, "countess", lasts=30)
    (found,) = userkit.users.get_user_oauth_access_token(ada.id, "acme")
    assert found.token == "access-ada"
    accounts = {
        each.id: each.error_code for each in userkit.users.get_user(ada.id).external_accounts
    }
    assert accounts.pop(over) == "external_account_missing_refresh_token"
    assert set(accounts.values()) == {None}


def test_one_that_has_run_out_for_good_is_refused(userkit: Kits, ada: User) -> None:
    connect(userkit, ada, "ada", lasts=30)
    with refused("oauth_missing_refresh_token"):
        userkit.users.get_user_oauth_access_token(ada.id, "acme")


@pytest.mark.parametrize(
    ("provider", "code"),
    [
        ("google", "external_account_not_found"),
        ("orchard", "oauth_provider_not_enabled"),
        ("", "oauth_provider_not_enabled"),
    ],
)
def test_there_is_none_of_another_provider(
    userkit: Kits, ada: User, provider: str, code: str
) -> None:
    connect(userkit, ada, "ada")
    with refused(code):
        userkit.users.get_user_oauth_access_token(ada.id, provider)


@pytest.mark.parametrize("user_id", ["user_0", "", "\x00", "é", "x" * 5000])
def test_there_is_none_of_nobody(userkit: Kits, ada: User, user_id: str) -> None:
    connect(userkit, ada, "ada")
    with refused("external_account_not_found"):
        userkit.users.get_user_oauth_access_token(user_id, "acme")


@pytest.mark.parametrize("notify", [True, False])
def test_the_app_disconnects_one_with_its_tokens(
    userkit: Kits, kit: Kit, post: Post, ada: User, notify: bool
) -> None:
    ids = [connect(userkit, ada, subject) for subject in ("ada", "countess")]
    user = userkit.users.delete_user_external_account(ada.id, ids[0], notify=notify)
    assert [each.id for each in user.external_accounts] == ids[1:]
    assert [row.id for row in rows(kit, ExternalAccount)] == ids[1:]
    gone = Event.name == EventName.EXTERNAL_ACCOUNT_DISCONNECTED.value
    (event,) = rows(kit, Event, gone)
    assert (event.user_id, event.data) == (
        ada.id,
        {"external_account_id": ids[0], "provider": "acme"},
    )
    assert [mail.to for mail in post.all()] == ([ADDRESS] if notify else [])


@pytest.mark.parametrize("account_id", ["eac_0", "", "\x00", "é", "x" * 5000])
def test_it_disconnects_none_that_is_not_there(
    userkit: Kits, kit: Kit, ada: User, account_id: str
) -> None:
    connect(userkit, ada, "ada")
    with refused("external_account_not_found"):
        userkit.users.delete_user_external_account(ada.id, account_id)
    with refused("resource_not_found"):
        userkit.users.delete_user_external_account("user_0", account_id)
    assert count(kit, ExternalAccount) == 1


def test_it_disconnects_none_of_somebody_else(userkit: Kits, kit: Kit, ada: User) -> None:
    theirs = connect(userkit, userkit.users.create_user(external_id="bea"), "bea")
    with refused("external_account_not_found"):
        userkit.users.delete_user_external_account(ada.id, theirs)
    assert count(kit, ExternalAccount) == 1


def test_what_is_disconnected_can_be_anybodys(userkit: Kits, kit: Kit, ada: User) -> None:
    account_id = connect(userkit, ada, "ada")
    bea = userkit.users.create_user(external_id="bea")
    with refused("external_account_exists"):
        connect(userkit, bea, "ada")
    userkit.users.delete_user_external_account(ada.id, account_id)
    assert connect(userkit, bea, "ada")


def test_a_connection_is_described_once(userkit: Kits) -> None:
    orchard = Connection(name="orchard", **{**ACME, "label": "Orchard"})
    userkit.add_connection(orchard)
    for again in (orchard, Connection(name="acme", **ACME)):
        with pytest.raises(SetupError, match=f"There is a connection '{again.name}' already"):
            userkit.add_connection(again)
    names = [connection.name for connection in userkit.kit.connections.all()]
    assert names == ["acme", "google", "orchard"]
