"""``flask userkit …`` does what it says and says what it did."""

from __future__ import annotations

import pytest
from click.testing import Result
from flask import Flask

from flask_userkit import UserKit
from flask_userkit.cli import commands
from flask_userkit.models import User
from flask_userkit.security.keys import KeyRing
from flask_userkit.services.purge import KINDS
from tests.rig.clock import Clock
from tests.rig.people import new_password
from tests.services.acts import let_in
from tests.services.acts import sign_in


def run(app: Flask, *arguments: str, typed: str | None = None) -> Result:
    result: Result = app.test_cli_runner().invoke(commands, arguments, input=typed)
    return result


@pytest.mark.usefixtures("backend")
def test_a_user_is_created_and_can_sign_in(app: Flask, userkit: UserKit[User]) -> None:
    password = new_password()
    names = ("--first-name", "Ada", "--last-name", "Lovelace", "--username", "ada_1815")
    result = run(app, "create-user", "ada@example.com", *names, typed=f"{password}\n" * 2)
    assert result.exit_code == 0
    assert password not in result.output
    with app.app_context():
        (user,) = userkit.users.get_user_list().data
        assert result.output.splitlines()[-1] == user.id
        assert (user.full_name, user.username) == ("Ada Lovelace", "ada_1815")
        assert user.email_addresses[0].verified
        assert sign_in(userkit, "ada@example.com", password).user_id == user.id


@pytest.mark.parametrize(
    ("address", "password", "words"),
    [
        ("ada", "correct horse battery", "not an email address"),
        ("ada@example.com", "short", "8 characters or more"),
        ("taken@example.com", "correct horse battery", "has an account already"),
    ],
)
def test_what_cannot_be_taken_is_told_without_a_traceback(
    app: Flask, userkit: UserKit[User], address: str, password: str, words: str
) -> None:
    with app.app_context():
        userkit.users.create_user(email_address=["taken@example.com"])
    result = run(app, "create-user", address, "--password", password)
    assert result.exit_code == 1
    assert words in result.output
    assert "Traceback" not in result.output
    with app.app_context():
        assert userkit.users.get_user_list().total_count == 1


def test_a_secret_key_is_long_and_new_each_time(app: Flask) -> None:
    first, second = (run(app, "create-secret-key").output.strip() for _ in range(2))
    assert first != second
    assert min(len(first), len(second)) >= 64
    assert KeyRing(first).decrypt(KeyRing(first).encrypt("letter")) == "letter"


@pytest.mark.usefixtures("backend")
def test_an_upgrade_may_be_run_again(app: Flask) -> None:
    for _ in range(2):
        result = run(app, "db", "upgrade")
        assert (result.exit_code, result.output) == (0, "The database is up to date.\n")


@pytest.mark.usefixtures("backend")
def test_what_has_expired_is_deleted_and_counted(app: Flask, userkit: UserKit[User]) -> None:
    clock = Clock()
    with app.app_context():
        userkit.clock = clock
        user = userkit.users.create_user(email_address=["ada@example.com"])
        let_in(userkit, user.id)
    clock.tick(days=400)
    for deleted in (1, 0):
        result = run(app, "purge")
        assert result.exit_code == 0
        lines = [line.split(maxsplit=1) for line in result.output.splitlines()]
        counted = {name: int(number) for number, name in lines}
        assert counted.keys() == {kind.name for kind in KINDS}
        assert counted["expired sessions"] == counted["browsers"] == deleted
        assert counted["unfinished sign-ups"] == 0
    with app.app_context():
        assert userkit.users.get_user_list().total_count == 1


def test_every_command_has_a_line_of_help(app: Flask) -> None:
    names = ("db", "create-user", "worker", "purge", "create-secret-key")
    for arguments in ((), *((name,) for name in names)):
        result = run(app, *arguments, "--help")
        assert result.exit_code == 0
        assert result.output.startswith("Usage:")
