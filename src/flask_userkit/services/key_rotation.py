"""Key rotation: what is kept for long is encrypted anew, under the newest secret."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy import update

from ..models import ExternalAccount
from .kit import Kit

#: Rows that are read at once.
BATCH = 500


def rotate_keys(kit: Kit) -> Iterator[tuple[int, int]]:
    """Encrypt every token of connected accounts anew, and give how many as it is done.

    The second number is how many accounts no key reads; those stay as they are, since a fallback
    may have been forgotten.

    After it no entry of ``SECRET_KEY_FALLBACKS`` is needed for them. What a fallback encrypted
    and is short-lived, such as a form that waits, runs out by itself.
    """
    after = ""
    columns = (ExternalAccount.id, ExternalAccount.access_token, ExternalAccount.refresh_token)
    while True:
        page = select(*columns).where(ExternalAccount.id > after).order_by(ExternalAccount.id)
        with kit.database.reading() as connection:
            rows = connection.execute(page.limit(BATCH)).all()
        done = sum(_rotate(kit, *row) for row in rows)
        yield done, len(rows) - done
        if len(rows) < BATCH:
            return
        after = rows[-1].id


def _rotate(kit: Kit, id: str, access_token: str | None, refresh_token: str | None) -> bool:
    before = {"access_token": access_token, "refresh_token": refresh_token}
    texts = {name: kit.keys.decrypt(value) for name, value in before.items() if value}
    values = {name: kit.keys.encrypt(text) for name, text in texts.items() if text is not None}
    if values:
        # Only where nobody has brought newer ones meanwhile.
        same = [getattr(ExternalAccount, name) == before[name] for name in values]
        with kit.database.side() as connection:
            connection.execute(
                update(ExternalAccount).where(ExternalAccount.id == id, *same).values(**values)
            )
    return len(values) == len(texts)
