"""Cookies as a browser keeps them, and copies of them as a thief would."""

from __future__ import annotations

import typing as t

import httpx
from flask.testing import FlaskClient

from tests.rig.clients import Client
from tests.rig.visitor import Visitor

NAME = "userkit"


class SetCookie(t.NamedTuple):
    """One Set-Cookie header, taken apart; attributes without a value are empty."""

    name: str
    value: str
    attributes: dict[str, str]


def parse(header: str) -> SetCookie:
    """Take a Set-Cookie header apart."""
    first, *rest = header.split(";")
    name, _, value = first.strip().partition("=")
    attributes = {}
    for part in rest:
        key, _, content = part.strip().partition("=")
        attributes[key.lower()] = content
    return SetCookie(name, value, attributes)


def in_process(visitor: Visitor) -> FlaskClient:
    """Return the client of somebody whose app runs in this process."""
    assert isinstance(visitor.client, FlaskClient)
    return visitor.client


def forget(visitor: Visitor, name: str = NAME) -> None:
    """Take a cookie away from a browser."""
    in_process(visitor).delete_cookie(name)


def plant(visitor: Visitor, value: str, name: str = NAME) -> None:
    """Put a cookie into a browser, as whoever sits beside it can."""
    in_process(visitor).set_cookie(name, value)


def token_of(client: Client | Visitor, name: str = NAME) -> str | None:
    """Return what a browser keeps under the name of the kit's cookie."""
    if isinstance(client, Visitor):
        client = client.client
    if isinstance(client, FlaskClient):
        cookie = client.get_cookie(name)
        return cookie.value if cookie else None
    return client.cookies.get(name)


def user_with(client: Client, token: str | None, name: str = NAME) -> str | None:
    """Return who a program is that sends this token and nothing else."""
    headers = {"Cookie": f"{name}={token}"} if token else {}
    if isinstance(client, httpx.Client):
        asked = client.build_request("GET", "/whoami")
        asked.headers["Cookie"] = headers.get("Cookie", "")
        return t.cast("str | None", client.send(asked).json()["user_id"])
    stranger = client.application.test_client(use_cookies=False)
    found = stranger.get("/whoami", headers=headers, buffered=True).json
    assert found is not None
    return t.cast("str | None", found["user_id"])
