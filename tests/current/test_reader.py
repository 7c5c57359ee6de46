"""What a request read with goes back to the pool when the request ends, however it ends."""

from __future__ import annotations

import pytest
from flask import Flask
from flask import request
from sqlalchemy import inspect
from sqlalchemy import text

from flask_userkit import UserKit
from flask_userkit import current_user
from flask_userkit.models import User
from tests.rig.people import Person
from tests.rig.visitor import Visitor

pytestmark = pytest.mark.usefixtures("backend")


def in_use(userkit: UserKit[User]) -> int:
    return userkit.kit.database.engine.pool.checkedout()  # type: ignore[attr-defined, no-any-return]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType] # the base class of pools has no count; the one in use does


def read_on() -> None:
    """Read with the session of the signed-in user, so that it takes a connection again."""
    assert current_user.id
    db = inspect(current_user._get_current_object()).session  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownArgumentType] # the proxy is typed as the object behind it
    db.execute(text("SELECT 1"))


@pytest.fixture
def during() -> list[int]:
    """How many connections were in use each time that a request read on."""
    return []


@pytest.fixture
def app(app: Flask, during: list[int]) -> Flask:
    def read() -> str:
        read_on()
        during.append(in_use(app.extensions["userkit"]))
        return "read"

    def fail() -> str:
        raise LookupError(read())

    @app.teardown_request
    def late(error: BaseException | None) -> None:
        if request.path == "/late":
            read()

    app.add_url_rule("/read", view_func=read)
    app.add_url_rule("/fail", view_func=fail)
    app.add_url_rule("/late", "late", lambda: "read")
    return app


@pytest.mark.parametrize("path", ["/read", "/fail", "/late"])
def test_a_request_gives_its_connection_back(
    userkit: UserKit[User], visitor: Visitor, ada: Person, during: list[int], path: str
) -> None:
    if path == "/fail":
        with pytest.raises(LookupError):
            visitor.open(path)
    else:
        assert visitor.open(path).text == "read"
    assert during == [1]
    assert in_use(userkit) == 0
