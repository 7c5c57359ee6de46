"""What a type checker makes of an app with a class of its own; it is checked and never run.

An ignore that is not needed is an error too, so each of them proves that a mistake is found.
"""

from __future__ import annotations

import typing as t

from flask import Flask
from sqlalchemy.orm import Mapped

from flask_userkit import EventName
from flask_userkit import UserKit
from flask_userkit import current_identity
from flask_userkit import current_session
from flask_userkit import current_user
from flask_userkit import login_required
from flask_userkit import models


class Member(models.User):
    plan: Mapped[str | None]


app = Flask(__name__)
userkit = UserKit(app, user_class=Member)
plain = UserKit(app)


def signed_in() -> None:
    t.assert_type(userkit, UserKit[Member])
    t.assert_type(userkit.current_user, Member)
    t.assert_type(userkit.current_user.plan, str | None)
    t.assert_type(userkit.current_user.first_name, str | None)
    t.assert_type(current_user, models.User)
    row: models.Session = current_session
    t.assert_type(row.user_id, str)
    t.assert_type(current_session.factor_verification_age, list[int] | None)
    identity = current_identity()
    if identity is not None:
        t.assert_type(identity.email_address, str | None)
    _ = current_user.plan  # type: ignore[attr-defined] # an error, since the base class has no plan


def python_api() -> None:
    user = userkit.users.create_user(email_address=["ada@example.com"], password="open sesame")
    t.assert_type(user, models.User)
    t.assert_type(userkit.users.get_user_list(limit=5).total_count, int)
    userkit.users.update_user(user.id, first_name=None, username="ada_lovelace")
    t.assert_type(userkit.users.delete_user(user.id), None)
    with userkit.transaction() as db:
        t.assert_type(db.get_one(Member, user.id).plan, str | None)
    userkit.users.create_user(emails=["ada@example.com"])  # type: ignore[call-arg] # an error, since it is called email_address
    userkit.users.update_user(user.id, password=None)  # type: ignore[arg-type] # an error, since None sets none


@app.get("/members/<int:number>")
@login_required
def members(number: int) -> str:
    return f"{number} {current_user.full_name} {EventName.USER_CREATED}"


t.assert_type(plain, UserKit[models.User])
members("one")  # type: ignore[arg-type] # an error, since the view keeps its types
UserKit(app, user_class=Flask)  # type: ignore[type-var] # an error, since it is no user
