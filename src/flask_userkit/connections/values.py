"""JSON that a provider tells, which may be anything."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from .errors import ProviderUnavailable


def as_mapping(value: object) -> Mapping[str, t.Any]:
    """Return a JSON object.

    :raises ProviderUnavailable: it is something else.
    """
    if not isinstance(value, dict):
        raise ProviderUnavailable("userinfo")
    return t.cast("dict[str, t.Any]", value)


def as_list(value: object) -> list[t.Any]:
    """Return a JSON list.

    :raises ProviderUnavailable: it is something else.
    """
    if not is_list(value):
        raise ProviderUnavailable("userinfo")
    return value


def is_list(value: object) -> t.TypeGuard[list[t.Any]]:
    """Tell whether something is a JSON list."""
    return isinstance(value, list)


def value_in(value: object, *path: str) -> t.Any:
    """Return what stands in JSON objects that stand in one another, or None."""
    for name in path:
        value = t.cast("dict[str, t.Any]", value).get(name) if isinstance(value, dict) else None
    return value
