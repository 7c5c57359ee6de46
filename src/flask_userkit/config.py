"""Every setting of the kit: its type, its default and one sentence."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import fields
from difflib import get_close_matches
from ipaddress import ip_address
from urllib.parse import SplitResult
from urllib.parse import urlsplit

from .errors import SetupError

PREFIX = "USERKIT_"
Requirement = t.Literal["required", "optional", "off"]
NameRequirement = t.Literal["required", "optional", "locked", "off"]


def _setting(default: t.Any, help: str) -> t.Any:
    return field(default=default, metadata={"help": help})


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The settings of one app, read once; ``USERKIT_`` before each name, in capitals."""

    database_url: str | None = _setting(
        None, "Database of the kit; unset: SQLite in the instance folder, or the app's own."
    )
    base_url: str | None = _setting(
        None, "Public address of the app, such as https://example.com; needed outside debug."
    )
    app_name: str | None = _setting(None, "Name of the app in pages and mail; unset: Flask's name.")
    url_prefix: str = _setting("/account", "Where the kit's pages live.")
    after_sign_in_url: str = _setting("/", "Where sign-in leads when no `next` was asked for.")
    after_sign_up_url: str = _setting("/", "Where sign-up leads when no `next` was asked for.")
    after_sign_out_url: str = _setting("/", "Where sign-out leads.")
    mail_url: str | None = _setting(
        None, "smtp://user:password@host:587, smtps://… or file:///folder; needed outside debug."
    )
    mail_from: str | None = _setting(
        None, "Sender of mail; unset: no-reply at the base URL's host."
    )
    outbox: t.Literal["thread", "worker"] = _setting(
        "thread", "Who sends mail: a thread of each web process, or `flask userkit worker`."
    )
    notices: bool = _setting(
        True, "Whether people are told by mail of what they change about their account."
    )
    password: Requirement = _setting("required", "Whether people have passwords.")
    password_min_length: int = _setting(8, "Shortest password, in characters; NIST asks for 15.")
    password_hash: t.Literal["default", "fast"] = _setting(
        "default", "Cost of argon2id; `fast` is for tests alone."
    )
    password_breach_check: bool = _setting(
        False, "Whether new passwords are looked up at Have I Been Pwned, by a part of their hash."
    )
    username: NameRequirement = _setting(
        "off", "Whether people have usernames; `locked`: the app alone gives them."
    )
    username_reserved: list[str] | None = _setting(
        None, "Usernames for nobody, besides `admin`, `support`, the app's name and the like."
    )
    email_address: NameRequirement = _setting(
        "required", "Whether an account keeps an email address; `locked`: the app alone adds them."
    )
    email_address_limit: int = _setting(10, "How many email addresses an account may have.")
    email_verification: t.Literal["code", "link"] = _setting(
        "code", "What proves an address that is added: a code to type, or a link to open."
    )
    email_blocked_domains: list[str] | None = _setting(
        None, "Domains whose addresses people cannot use, with all below them."
    )
    email_subaddresses: bool = _setting(
        True, "Whether people may use addresses such as name+tag@example.com."
    )
    phone_number: NameRequirement = _setting(
        "off", "Whether an account has phone numbers; `locked`: the app alone adds them."
    )
    phone_number_limit: int = _setting(5, "How many phone numbers an account may have.")
    phone_number_countries: list[str] | None = _setting(
        None, "Countries whose numbers people can use, such as ['DE', 'AT']; unset: all."
    )
    phone_code_sign_in: bool = _setting(
        True, "Whether a code by text message signs in, where accounts have phone numbers."
    )
    sms_url: str | None = _setting(
        None, "twilio://account:token@api.twilio.com?from=%2B15005550006, or file:///folder."
    )
    first_name: NameRequirement = _setting(
        "optional", "Whether people have a first name; `locked`: the app alone changes it."
    )
    last_name: NameRequirement = _setting(
        "optional", "Whether people have a last name; `locked`: the app alone changes it."
    )
    avatars: bool = _setting(True, "Whether people set a picture of their own; the app always may.")
    email_code_sign_in: bool = _setting(True, "Whether a code by email signs in.")
    connections: dict[str, t.Any] | None = _setting(
        None, "Providers that people sign in with, such as {'google': {'client_id': …}}."
    )
    sign_up: bool = _setting(True, "Whether anybody may create an account.")
    delete_self: bool = _setting(
        True, "Whether people delete their accounts by themselves, unless a user may not."
    )
    session_lifetime: int = _setting(7 * 86400, "Seconds after which a session ends at the latest.")
    session_idle_timeout: int = _setting(
        0, "Seconds without a request that end a session; 0: never."
    )
    event_lifetime: int = _setting(
        90 * 86400, "Seconds after which `flask userkit purge` deletes events; 0: never."
    )
    rate_limits: dict[str, str] | None = _setting(
        None, "Limits by purpose that replace the defaults, such as {'sign_in:ip': '60/minute'}."
    )
    rate_limit_storage_url: str | None = _setting(
        None, "redis://… to count in Redis; unset: in the kit's database."
    )
    locales: list[str] | None = _setting(
        None, "Languages on offer; unset: all that are translated."
    )

    @property
    def code_sign_in(self) -> bool:
        """Whether codes of some kind sign in."""
        return self.email_code_sign_in or self.phone_numbers_sign_in

    @property
    def form_sign_in(self) -> bool:
        """Whether something can be typed to sign in, or people come by providers alone."""
        return self.password != "off" or self.code_sign_in

    @property
    def phone_numbers_sign_in(self) -> bool:
        """Whether a code by text message signs in."""
        return self.phone_number != "off" and self.phone_code_sign_in

    @property
    def secure(self) -> bool:
        """Whether the app is served over https, by setting and never by the request."""
        return (self.base_url or "").lower().startswith("https://")


_TYPES = t.get_type_hints(Config)
NAMES = tuple(item.name for item in fields(Config))


def load_config(values: Mapping[str, t.Any]) -> Config:
    """Read the settings out of an app's configuration.

    :raises SetupError: an unknown name (with the nearest known one), or a wrong value.
    """
    settings: dict[str, t.Any] = {}
    for key, value in values.items():
        if not key.startswith(PREFIX):
            continue
        name = key.removeprefix(PREFIX).lower()
        if name not in NAMES:
            near = get_close_matches(name, NAMES, n=1)
            hint = f" Did you mean {PREFIX}{near[0].upper()}?" if near else ""
            raise SetupError(f"{key} is not a setting of flask-userkit.{hint}")
        settings[name] = _coerce(key, value, _TYPES[name])
    config = Config(**settings)
    _check(config)
    return config


def _coerce(key: str, value: t.Any, wanted: t.Any) -> t.Any:
    options = t.get_args(wanted) if t.get_origin(wanted) is not t.Literal else ()
    optional = type(None) in options
    if optional:
        if value is None:
            return None
        wanted = next(option for option in options if option is not type(None))
    if t.get_origin(wanted) is t.Literal:
        allowed = t.get_args(wanted)
        if value in allowed:
            return value
        raise SetupError(f"{key} is {value!r}; it takes one of {', '.join(map(repr, allowed))}.")
    plain = t.get_origin(wanted) or wanted
    # An environment variable such as FLASK_USERKIT_APP_NAME=123 arrives as a number.
    if plain is str and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if plain is bool and isinstance(value, int) and value in (0, 1):
        return bool(value)
    if plain is list and isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if isinstance(value, plain) and not (plain is int and isinstance(value, bool)):
        return value
    raise SetupError(f"{key} is {value!r}; it takes {plain.__name__}.")


def _check(config: Config) -> None:
    if not config.url_prefix.startswith("/") or config.url_prefix.endswith("/"):
        raise SetupError("USERKIT_URL_PREFIX starts with a slash and does not end with one.")
    if not 8 <= config.password_min_length <= 64:
        raise SetupError("USERKIT_PASSWORD_MIN_LENGTH lies between 8 and 64.")
    if config.session_lifetime < 60 or config.session_idle_timeout < 0:
        raise SetupError(
            "USERKIT_SESSION_LIFETIME is 60 or more, USERKIT_SESSION_IDLE_TIMEOUT 0 or more."
        )
    phones = config.phone_number in ("required", "optional")
    if config.event_lifetime < 0:
        raise SetupError("USERKIT_EVENT_LIFETIME is 0 or more.")
    if config.email_address == "off" and not phones and config.sign_up:
        raise SetupError(
            "USERKIT_EMAIL_ADDRESS is 'off', but people sign up by email; set USERKIT_SIGN_UP to "
            "False, USERKIT_EMAIL_ADDRESS to 'locked', or USERKIT_PHONE_NUMBER to 'required'."
        )
    if config.email_address_limit < 1:
        raise SetupError("USERKIT_EMAIL_ADDRESS_LIMIT is 1 or more.")
    for domain in config.email_blocked_domains or ():
        if not domain.strip(" .*@") or set(domain) & set("/:\\ \t\r\n") or "@" in domain[1:]:
            raise SetupError(
                f"USERKIT_EMAIL_BLOCKED_DOMAINS has {domain!r}; a domain is like example.com."
            )
    _check_phone_numbers(config)
    if not config.form_sign_in and not config.connections:
        raise SetupError(
            "USERKIT_PASSWORD and USERKIT_EMAIL_CODE_SIGN_IN are both off, no code by text "
            "message signs in, and USERKIT_CONNECTIONS is empty: nobody could sign in."
        )
    for name in ("after_sign_in_url", "after_sign_up_url", "after_sign_out_url"):
        if not getattr(config, name):
            raise SetupError(f"{PREFIX}{name.upper()} is empty; use '/' for the home page.")
    if config.base_url is not None:
        _check_base_url(config.base_url)


def _check_phone_numbers(config: Config) -> None:
    if config.phone_number_limit < 1:
        raise SetupError("USERKIT_PHONE_NUMBER_LIMIT is 1 or more.")
    if config.phone_number_countries is None:
        return
    if not config.phone_number_countries:
        raise SetupError("USERKIT_PHONE_NUMBER_COUNTRIES is empty; leave it out to take all.")
    # It is large, and most apps name no country.
    from phonenumbers import SUPPORTED_REGIONS

    for country in config.phone_number_countries:
        if country not in SUPPORTED_REGIONS:
            raise SetupError(
                f"USERKIT_PHONE_NUMBER_COUNTRIES has {country!r}; a country is two capital "
                "letters, such as DE (ISO 3166-1)."
            )


def _check_base_url(base_url: str) -> None:
    parts = _origin(base_url)
    if parts is None:
        raise SetupError("USERKIT_BASE_URL is a scheme and a host, such as https://example.com.")
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise SetupError(
            "USERKIT_BASE_URL is http:// on a public host; cookies would travel in the open. Use https://."
        )


def _origin(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        complete = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        return None
    more = (parts.path.removesuffix("/"), parts.query, parts.fragment, parts.username)
    return parts if complete and not any(more) else None


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
