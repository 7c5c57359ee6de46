"""Providers that people sign in with: ready descriptions, and an app's own."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import fields
from difflib import get_close_matches
from inspect import signature

from ..errors import SetupError
from . import apple
from . import discord
from . import facebook
from . import github
from . import gitlab
from . import google
from . import linkedin
from . import microsoft
from .connection import Connection

#: By name, what tells all that is known of a provider, from what it needs of its own.
READY: t.Final[Mapping[str, Callable[..., Mapping[str, t.Any]]]] = {
    "apple": apple.describe,
    "discord": discord.describe,
    "facebook": facebook.describe,
    "github": github.describe,
    "gitlab": gitlab.describe,
    "google": google.describe,
    "linkedin": linkedin.describe,
    "microsoft": microsoft.describe,
}
_MAPPINGS = ("authorize_params", "claims")
_FLAGS = tuple(item.name for item in fields(Connection) if item.type == "bool")
_HOOKS = ("client_secret_of", "read_profile", "is_issuer")


def connection_of(name: str, settings: object) -> Connection:
    """Return a connection from an app's settings of it.

    :raises SetupError: what is missing, unknown or wrong.
    """
    if not isinstance(settings, Mapping):
        raise SetupError(f"{_place(name)} is not a mapping of settings.")
    given = t.cast("Mapping[str, t.Any]", settings)
    describe = READY.get(name)
    own = list(signature(describe).parameters) if describe else []
    known = [item.name for item in fields(Connection) if item.name != "name"]
    for key, value in given.items():
        if key not in known and key not in own:
            near = get_close_matches(key, [*known, *own], n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise SetupError(f"{_place(name)} has no setting {key!r}.{hint}")
        _check(name, key, value)
    needed = {key: value for key, value in given.items() if key in own}
    values: dict[str, t.Any] = {
        "label": name.replace("_", " ").title(),
        "client_id": "",
        **(describe(**needed) if describe else {"scopes": ("openid", "email", "profile")}),
        **{key: value for key, value in given.items() if key in known},
    }
    scopes = values.get("scopes", ())
    values["scopes"] = tuple(scopes.split() if isinstance(scopes, str) else scopes)
    return Connection(name=name, **values)


def _check(name: str, key: str, value: object) -> None:
    # Without the value, which may be a secret.
    if not _fits(key, value):
        raise SetupError(f"{_place(name)}[{key!r}] is of the wrong type.")


def _fits(key: str, value: object) -> bool:
    if key in _FLAGS:
        return isinstance(value, bool)
    if key in _HOOKS:
        return callable(value)
    if key in _MAPPINGS:
        return _is_mapping(value) and _are_texts([*value, *value.values()])
    if key == "scopes":
        return isinstance(value, str) or (_is_sequence(value) and _are_texts(value))
    return isinstance(value, str) or (key == "email_verified_claim" and value is None)


def _is_mapping(value: object) -> t.TypeGuard[Mapping[t.Any, t.Any]]:
    return isinstance(value, Mapping)


def _is_sequence(value: object) -> t.TypeGuard[Sequence[t.Any]]:
    return isinstance(value, list | tuple)


def _are_texts(values: Sequence[object]) -> bool:
    return all(isinstance(each, str) for each in values)


def _place(name: str) -> str:
    return f"USERKIT_CONNECTIONS[{name!r}]"
