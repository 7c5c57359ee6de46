"""What can be done with books; each function takes the session of a transaction."""

from __future__ import annotations

import typing as t

from sqlalchemy import Select
from sqlalchemy import delete
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm import joinedload

from .models import Book
from .models import Like

PAGE_SIZE = 12


class Entry(t.NamedTuple):
    """A book as a page shows it."""

    book: Book
    likes: int
    #: Whether the person who looks is one of them.
    liked: bool


class Counts(t.NamedTuple):
    """What somebody's list has come to."""

    shared: int
    wanted: int
    liked: int


def newest(
    db: Session, viewer_id: str | None, *, before: int | None = None
) -> tuple[list[Entry], int | None]:
    """Return a page of everybody's books, and where the next page begins."""
    statement = _entries(viewer_id).limit(PAGE_SIZE + 1)
    if before is not None:
        statement = statement.where(Book.id < before)
    found = _read(db, statement)
    more = len(found) > PAGE_SIZE
    return found[:PAGE_SIZE], found[PAGE_SIZE - 1].book.id if more else None


def of_reader(db: Session, user_id: str, viewer_id: str | None) -> list[Entry]:
    """Return the books that one person added."""
    return _read(db, _entries(viewer_id).where(Book.user_id == user_id))


def counts(db: Session, user_id: str) -> Counts:
    """Return how many books somebody shares, how often they are wanted, and what they want."""
    shared = select(func.count()).select_from(Book).where(Book.user_id == user_id)
    wanted = select(func.count()).select_from(Like).join(Book).where(Book.user_id == user_id)
    liked = select(func.count()).select_from(Like).where(Like.user_id == user_id)
    return Counts(
        *db.execute(select(*(each.scalar_subquery() for each in (shared, wanted, liked)))).one()
    )


def add(db: Session, user_id: str, **values: t.Any) -> Book:
    """Add a book to a person's list."""
    book = Book(user_id=user_id, **values)
    db.add(book)
    db.flush()
    return book


def remove(db: Session, book_id: int, user_id: str) -> bool:
    """Remove a person's own book, and tell whether there was one."""
    owned = delete(Book).where(Book.id == book_id, Book.user_id == user_id)
    return db.connection().execute(owned).rowcount == 1


def like(db: Session, book_id: int, user_id: str) -> bool:
    """Like a book, once however often it is asked for, and tell whether there is one."""
    if db.get(Book, book_id) is None:
        return False
    try:
        with db.begin_nested():
            db.add(Like(book_id=book_id, user_id=user_id))
    except IntegrityError:
        # It is liked already, or it went this very moment.
        return db.get(Book, book_id, populate_existing=True) is not None
    return True


def unlike(db: Session, book_id: int, user_id: str) -> None:
    """Take a like back."""
    db.execute(delete(Like).where(Like.book_id == book_id, Like.user_id == user_id))


def _entries(viewer_id: str | None) -> Select[Book, int, bool]:
    likes = select(func.count()).select_from(Like).where(Like.book_id == Book.id)
    liked = exists().where(Like.book_id == Book.id, Like.user_id == viewer_id)
    return (
        select(Book, likes.scalar_subquery(), liked)
        .options(joinedload(Book.user))
        .order_by(Book.id.desc())
    )


def _read(db: Session, statement: Select[Book, int, bool]) -> list[Entry]:
    return [Entry(*row) for row in db.execute(statement)]
