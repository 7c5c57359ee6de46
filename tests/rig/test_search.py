"""The search at the end finds what it is meant to, and cries wolf at nothing."""

from __future__ import annotations

import base64
import hashlib
import json
from urllib.parse import quote

import pytest

from tests.rig.recorder import Kind
from tests.rig.search import Secrets

CODE = "482913"
PASSWORD = 'wrench "ä" & 100% staple'
TOKEN = "kZ3v-8Qp_x91LmT0aWcD4w"


def hits(text: str) -> int:
    secrets: list[tuple[Kind, str]] = [("code", CODE), ("password", PASSWORD), ("token", TOKEN)]
    return len(list(Secrets(secrets).found_in(text)))


@pytest.mark.parametrize(
    "text",
    [
        f"userkit_verification\tcode={CODE}\n",
        "Your code is 482 913.",
        "code=482-913&next=/",
        f'{{"code": "{CODE}"}}',
        f"sent {CODE}",
        CODE.encode().hex(),
        hashlib.sha256(CODE.encode()).hexdigest(),
        base64.b64encode(hashlib.sha1(CODE.encode(), usedforsecurity=False).digest()).decode(),
        f"password={PASSWORD}",
        f"password={quote(PASSWORD)}",
        json.dumps({"password": PASSWORD}),
        base64.b64encode(PASSWORD.encode()).decode(),
        hashlib.sha256(PASSWORD.encode()).hexdigest(),
        f"GET /?ticket={TOKEN} HTTP/1.1",
        f"prefix{TOKEN}suffix",
    ],
)
def test_a_secret_is_found(text: str) -> None:
    assert hits(f"before {text} after") >= 1


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-02 03:04:05.482913+00:00",
        "[482913] [INFO] Booting worker with pid: 482913",
        "127.0.0.1:482913",
        '"GET / HTTP/1.1" 200 482913 "-"',
        '"POST / HTTP/1.1" 482 913 "-"',
        "user_482913abc a482913 4829130 0.482913",
        hashlib.sha256(TOKEN.encode()).hexdigest(),
        f"{TOKEN[:-1]}!",
    ],
)
def test_what_only_looks_like_a_secret_is_let_through(text: str) -> None:
    assert hits(f"before {text} after") == 0


def test_a_filling_is_no_secret() -> None:
    filling = Secrets([("password", "x" * 2000)])
    assert list(filling.found_in("x" * 4000)) == []
