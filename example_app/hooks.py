"""What the app has to say where somebody takes their data along, or goes."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy import select

from flask_userkit.models import User

from .extensions import userkit
from .models import Book
from .models import Goal
from .models import Like


@userkit.data_exporter
def export_reading(user: User) -> dict[str, object]:
    """Return the books that somebody shares, those that they want to read, and their goal."""
    columns = (Book.title, Book.author, Book.link, Book.note, Book.created_at)
    mine = select(*columns).where(Book.user_id == user.id)
    wanted = select(Book.title, Book.author).join(Like).where(Like.user_id == user.id)
    with userkit.transaction() as db:
        goal = db.get(Goal, user.id)
        return {
            "books.json": [dict(row) for row in db.execute(mine.order_by(Book.id)).mappings()],
            "wanted.json": [dict(row) for row in db.execute(wanted.order_by(Book.id)).mappings()],
            "goal.json": {"books": goal.books if goal else None},
        }


@userkit.before_user_deletion
def forget_reading(user: User) -> None:
    """Delete what is theirs; the foreign keys would do so, too."""
    with userkit.transaction() as db:
        books = select(Book.id).where(Book.user_id == user.id)
        db.execute(delete(Like).where(Like.book_id.in_(books) | (Like.user_id == user.id)))
        db.execute(delete(Book).where(Book.user_id == user.id))
        db.execute(delete(Goal).where(Goal.user_id == user.id))
