"""Tokens cannot be guessed, and what is stored of one is not the token."""

from __future__ import annotations

import base64
import hashlib

import pytest

from flask_userkit.security.tokens import is_token
from flask_userkit.security.tokens import new_token
from flask_userkit.security.tokens import token_digest


def test_a_token_has_256_random_bits() -> None:
    tokens = {new_token() for _ in range(1000)}
    raw = [base64.urlsafe_b64decode(token + "=") for token in tokens]
    assert len(tokens) == 1000
    assert {len(value) for value in raw} == {32}
    # Each of the 256 bits is set in half of them, within six standard deviations.
    for bit in range(256):
        ones = sum(value[bit // 8] >> (bit % 8) & 1 for value in raw)
        assert 405 < ones < 595


def test_only_the_sha256_of_a_token_is_stored() -> None:
    token = new_token()
    assert token_digest(token) == hashlib.sha256(token.encode()).digest()


def test_every_token_has_the_form_of_one() -> None:
    assert all(is_token(new_token()) for _ in range(100))


@pytest.mark.parametrize(
    "value",
    [
        "",
        "a" * 42,
        "a" * 44,
        "a" * 42 + "=",
        "a" * 42 + "\n",
        "a" * 43 + "\n",
        "é" * 43,
        "a" * 42 + " ",
        "\u0660" * 43,
        "a" * 1_000_000,
        "\x00" * 43,
        "\ud800" * 43,
    ],
)
def test_what_no_token_looks_like_is_not_looked_up(value: str) -> None:
    assert not is_token(value)
