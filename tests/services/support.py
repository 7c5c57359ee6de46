"""What tests of services share: refusals, mail, rows and signals."""

from __future__ import annotations

import hashlib
import typing as t
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import func
from sqlalchemy import inspect
from sqlalchemy import select
from sqlalchemy import true
from sqlalchemy.orm import Session

from flask_userkit import EventName
from flask_userkit import UserKit
from flask_userkit import UserKitError
from flask_userkit import models
from flask_userkit import signal
from flask_userkit.models import Base
from flask_userkit.models import User
from flask_userkit.services.identity import identify
from flask_userkit.services.kit import Kit
from flask_userkit.services.limits import caller_network


@contextmanager
def refused(code: str, param: str | None = None) -> Iterator[UserKitError]:
    """Expect a refusal, and give it for a closer look once it was caught."""
    told = UserKitError("", code="nothing was refused")
    with pytest.raises(UserKitError) as caught:
        yield told
    assert (caught.value.code, caught.value.param) == (code, param), caught.value.message
    told.__dict__.update(caught.value.__dict__)


class Mishap(Exception):
    """Something of the app's own goes wrong."""


@contextmanager
def mishap() -> Iterator[None]:
    """Let something of the app's own go wrong at the end of a block, and go on after it."""
    with pytest.raises(Mishap):
        yield


def identified(kit: Kit, token: str | None) -> str | None:
    """Return the id of the user that a token stands for."""
    found = identify(kit, token)
    return found.user_id if found else None


def count(kit: Kit, model: type[Base], *where: t.Any) -> int:
    """Return how many rows there are, seen from outside of any transaction."""
    with kit.database.reading() as connection:
        statement = select(func.count()).select_from(model).where(*where)
        return int(connection.execute(statement).scalar_one())


def everything(kit: Kit) -> dict[str, int]:
    """Return how many rows each table has, to see that a refusal changed nothing.

    That it was refused is written down, and counted.
    """
    refusals = {
        "userkit_event": models.Event.name.not_in(("request.refused", "sign_in.refused")),
        "userkit_limit_hit": models.LimitHit.key.not_in(_refusal_counters(kit)),
    }
    with kit.database.reading() as connection:
        return {
            table.name: int(
                connection.execute(
                    select(func.count()).select_from(table).where(refusals.get(table.name, true()))
                ).scalar_one()
            )
            for table in Base.metadata.sorted_tables
            if table.name.startswith("userkit_")
        }


def _refusal_counters(kit: Kit) -> list[bytes]:
    found = kit.limits._counters({"refusal:ip": caller_network(kit)})  # pyright: ignore[reportPrivateUsage] # no other place knows the key
    return [hashlib.sha256(counter.key.encode()).digest() for counter in found]


def rows(kit: Kit, model: type[t.Any], *where: t.Any) -> list[t.Any]:
    """Return rows as they are stored, oldest first."""
    with Session(kit.database.engine, expire_on_commit=False) as db:
        return list(db.scalars(select(model).where(*where).order_by(*inspect(model).primary_key)))


@contextmanager
def listening(userkit: UserKit[User]) -> Iterator[list[str]]:
    """Collect the names of the signals that a kit sends."""
    heard: list[str] = []
    receivers = []
    for name in EventName:

        def receive(sender: object, *, name: str = name.value, **_: object) -> None:
            if sender is userkit:
                heard.append(name)

        signal(name).connect(receive)
        receivers.append((name, receive))
    try:
        yield heard
    finally:
        for name, receive in receivers:
            signal(name).disconnect(receive)
