"""Sign-in by password, against the hash that nobody can leave out, and a flood of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from itertools import count
from pathlib import Path
from statistics import median
from statistics import quantiles

from flask import Flask

from flask_userkit.services.limits import DEFAULTS

from .call import Call
from .host import PASSWORD
from .host import sign_in
from .host import visit
from .measure import Effort
from .measure import Work
from .measure import take_turns
from .report import Row
from .report import ratio

#: From as many addresses, so that no limit refuses them before they are hashed.
BOGUS_A_SECOND = 200
NO_LIMITS = dict.fromkeys(DEFAULTS, "1000000/second")


def passwords(folder: Path, effort: Effort) -> Iterator[Row]:
    """Measure a whole sign-in against argon2id alone, with the kit's own parameters."""
    with visit(folder, fast=False, USERKIT_RATE_LIMITS=NO_LIMITS) as visited:
        with visited.app.app_context():
            hashing = visited.userkit.kit.passwords
        digest = hashing.hash(PASSWORD)
        cases: dict[str, Work] = {
            "sign-in": sign_in(visited.app),
            "argon2id": lambda: hashing.verify(digest, PASSWORD),
        }
        times = take_turns(cases, effort.for_slow_things())
        yield ratio("password sign-in / argon2id", times["sign-in"], times["argon2id"], 1.2)
        # A second for each thousand rounds, of which a page takes a few thousandths.
        seconds = max(0.2, effort.rounds / 1000)
        page = Call(visited.app, "/", cookies=visited.cookies)
        before = _answers(page, seconds)
        with _flood(visited.app):
            meanwhile = _answers(page, seconds)
        usual = median(meanwhile) / median(before)
        slowest = quantiles(meanwhile, n=20)[-1] / quantiles(before, n=20)[-1]
        yield Row(
            f"a page during {BOGUS_A_SECOND} bogus sign-ins a second / before", usual, budget=2
        )
        yield Row("the slowest of 20 such pages / before", slowest)


def _answers(page: Call, seconds: float) -> list[float]:
    """Ask for a page again and again, and return how long each answer took, by the wall."""
    taken: list[float] = []
    end = time.perf_counter() + seconds
    while (begun := time.perf_counter()) < end or len(taken) < 20:
        page()
        taken.append(time.perf_counter() - begun)
    return taken


@contextmanager
def _flood(app: Flask) -> Generator[None]:
    """Send sign-ins of nobody, each in a thread of its own, as a server with enough of them."""
    over = threading.Event()
    senders: list[threading.Thread] = []

    def send_one(number: int) -> None:
        # Who has waited for ten seconds is told to come back.
        with suppress(RuntimeError):
            sign_in(app, f"{number}@example.com", status=422)()

    def send() -> None:
        begun = time.perf_counter()
        for number in count():
            due = begun + number / BOGUS_A_SECOND
            if over.wait(max(0, due - time.perf_counter())):
                return
            senders.append(threading.Thread(target=send_one, args=(number,)))
            senders[-1].start()

    sender = threading.Thread(target=send)
    sender.start()
    try:
        yield
    finally:
        over.set()
        sender.join()
        for each in senders:
            each.join()
