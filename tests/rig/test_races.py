"""The races are close enough to break what is not guarded."""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections.abc import Generator

from flask import Flask
from flask import request

from tests.rig.races import Outcome
from tests.rig.races import Shot
from tests.rig.races import fire
from tests.rig.races import race
from tests.rig.wsgi import serve

SHOTS = 20


def test_requests_arrive_within_a_moment_of_each_other() -> None:
    app = Flask(__name__)
    arrivals: list[float] = []
    counter = itertools.count()
    all_here = threading.Barrier(SHOTS)

    @app.post("/")
    def take() -> str:
        assert request.form["number"]
        arrivals.append(time.monotonic())
        # Nobody is answered before the last one is here.
        all_here.wait(60)
        return str(next(counter))

    with serve(app) as url:
        shots = [Shot("POST", "/", {"X-Shot": "yes"}, {"number": str(n)}) for n in range(SHOTS)]
        hits = fire(url, shots)

    assert [hit.status for hit in hits] == [200] * SHOTS
    assert sorted(int(hit.body) for hit in hits) == list(range(SHOTS))
    assert max(arrivals) - min(arrivals) < 0.25


def test_a_request_without_a_form_is_held_back_too() -> None:
    app = Flask(__name__)
    app.add_url_rule("/", view_func=lambda: request.headers["X-Shot"])
    with serve(app) as url:
        hits = fire(url, [Shot("GET", "/", {"X-Shot": str(n)}) for n in range(3)])
    assert [hit.body for hit in hits] == [b"0", b"1", b"2"]


def tell_time(number: int) -> Generator[None, None, tuple[int, int, float]]:
    time.sleep(number)
    yield
    return number, os.getpid(), time.monotonic()


def stumble(number: int) -> Generator[None, None, None]:
    yield
    raise LookupError(f"number {number}")


def fall(number: int) -> Generator[None, None, int]:
    if number == 1:
        os._exit(3)
    yield
    return number


def test_processes_start_together_however_long_they_prepare() -> None:
    values = [outcome.value for outcome in race(tell_time, [(0,), (1,), (2,)])]
    assert [number for number, _, _ in values] == [0, 1, 2]
    assert len({pid for _, pid, _ in values} | {os.getpid()}) == 4
    times = [moment for _, _, moment in values]
    # Less than between what each has to prepare.
    assert max(times) - min(times) < 2


def test_an_exception_in_a_race_is_told_by_name() -> None:
    assert race(stumble, [(7,)]) == [Outcome(error="LookupError", message="number 7")]


def test_a_process_that_dies_ends_the_race() -> None:
    first, second = race(fall, [(1,), (2,)])
    assert first.error == "Died"
    assert second.error is not None
