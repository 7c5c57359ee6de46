"""The pages."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint
from flask import abort
from flask import flash
from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from flask.typing import ResponseReturnValue

from flask_userkit import current_identity
from flask_userkit import current_user
from flask_userkit import login_required

from . import books
from .extensions import userkit
from .forms import BookForm

views = Blueprint("views", __name__)
#: The largest id of a table; a larger number in an address is no book's.
MAX_ID = 2**31 - 1
BOOK = f"/books/<int(max={MAX_ID}):book_id>"


def day(moment: dt.datetime) -> str:
    """Return a date as people write it."""
    return f"{moment.day} {moment:%b %Y}"


@views.get("/")
def home() -> ResponseReturnValue:
    with userkit.transaction() as db:
        entries, older = books.newest(db, _viewer_id(), before=_before())
    return render_template("home.html", entries=entries, older=older, before=_before())


@views.get("/readers/<user_id>")
def reader(user_id: str) -> ResponseReturnValue:
    with userkit.transaction() as db:
        entries = books.of_reader(db, user_id, _viewer_id())
    if not entries:
        # Whether somebody who has shared nothing is here is told to nobody.
        abort(404)
    return render_template("reader.html", entries=entries, reader=entries[0].book.user)


@views.get("/my-list")
@login_required
def my_list() -> ResponseReturnValue:
    return _my_list(BookForm(formdata=None))


@views.post("/my-list")
@login_required
def add_book() -> ResponseReturnValue:
    form = BookForm()
    if not form.validate():
        return _my_list(form), 422
    with userkit.transaction() as db:
        books.add(db, current_user.id, **form.values)
    flash("The book is on your list.")
    return redirect(url_for("views.my_list"), 303)


@views.post(f"{BOOK}/removal")
@login_required
def remove_book(book_id: int) -> ResponseReturnValue:
    with userkit.transaction() as db:
        # Somebody else's book is answered like one that does not exist.
        if not books.remove(db, book_id, current_user.id):
            abort(404)
    flash("The book is off your list.")
    return redirect(url_for("views.my_list"), 303)


@views.post(f"{BOOK}/like")
@login_required
def like_book(book_id: int) -> ResponseReturnValue:
    with userkit.transaction() as db:
        if not books.like(db, book_id, current_user.id):
            abort(404)
    return _back_to(book_id)


@views.post(f"{BOOK}/like/removal")
@login_required
def unlike_book(book_id: int) -> ResponseReturnValue:
    with userkit.transaction() as db:
        books.unlike(db, book_id, current_user.id)
    return _back_to(book_id)


@views.get("/settings")
@login_required
def settings() -> ResponseReturnValue:
    return render_template("settings.html")


def _my_list(form: BookForm) -> str:
    with userkit.transaction() as db:
        entries = books.of_reader(db, current_user.id, current_user.id)
    return render_template("my_list.html", entries=entries, form=form)


def _viewer_id() -> str | None:
    identity = current_identity()
    return identity.user_id if identity else None


def _before() -> int | None:
    number = request.values.get("before", type=int)
    return number if number is not None and 0 < number <= MAX_ID else None


def _back_to(book_id: int) -> ResponseReturnValue:
    # The page is named, never its address: a form cannot then lead to another site.
    user_id = request.form.get("reader")
    page = url_for("views.reader", user_id=user_id) if user_id else _home()
    return redirect(f"{page}#book-{book_id}", 303)


def _home() -> str:
    return url_for("views.home", before=_before())
