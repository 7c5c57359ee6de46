"""Metadata: JSON objects of an app's own, with a limit on their size."""

from __future__ import annotations

import json
import typing as t
from collections.abc import Mapping

from ..errors import FormError
from ..translations import gettext as _

MAX_BYTES = 8192
MAX_DEPTH = 30


def parse_metadata(text: str, param: str) -> dict[str, t.Any]:
    """Return the metadata that a form brings as JSON.

    :raises FormError: as ``clean_metadata``.
    """
    # A form may escape each character of a text, which makes it longer than it is.
    if len(text) > 6 * MAX_BYTES:
        raise _too_large(param)
    try:
        value = json.loads(text or "{}")
    except (ValueError, RecursionError) as error:
        raise _not_an_object(param) from error
    return clean_metadata(value, param)


def clean_metadata(value: object, param: str) -> dict[str, t.Any]:
    """Return metadata as it is stored.

    :raises FormError: ``form_param_value_invalid``: not a JSON object, or a text that no
        database takes; ``form_param_exceeds_allowed_size``: over 8 KB.
    """
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise _not_an_object(param)
    try:
        values = dict(t.cast("Mapping[str, t.Any]", value))
        _check_values(values)
        text = json.dumps(values, allow_nan=False, ensure_ascii=False)
        size = len(text.encode())
    except (TypeError, ValueError, RecursionError) as error:
        raise _not_an_object(param) from error
    if size > MAX_BYTES:
        raise _too_large(param)
    return values


def _check_values(values: object) -> None:
    # PostgreSQL stores no NUL in JSON, and MariaDB no document of more than 31 levels.
    level: list[object] = [values]
    for _depth in range(MAX_DEPTH):
        found, level = level, []
        for value in found:
            if isinstance(value, Mapping):
                pairs = t.cast("Mapping[object, object]", value)
                level += [*pairs.keys(), *pairs.values()]
            elif isinstance(value, list | tuple):
                level += t.cast("list[object]", value)
            elif isinstance(value, str) and "\0" in value:
                raise ValueError("NUL")
        if not level:
            return
    raise ValueError("depth")


def _not_an_object(param: str) -> FormError:
    return FormError(_("Metadata is a JSON object."), param=param)


def _too_large(param: str) -> FormError:
    return FormError(
        _("Metadata has up to %(maximum)s bytes.", maximum=MAX_BYTES),
        code="form_param_exceeds_allowed_size",
        param=param,
    )
