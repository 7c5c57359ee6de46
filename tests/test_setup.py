"""An app that is not set up does not serve, and says what to write or to run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import traceback
import typing as t
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine

from flask_userkit import UserKit
from flask_userkit.delivery.mailbox import Mailbox
from flask_userkit.delivery.sms import SmsSender
from flask_userkit.delivery.sms import TextMessage
from flask_userkit.delivery.sms import TwilioSender
from flask_userkit.errors import SetupError
from tests.rig.artifacts import ROOT
from tests.rig.fixtures.databases import MakeDatabase
from tests.rig.host import close

SECRET = "sekret"
SHOP = """
from flask import Flask
from flask_userkit import UserKit
from flask_userkit.delivery.mailbox import Mailbox
from flask_userkit.delivery.sms import SmsSender
from flask_userkit.delivery.sms import TextMessage
from flask_userkit.delivery.sms import TwilioSender

app = Flask(__name__)
app.config.from_prefixed_env()
userkit = UserKit(app)
"""


def start(folder: Path, sms_sender: SmsSender | None = None, **changes: t.Any) -> Flask:
    """Set an app up as in production; ``None`` leaves a setting out."""
    settings = {
        "SECRET_KEY": "a key for tests",
        "USERKIT_BASE_URL": "https://example.com",
        "USERKIT_DATABASE_URL": f"sqlite:///{folder / 'new.sqlite3'}",
        "USERKIT_MAIL_URL": f"file://{folder / 'mail'}",
        **changes,
    }
    app = Flask("shop", instance_path=str(folder))
    app.config.update({name: value for name, value in settings.items() if value is not None})
    app.debug = bool(changes.get("DEBUG"))
    UserKit(app, sms_sender=sms_sender)
    return app


def refusal(folder: Path, **changes: t.Any) -> str:
    """Return the sentence of a refusal; no part of it and of its traceback is secret."""
    with pytest.raises(SetupError) as caught:
        start(folder, **changes)
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    return str(caught.value)


@pytest.fixture
def upgraded(database_url: str) -> dict[str, t.Any]:
    return {"USERKIT_DATABASE_URL": database_url}


@pytest.mark.parametrize("key", [None, "", b""])
def test_no_app_serves_without_a_secret_key(tmp_path: Path, key: object) -> None:
    for debug in (False, True):
        message = refusal(tmp_path, SECRET_KEY=key, DEBUG=debug)
        assert message.startswith("SECRET_KEY is not set.")
        assert "`flask userkit create-secret-key`" in message


@pytest.mark.parametrize("name", ["USERKIT_BASE_URL", "USERKIT_MAIL_URL"])
def test_production_needs_to_be_told(tmp_path: Path, upgraded: dict[str, t.Any], name: str) -> None:
    assert refusal(tmp_path, **upgraded, **{name: None}).startswith(f"{name} is not set")
    close(start(tmp_path, **upgraded))
    close(start(tmp_path, **upgraded, **{name: None}, DEBUG=True))


@pytest.mark.usefixtures("backend")
def test_production_refuses_a_database_that_is_not_up_to_date(
    tmp_path: Path, make_database: MakeDatabase
) -> None:
    url = make_database().url
    for statement in (None, "DELETE FROM userkit_alembic_version"):
        if statement:
            run(url, statement)
        message = refusal(tmp_path, USERKIT_DATABASE_URL=url)
        assert "`flask userkit db upgrade`" in message
        if not statement:
            close(start(tmp_path, USERKIT_DATABASE_URL=url, DEBUG=True))
            close(start(tmp_path, USERKIT_DATABASE_URL=url))


def run(url: str, statement: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "cannot be read"),
        ("nonsense", "cannot be read"),
        (f"postgresql:/ada:{SECRET}@host/shop", "cannot be read"),
        (f"postgresql://ada:x@{SECRET}:word@host/shop", "cannot be read"),
        (f"oracle://ada:{SECRET}@host/shop", "not on 'oracle'"),
        (f"postgres://ada:{SECRET}@host/shop", "not on 'postgres'"),
        (f"postgresql+nodriver://ada:{SECRET}@host/shop", "postgresql+nodriver"),
        (f"mysql+nodriver://ada:{SECRET}@host/shop", "mysql+nodriver"),
        (f"postgresql+psycopg_async://ada:{SECRET}@host/shop", "asynchronous"),
    ],
)
def test_an_address_of_no_database_is_refused_with_what_to_write(
    tmp_path: Path, url: str, words: str
) -> None:
    message = refusal(tmp_path, USERKIT_DATABASE_URL=url)
    assert words in message
    assert re.search(r"Write \w+://", message)


@pytest.mark.parametrize(
    ("scheme", "module", "extra"),
    [
        ("postgresql", "psycopg", "postgresql"),
        ("postgresql+psycopg2", "psycopg2", "postgresql"),
        ("mariadb", "pymysql", "mariadb"),
        ("mysql+mysqldb", "MySQLdb", "mariadb"),
    ],
)
def test_a_driver_that_is_missing_is_told_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str, module: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    message = refusal(tmp_path, USERKIT_DATABASE_URL=f"{scheme}://ada:{SECRET}@host/shop")
    assert module in message
    assert f"`pip install 'flask-userkit[{extra}]'`" in message
    extras = (ROOT / "pyproject.toml").read_text("utf-8")
    assert f"\n{extra} = [" in extras


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("SMS_URL", f"tiwlio://AC1:{SECRET}@host?from=1"),
        ("SMS_URL", f"twilio://AC1:{SECRET}@host"),
        ("SMS_URL", f"twilio://AC1:x@y:{SECRET}?from=1"),
        ("MAIL_URL", f"smpt://ada:{SECRET}@host"),
        ("MAIL_URL", f"smtp://ada:x@y:{SECRET}"),
        ("MAIL_URL", f"smtp://ada:{SECRET}@[host"),
        ("RATE_LIMIT_STORAGE_URL", f"redsi://:{SECRET}@host"),
        ("RATE_LIMIT_STORAGE_URL", f"redis://:x@y:{SECRET}/0"),
    ],
)
def test_no_other_address_that_is_refused_tells_its_password(
    tmp_path: Path, upgraded: dict[str, t.Any], name: str, url: str
) -> None:
    phone_number = "optional" if name == "SMS_URL" else "off"
    settings = {"USERKIT_PHONE_NUMBER": phone_number, f"USERKIT_{name}": url}
    message = refusal(tmp_path, **upgraded, **settings)
    assert re.match(rf"USERKIT_{name} is (smtp|redis|twilio)://", message)


class Carrier:
    """Something of an app's own that takes text messages."""

    def __init__(self) -> None:
        self.taken: list[TextMessage] = []

    def send(self, message: TextMessage) -> None:
        self.taken.append(message)


def sms_sender(folder: Path, given: Carrier | None = None, **settings: t.Any) -> object:
    """Return what sends the texts of an app."""
    app = start(folder, **settings, sms_sender=given)
    sender = app.extensions["userkit.kit"].sms_sender
    close(app)
    return sender


def test_an_app_with_phone_numbers_needs_something_that_sends_texts(
    tmp_path: Path, upgraded: dict[str, t.Any]
) -> None:
    assert sms_sender(tmp_path, **upgraded) is None
    on = {**upgraded, "USERKIT_PHONE_NUMBER": "optional"}
    message = refusal(tmp_path, **on)
    assert message.startswith("USERKIT_SMS_URL is not set, so nobody would get a code")
    url = re.search(r"twilio://\S+?(?=,)", message)
    assert url is not None
    by_url = {**on, "USERKIT_SMS_URL": url[0]}
    carrier = Carrier()
    assert isinstance(sms_sender(tmp_path, **by_url), TwilioSender)
    assert sms_sender(tmp_path, carrier, **on) is carrier
    assert sms_sender(tmp_path, carrier, **by_url) is carrier
    assert isinstance(sms_sender(tmp_path, **on, DEBUG=True), Mailbox)
    assert isinstance(sms_sender(tmp_path, **by_url, DEBUG=True), TwilioSender)


def test_a_command_runs_before_there_is_something_that_sends_texts(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.environment |= {"FLASK_SECRET_KEY": "x", "FLASK_USERKIT_PHONE_NUMBER": "required"}
    assert shell.flask("routes")[0] == 0


def test_a_wrong_setting_is_refused_at_the_start(tmp_path: Path) -> None:
    assert "USERKIT_PASSWORD" in refusal(tmp_path, USERKIT_PASSWORT="off")
    assert "USERKIT_SIGN_UP is 'no'" in refusal(tmp_path, USERKIT_SIGN_UP="no", DEBUG=True)


class Shell:
    """A person at the command line, in the folder of an app, with an environment."""

    def __init__(self, folder: Path) -> None:
        (folder / "shop.py").write_text(SHOP, "utf-8")
        self._folder = folder
        kept = {name: value for name, value in os.environ.items() if "FLASK" not in name}
        self.environment = kept

    def flask(self, *arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "shop", *arguments],
            cwd=self._folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stdout or done.stderr.strip().splitlines()[-1]

    def refused(self) -> str:
        """Start the server, which refuses, and return what it says."""
        code, told = self.flask("run", "--port", "0")
        assert code != 0, told
        return told


def test_who_does_what_each_refusal_says_ends_with_an_app_that_serves(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    told = shell.refused()
    assert "SECRET_KEY is not set" in told
    code, key = shell.flask(*command_in(told))
    assert code == 0
    shell.environment["FLASK_SECRET_KEY"] = key.strip()

    told = shell.refused()
    assert "USERKIT_MAIL_URL is not set" in told
    shell.environment["FLASK_USERKIT_MAIL_URL"] = f"file://{tmp_path}/mail"

    told = shell.refused()
    assert "USERKIT_BASE_URL is not set" in told
    shell.environment["FLASK_USERKIT_BASE_URL"] = "https://example.com"

    told = shell.refused()
    assert "not up to date" in told
    assert shell.flask(*command_in(told)) == (0, "The database is up to date.\n")
    close(start(tmp_path / "instance", USERKIT_DATABASE_URL=None))


def command_in(told: str) -> list[str]:
    command = re.search(r"`flask (.*?)`", told)
    assert command is not None
    return command[1].split()


def test_commands_run_before_production_is_set_up(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.environment["FLASK_SECRET_KEY"] = "a key for tests"
    code, told = shell.flask("routes")
    assert code == 0
    assert "userkit.sign_in" in told


def test_a_command_that_needs_the_database_says_what_is_wrong_with_its_address(
    tmp_path: Path,
) -> None:
    shell = Shell(tmp_path)
    shell.environment |= {"FLASK_SECRET_KEY": "x", "FLASK_USERKIT_DATABASE_URL": "nonsense"}
    code, told = shell.flask("userkit", "db", "upgrade")
    assert code == 1
    assert told.startswith("Error: USERKIT_DATABASE_URL cannot be read. Write ")
