"""A section that the app adds to the profile: how many books a year somebody means to read."""

from __future__ import annotations

import typing as t

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from wtforms import IntegerField
from wtforms.validators import InputRequired
from wtforms.validators import NumberRange

from flask_userkit import KitForm
from flask_userkit import OpenCard
from flask_userkit import ProfileSection
from flask_userkit import current_user
from flask_userkit import login_required

from ..extensions import userkit
from ..models import Goal

MOST = 1000

reading_goal = Blueprint("reading_goal", __name__, template_folder="templates")


class GoalForm(KitForm):
    books = IntegerField(
        validators=[
            InputRequired("Enter a number."),
            NumberRange(1, MOST, f"Enter a number from 1 to {MOST}."),
        ]
    )


def _context(user: t.Any, card: OpenCard | None) -> dict[str, t.Any]:
    with userkit.transaction() as db:
        goal = db.get(Goal, user.id)
    return {"goal": goal, "form": GoalForm(formdata=None, obj=goal) if card else None}


SECTION = ProfileSection(
    "reading_goal",
    context=_context,
    outcomes={"reading_goal": "Your goal is saved."},
    template="reading_goal/section.html",
)


@reading_goal.post("/reading-goal")
@login_required
@SECTION.form_view(GoalForm)
def save_goal(form: GoalForm) -> ResponseReturnValue:
    number = form.books.data
    assert number is not None, "its validators see to that"
    with userkit.transaction() as db:
        _set(db, current_user.id, number)
    return SECTION.saved("reading_goal")


def _set(db: Session, user_id: str, number: int) -> None:
    changed = update(Goal).where(Goal.user_id == user_id).values(books=number)
    if db.connection().execute(changed).rowcount:
        return
    try:
        with db.begin_nested():
            db.add(Goal(user_id=user_id, books=number))
    except IntegrityError:
        # Another tab has set the first one this very moment.
        db.connection().execute(changed)
