"""The people and books of the demo."""

from __future__ import annotations

import base64
import csv
import datetime as dt
import hmac
from pathlib import Path

from flask import current_app

from . import books
from .extensions import userkit
from .keys import kept_secret

PEOPLE = {
    "ada@example.com": ("Ada", "Lovelace"),
    "grace@example.com": ("Grace", "Hopper"),
    "katherine@example.com": ("Katherine", "Johnson"),
}
BOOKS = Path(__file__).with_name("books.csv")


def seed() -> list[tuple[str, str]]:
    """Make who is missing, with their books, and return how each signs in."""
    folder = Path(current_app.instance_path)
    # Passwords follow from a secret of this installation: one in the code would be everybody's.
    is_new = not (folder / "demo_key").exists()
    key = kept_secret(folder, "demo_key")
    sign_ins = [(email_address, _password(key, email_address)) for email_address in PEOPLE]
    made = {}
    for email_address, password in sign_ins:
        found = userkit.users.get_user_list(email_address=[email_address]).data
        if not found:
            made[email_address] = _create(email_address, password)
        elif is_new:
            userkit.users.update_user(found[0].id, password=password)
    if made:
        _add_books(made)
    return sign_ins


def _password(key: str, email_address: str) -> str:
    digest = hmac.digest(key.encode(), email_address.encode(), "sha256")
    return base64.b32encode(digest)[:16].decode().lower()


def _create(email_address: str, password: str) -> str:
    first_name, last_name = PEOPLE[email_address]
    user = userkit.users.create_user(
        email_address=[email_address],
        password=password,
        first_name=first_name,
        last_name=last_name,
    )
    return user.id


def _add_books(made: dict[str, str]) -> None:
    """Add the books of the people who were just made, oldest first; the others like some."""
    with BOOKS.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["added_by"] in made]
    now = dt.datetime.now(dt.UTC)
    with userkit.transaction() as db:
        for number, row in enumerate(reversed(rows)):
            owner_id = made[row["added_by"]]
            book = books.add(
                db,
                owner_id,
                title=row["title"],
                author=row["author"],
                link=row["link"] or None,
                note=row["note"] or None,
                created_at=now - dt.timedelta(days=int(row["days_ago"])),
            )
            others = [user_id for user_id in made.values() if user_id != owner_id]
            for user_id in others[: number % 3]:
                books.like(db, book.id, user_id)
