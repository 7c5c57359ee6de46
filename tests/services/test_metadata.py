"""Metadata is a JSON object of up to 8 KB that each database stores as it is (B56)."""

from __future__ import annotations

import json
import time
import typing as t

import pytest

from flask_userkit import UserKit
from flask_userkit.errors import FormError
from flask_userkit.models import User
from flask_userkit.services.kit import Kit
from flask_userkit.services.metadata import MAX_BYTES
from flask_userkit.services.metadata import clean_metadata
from flask_userkit.services.metadata import parse_metadata
from tests.services.support import count
from tests.services.support import refused

VALUE = "form_param_value_invalid"
SIZE = "form_param_exceeds_allowed_size"


def nested(depth: int, inside: t.Any = 1) -> dict[str, t.Any]:
    value = {"a": inside}
    for _ in range(depth - 1):
        value = {"a": value}
    return value


def of_size(size: int, character: str) -> dict[str, str]:
    """Return an object whose JSON has so many bytes, filled with a character."""
    room = size - len('{"a": ""}')
    width = len(character.encode())
    return {"a": character * (room // width) + "x" * (room % width)}


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("character", ["x", "é", "李", "😀", '"'])
def test_the_limit_counts_bytes(userkit: UserKit[User], kit: Kit, character: str) -> None:
    if character == '"':
        most = {"a": '"' * ((MAX_BYTES - len('{"a": ""}')) // 2)}
        more = {"a": most["a"] + "xx"}
    else:
        most, more = of_size(MAX_BYTES, character), of_size(MAX_BYTES + 1, character)
    user = userkit.users.create_user(username="ada_1815", unsafe_metadata=most)
    assert userkit.users.get_user(user.id).unsafe_metadata == most
    with refused(SIZE, "public_metadata"):
        userkit.users.create_user(username="bea_1815", public_metadata=more)
    assert count(kit, User) == 1


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize(
    "value",
    [
        {},
        {"": {"": []}},
        {"__proto__": {"x": 1}, "constructor": None, "$where": "1", "a.b": True},
        {"literal": "\\u0000", "quotes": "\"'\\", "html": "</script><b>", "lines": "a\r\nb\t"},
        {"numbers": [0, -1, 1.5, 5e-324, 2**53, 10**30], "yes": True, "no": False},
        {"emoji": "👨‍👩‍👧 \u202e \u200b", "ключ": "значение", "controls": "\x01\x1f\x7f"},
        nested(29),
        {"many": {str(n): n for n in range(700)}},
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_an_object_comes_back_as_it_was(userkit: UserKit[User], value: dict[str, t.Any]) -> None:
    user = userkit.users.create_user(
        username="ada_1815", public_metadata=value, private_metadata=value, unsafe_metadata=value
    )
    again = userkit.users.get_user(user.id)
    assert again.public_metadata == again.private_metadata == again.unsafe_metadata == value


@pytest.mark.parametrize(
    "value",
    [
        [],
        "text",
        1,
        True,
        {"a": "\0"},
        {"\0": "a"},
        {"a": [{"b": ["x\0y"]}]},
        {"a": "\ud800"},
        {"\udfff": "a"},
        {"a": float("nan")},
        {"a": [float("inf")]},
        {"a": -float("inf")},
        {"a": {1, 2}},
        {"a": b"bytes"},
        {"a": object()},
        {(1, 2): "a"},
        {"a": 10**5000},
        nested(32),
        nested(10_000),
        {"a": [[[[[]]]]] * 3, "b": nested(40)},
    ],
    ids=lambda value: ascii(type(value).__name__),
)
def test_what_is_no_json_or_no_database_takes_is_refused(value: object) -> None:
    with refused(VALUE, "unsafe_metadata"):
        clean_metadata(value, "unsafe_metadata")


def test_what_contains_itself_is_refused() -> None:
    loop: dict[str, t.Any] = {}
    loop["a"] = loop
    with refused(VALUE, "unsafe_metadata"):
        clean_metadata(loop, "unsafe_metadata")


def test_nothing_is_an_empty_object() -> None:
    assert clean_metadata(None, "unsafe_metadata") == {}
    assert parse_metadata("", "unsafe_metadata") == {}
    assert parse_metadata("{}", "unsafe_metadata") == {}


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "null1",
        "1",
        '"a"',
        "{",
        "{'a': 1}",
        '{"a": NaN}',
        '{"a": 1e999}',
        '{"a": Infinity}',
        '{"a": "\\u0000"}',
        '{"a": "\\ud800"}',
        "\0",
        "\ud800",
        "[" * 8000,
        '{"a":' * 3000,
        '{"a": ' + "9" * 5000 + "}",
    ],
    ids=lambda value: ascii(value)[:24],
)
def test_what_a_form_brings_is_judged_alike(text: str) -> None:
    with refused(VALUE, "unsafe_metadata"):
        parse_metadata(text, "unsafe_metadata")


@pytest.mark.parametrize("character", ["x", "😀"])
def test_a_form_may_escape_every_character(character: str) -> None:
    value = of_size(MAX_BYTES, character)
    assert parse_metadata(json.dumps(value), "unsafe_metadata") == value


@pytest.mark.parametrize(
    "text",
    ['{"a": "' + "x" * 10**6 + '"}', "[" * 10**6, json.dumps({str(n): n for n in range(10**5)})],
)
def test_a_megabyte_is_refused_at_once(text: str) -> None:
    begun = time.thread_time()
    with pytest.raises(FormError) as caught:
        parse_metadata(text, "unsafe_metadata")
    assert caught.value.code in (SIZE, VALUE)
    assert time.thread_time() - begun < 0.1
