"""An app that adds a column to ``User``; a process has one such class, so it has its own process.

Run with warnings as errors, and with the folder and the database to use as arguments; writes
what it found as JSON.
"""

from __future__ import annotations

import json
import sys
import typing as t

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import Session
from sqlalchemy.orm import joinedload

import flask_userkit.models
from flask_userkit import SetupError
from flask_userkit import UserKit
from flask_userkit.cli import commands
from flask_userkit.models import EmailAddress


class Member(flask_userkit.models.User):
    plan: Mapped[str | None]


def main(folder: str, url: str) -> dict[str, t.Any]:
    app = Flask(__name__, instance_path=folder)
    app.config.update(SECRET_KEY="k", USERKIT_DATABASE_URL=url, USERKIT_PASSWORD_HASH="fast")
    app.testing = True
    userkit = UserKit(app, user_class=Member)
    runner = app.test_cli_runner()
    upgrades = [runner.invoke(commands, ["db", "upgrade"]).output for _ in range(2)]
    found: dict[str, t.Any] = {"upgrade": "".join(upgrades)}
    with app.app_context():
        user_id = userkit.users.create_user(email_address=["ada@example.com"]).id
        with userkit.transaction() as db:
            member = db.get_one(Member, user_id)
            member.plan = "gold"
        found["get_user"] = describe(userkit.users.get_user(user_id))
        listed = userkit.users.get_user_list(email_address=["ada@example.com"]).data
        found["get_user_list"] = [describe(user) for user in listed]
        found["update_user"] = describe(userkit.users.update_user(user_id, first_name="Ada"))
        found |= relationships(userkit)
        userkit.users.delete_user(user_id)
        found["left"] = userkit.users.get_user_list().total_count
        found["second"] = second_subclass()
        userkit.close()
    return found


def relationships(userkit: UserKit[Member]) -> dict[str, str]:
    found = {}
    engine = userkit.kit.database.engine
    with Session(engine) as db:
        found["email.user"] = describe(db.scalars(select(EmailAddress)).one().user)
    with Session(engine) as db:
        joined = select(EmailAddress).options(joinedload(EmailAddress.user))
        found["joinedload"] = describe(db.scalars(joined).unique().one().user)
    with Session(engine) as db:
        found["base class"] = describe(db.scalars(select(flask_userkit.models.User)).one())
    with Session(engine) as db:
        gold = select(Member).where(Member.plan == "gold").join(Member.email_addresses)
        found["by its column"] = describe(db.scalars(gold).one())
    return found


def describe(user: object) -> str:
    return f"{type(user).__name__} {getattr(user, 'plan', None)}"


def second_subclass() -> str:
    try:
        type("Guest", (flask_userkit.models.User,), {"__annotations__": {"room": Mapped[str]}})
    except SetupError as error:
        return str(error)
    return "was made"


if __name__ == "__main__":
    json.dump(main(*sys.argv[1:]), sys.stdout)
