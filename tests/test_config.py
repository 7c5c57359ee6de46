"""A setting is taken as it was meant, or refused by its name."""

from __future__ import annotations

import typing as t

import pytest
from flask import Flask

from flask_userkit.config import NAMES
from flask_userkit.config import Config
from flask_userkit.config import is_loopback
from flask_userkit.config import load_config
from flask_userkit.errors import SetupError


def load(**settings: t.Any) -> Config:
    return load_config({f"USERKIT_{name}": value for name, value in settings.items()})


def from_environment(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Config:
    for name, value in variables.items():
        monkeypatch.setenv(f"FLASK_USERKIT_{name}", value)
    app = Flask(__name__)
    app.config.from_prefixed_env()
    return load_config(app.config)


def test_settings_of_others_are_left_alone() -> None:
    assert load_config({"SECRET_KEY": "x", "SQLALCHEMY_ECHO": True, "userkit_x": 1}) == Config()


def test_there_are_few_enough_to_be_known() -> None:
    assert len(NAMES) <= 60


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("BASEURL", "USERKIT_BASE_URL"),
        ("PASSWORD_LENGTH", "USERKIT_PASSWORD_MIN_LENGTH"),
        ("MAIL_URI", "USERKIT_MAIL_URL"),
        ("SIGNUP", "USERKIT_SIGN_UP"),
    ],
)
def test_an_unknown_name_is_told_with_the_nearest_one(name: str, meant: str) -> None:
    with pytest.raises(SetupError, match=f"USERKIT_{name} is not a setting.*{meant}"):
        load(**{name: "x"})


def test_a_name_that_is_near_to_none_is_told_alone() -> None:
    with pytest.raises(SetupError, match="USERKIT_QQQQ is not a setting of flask-userkit"):
        load(QQQQ="x")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BASE_URL", True),
        ("APP_NAME", ["Shelf"]),
        ("PASSWORD", "sometimes"),
        ("PASSWORD", True),
        ("OUTBOX", "cron"),
        ("USERNAME", None),
        ("PASSWORD_MIN_LENGTH", "12"),
        ("PASSWORD_MIN_LENGTH", True),
        ("PASSWORD_MIN_LENGTH", 12.0),
        ("PASSWORD_MIN_LENGTH", None),
        ("SIGN_UP", "no"),
        ("SIGN_UP", 2),
        ("SIGN_UP", None),
        ("RATE_LIMITS", "5/minute"),
        ("LOCALES", 5),
        ("URL_PREFIX", None),
    ],
    ids=repr,
)
def test_a_value_of_another_kind_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(SetupError, match=f"USERKIT_{name} is "):
        load(**{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("URL_PREFIX", "account"),
        ("URL_PREFIX", "/account/"),
        ("URL_PREFIX", "/"),
        ("PASSWORD_MIN_LENGTH", 7),
        ("PASSWORD_MIN_LENGTH", 65),
        ("SESSION_LIFETIME", 59),
        ("EMAIL_ADDRESS_LIMIT", 0),
        ("EMAIL_BLOCKED_DOMAINS", ["ada@example.com"]),
        ("EMAIL_BLOCKED_DOMAINS", ["https://example.com"]),
        ("EMAIL_BLOCKED_DOMAINS", ["example.com example.org"]),
        ("EMAIL_BLOCKED_DOMAINS", ["*."]),
        ("EMAIL_BLOCKED_DOMAINS", [""]),
        ("EMAIL_ADDRESS", "off"),
        ("PHONE_NUMBER_LIMIT", 0),
        ("PHONE_NUMBER_COUNTRIES", []),
        ("PHONE_NUMBER_COUNTRIES", ["DE", "XX"]),
        ("PHONE_NUMBER_COUNTRIES", ["de"]),
        ("PHONE_NUMBER_COUNTRIES", ["Germany"]),
        ("PHONE_NUMBER_COUNTRIES", ["001"]),
        ("PHONE_NUMBER_COUNTRIES", [""]),
        ("SESSION_IDLE_TIMEOUT", -1),
        ("AFTER_SIGN_IN_URL", ""),
        ("BASE_URL", "example.com"),
        ("BASE_URL", "ftp://example.com"),
        ("BASE_URL", "https://"),
        ("BASE_URL", "https://example.com/app"),
        ("BASE_URL", "https://example.com?app"),
        ("BASE_URL", "https://ada@example.com"),
        ("BASE_URL", "https://example.com:port"),
        ("BASE_URL", "https://[example.com"),
        ("BASE_URL", "http://example.com"),
    ],
    ids=repr,
)
def test_a_value_that_cannot_work_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(SetupError, match=f"USERKIT_{name}"):
        load(**{name: value})


def test_nobody_could_sign_in_without_any_way_to() -> None:
    with pytest.raises(SetupError, match="nobody could sign in"):
        load(PASSWORD="off", EMAIL_CODE_SIGN_IN=False)
    assert load(PASSWORD="off").password == "off"


def test_codes_by_text_message_are_a_way_to_sign_in_where_there_are_phone_numbers() -> None:
    others = {"PASSWORD": "off", "EMAIL_CODE_SIGN_IN": False}
    for phone_number in ("required", "optional", "locked"):
        assert load(**others, PHONE_NUMBER=phone_number).password == "off"
        with pytest.raises(SetupError, match="nobody could sign in"):
            load(**others, PHONE_NUMBER=phone_number, PHONE_CODE_SIGN_IN=False)
    with pytest.raises(SetupError, match="nobody could sign in"):
        load(**others, PHONE_NUMBER="off")


def test_addresses_are_off_only_where_nobody_signs_up_by_them() -> None:
    assert load(EMAIL_ADDRESS="off", SIGN_UP=False).email_address == "off"
    assert load(EMAIL_ADDRESS="locked").email_address == "locked"


def test_people_may_sign_up_by_phone_alone() -> None:
    for phone_number in ("required", "optional"):
        assert load(EMAIL_ADDRESS="off", PHONE_NUMBER=phone_number).sign_up
    for phone_number in ("locked", "off"):
        with pytest.raises(SetupError, match="USERKIT_EMAIL_ADDRESS is 'off'"):
            load(EMAIL_ADDRESS="off", PHONE_NUMBER=phone_number)


def test_domains_are_taken_as_people_write_them() -> None:
    domains = ["example.com", "@example.org", "*.example.net", "bücher.de", "ru"]
    assert load(EMAIL_BLOCKED_DOMAINS=domains).email_blocked_domains == domains


def test_the_environment_can_say_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    config = from_environment(
        monkeypatch,
        APP_NAME="123",
        BASE_URL="https://example.com",
        DATABASE_URL="postgresql+psycopg://localhost/app",
        EMAIL_CODE_SIGN_IN="false",
        LOCALES="en, de",
        PASSWORD_MIN_LENGTH="15",
        PHONE_NUMBER_COUNTRIES="DE, AT",
        RATE_LIMITS='{"sign_in:ip": "60/minute"}',
        SIGN_UP="0",
        URL_PREFIX="/me",
        USERNAME="locked",
        USERNAME_RESERVED="paypal, mascot",
    )
    assert config == Config(
        app_name="123",
        base_url="https://example.com",
        database_url="postgresql+psycopg://localhost/app",
        email_code_sign_in=False,
        locales=["en", "de"],
        password_min_length=15,
        phone_number_countries=["DE", "AT"],
        rate_limits={"sign_in:ip": "60/minute"},
        sign_up=False,
        url_prefix="/me",
        username="locked",
        username_reserved=["paypal", "mascot"],
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [("PASSWORD_MIN_LENGTH", "fifteen"), ("SIGN_UP", "nope"), ("PASSWORD", "5")],
)
def test_a_variable_that_is_not_understood_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    with pytest.raises(SetupError, match=f"USERKIT_{name} is "):
        from_environment(monkeypatch, **{name: text})


@pytest.mark.parametrize(
    ("base_url", "secure"),
    [
        ("https://example.com", True),
        ("HTTPS://EXAMPLE.COM", True),
        ("http://localhost:5000", False),
    ],
)
def test_cookies_are_secure_where_the_base_url_is(base_url: str, secure: bool) -> None:
    assert load(BASE_URL=base_url).secure is secure
    assert not load().secure


@pytest.mark.parametrize("host", ["localhost", "a.localhost", "127.0.0.1", "127.1.2.3", "::1"])
def test_this_machine_is_known_by_its_names(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "example.com", "localhost.example.com", "10.0.0.1"])
def test_no_other_machine_is(host: str) -> None:
    assert not is_loopback(host)
