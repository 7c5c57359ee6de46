"""What follows a commit: signals and the outbox wake-up, and nothing if it is undone."""

from __future__ import annotations

import logging
import typing as t
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field

from sqlalchemy import event
from sqlalchemy.orm import Session
from sqlalchemy.orm import SessionTransaction

_KEY = "userkit_after_commit"
logger = logging.getLogger("flask_userkit")


@dataclass(slots=True)
class _Waiting:
    """What waits, and how much of it each open savepoint found there."""

    work: list[Callable[[], object]] = field(default_factory=list[t.Callable[[], object]])
    marks: dict[SessionTransaction, int] = field(default_factory=dict[SessionTransaction, int])
    committed: bool = False


def watch(db: Session, is_current: Callable[[Session], bool]) -> bool:
    """Follow the transactions of a session, once; tell whether it was new.

    :param is_current: whether the kit runs the session's transaction, and so its end.
    """
    if _KEY in db.info:
        return False

    def ended(db: Session, transaction: SessionTransaction) -> None:
        # Not earlier: until here the session takes no statement, and a receiver has some.
        if transaction.parent is None:
            _waiting(db).marks.clear()
            if not is_current(db):
                run(db)

    db.info[_KEY] = _Waiting()
    event.listen(db, "after_transaction_create", _mark)
    event.listen(db, "after_soft_rollback", _forget)
    event.listen(db, "after_commit", _committed)
    event.listen(db, "after_transaction_end", ended)
    return True


def after_commit(db: Session, work: Callable[[], object]) -> None:
    """Run something once the transaction is committed, and never if it is not."""
    _waiting(db).work.append(work)


def run(db: Session) -> None:
    """Run what waits, if its transaction is committed."""
    waiting = _waiting(db)
    if not waiting.committed:
        return
    works, waiting.work, waiting.committed = waiting.work, [], False
    for work in works:
        try:
            work()
        except Exception:
            # The change is there; one receiver's failure must not keep the mail of another
            # waiting, nor tell a person that nothing happened.
            logger.exception("What was to follow a commit failed.")


def _waiting(db: Session) -> _Waiting:
    return t.cast(_Waiting, db.info[_KEY])


def _mark(db: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        waiting = _waiting(db)
        waiting.marks[transaction] = len(waiting.work)


def _committed(db: Session) -> None:
    if not db.in_nested_transaction():
        _waiting(db).committed = True


def _forget(db: Session, previous: SessionTransaction) -> None:
    waiting = _waiting(db)
    kept = waiting.marks.pop(previous, 0) if previous.nested else 0
    del waiting.work[kept:]
