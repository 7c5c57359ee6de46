"""Key rotation: what is kept for long is encrypted anew, under the newest secret."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy import update

from ..models import ExternalAccount
from .kit import Kit

#: Rows that are read at once.
BATCH = 500


def rotate_keys(kit: Kit) -> Iterator[int]:
    """Encrypt every token of connected accounts anew, and give how many as it is done.

    After it no entry of ``SECRET_KEY_FALLBACKS`` is needed for them. What a fallback encrypted
    and is short-lived, such as a form that waits, runs out by itself.
    """
    after = ""
    columns = (ExternalAccount.id, ExternalAccount.access_token, ExternalAccount.refresh_token)
    while True:
        page = select(*columns).where(ExternalAccount.id > after).order_by(ExternalAccount.id)
        with kit.database.reading() as connection:
            rows = connection.execute(page.limit(BATCH)).all()
        for row in rows:
            _rotate(kit, *row)
        yield len(rows)
        if len(rows) < BATCH:
            return
        after = rows[-1].id


def _rotate(kit: Kit, id: str, access_token: str | None, refresh_token: str | None) -> None:
    before = {"access_token": access_token, "refresh_token": refresh_token}
    values = {name: _anew(kit, value) for name, value in before.items() if value is not None}
    if not values:
        return
    # Only where nobody has brought newer ones meanwhile.
    same = [getattr(ExternalAccount, name) == before[name] for name in values]
    with kit.database.side() as connection:
        connection.execute(
            update(ExternalAccount).where(ExternalAccount.id == id, *same).values(**values)
        )


def _anew(kit: Kit, value: str) -> str | None:
    text = kit.keys.decrypt(value)
    # What no key reads is worth nothing to anybody.
    return None if text is None else kit.keys.encrypt(text)
