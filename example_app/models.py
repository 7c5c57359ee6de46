"""The app's own tables, on the kit's metadata, so that they can point at its users."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey
from sqlalchemy import String
from sqlalchemy import inspect
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column
from sqlalchemy.orm import relationship

from flask_userkit.models import Base
from flask_userkit.models import User

from .extensions import userkit

TITLE_LENGTH = 200
AUTHOR_LENGTH = 120
LINK_LENGTH = 500
NOTE_LENGTH = 280


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Book(Base):
    """A book that somebody recommends; it goes when they go."""

    __tablename__ = "reading_list_book"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(TITLE_LENGTH))
    author: Mapped[str] = mapped_column(String(AUTHOR_LENGTH))
    link: Mapped[str | None] = mapped_column(String(LINK_LENGTH))
    note: Mapped[str | None] = mapped_column(String(NOTE_LENGTH))
    # The type and the collation of a foreign key are those of the column that it points at.
    user_id: Mapped[str] = mapped_column(
        ForeignKey("userkit_user.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[dt.datetime] = mapped_column(default=_now)

    user: Mapped[User] = relationship()


class Like(Base):
    """Somebody wants to read a book."""

    __tablename__ = "reading_list_like"

    book_id: Mapped[int] = mapped_column(
        ForeignKey("reading_list_book.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[str] = mapped_column(
        ForeignKey("userkit_user.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Goal(Base):
    """How many books a year somebody means to read."""

    __tablename__ = "reading_list_goal"

    user_id: Mapped[str] = mapped_column(
        ForeignKey("userkit_user.id", ondelete="CASCADE"), primary_key=True
    )
    books: Mapped[int]


TABLES = [Base.metadata.tables[model.__tablename__] for model in (Book, Like, Goal)]


def create_tables() -> None:
    """Make the tables that are not there, once those of the kit are."""
    with userkit.transaction() as db:
        connection = db.connection()
        if inspect(connection).has_table("userkit_user"):
            Base.metadata.create_all(connection, tables=TABLES)
