"""A conversation ends in time, gives its place back, and tells in a word why there is no answer."""

from __future__ import annotations

import threading
import typing as t
from collections.abc import Sequence
from contextvars import ContextVar

import pytest
import requests

from flask_userkit.connections import deadline
from flask_userkit.connections.errors import ProviderUnavailable
from flask_userkit.connections.http import TOTAL
from flask_userkit.connections.http import BoundedSession
from flask_userkit.connections.http import Slots
from flask_userkit.connections.http import within
from tests.connections.asking import REACHED
from tests.connections.asking import SHORT
from tests.connections.asking import ask
from tests.connections.asking import reason
from tests.connections.asking import unavailable
from tests.rig.hostile_http import DRIPS
from tests.rig.hostile_http import SLOW
from tests.rig.hostile_http import HostileHttp
from tests.rig.hostile_http import deaf
from tests.rig.hostile_http import full


def test_who_is_slow_on_a_connection_that_was_kept_is_hung_up_on(hostile: HostileHttp) -> None:
    with BoundedSession() as session:
        within(lambda: session.get(hostile.url()))
        with unavailable("too_slow"):
            within(lambda: session.get(hostile.url("slow-body")), seconds=REACHED)
        assert hostile.hung_up.wait(20)
        assert hostile.visits[0].port == hostile.visits[1].port
        assert within(lambda: session.get(hostile.url())).json()


@pytest.mark.parametrize("mode", SLOW)
def test_who_is_slow_is_hung_up_on(hostile: HostileHttp, mode: str) -> None:
    assert reason(hostile.url(mode), REACHED) == "too_slow"
    if mode in DRIPS:
        assert hostile.hung_up.wait(20)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_who_does_not_even_greet_is_hung_up_on(scheme: str) -> None:
    with deaf() as port:
        assert reason(f"{scheme}://127.0.0.1:{port}/", SHORT) == "too_slow"


def test_a_connection_that_is_never_made_is_given_up() -> None:
    with full() as port:
        assert reason(f"http://127.0.0.1:{port}/", SHORT) == "too_slow"


def test_an_address_that_is_dead_leaves_time_for_the_next(hostile: HostileHttp) -> None:
    def resolve(host: str, port: int) -> Sequence[str]:
        assert (host, port) == ("provider.example", hostile.port)
        return ["127.0.0.2", "127.0.0.1"]

    def work() -> t.Any:
        with BoundedSession() as session:
            return session.get(hostile.url(host="provider.example")).json()

    assert within(work, resolve=resolve) == {"fine": True}, "the first refuses"
    with full("127.0.0.2", hostile.port):
        assert within(work, resolve=resolve) == {"fine": True}, "the first hangs"
    assert within(work, resolve=lambda *_: ["127.0.0.1"])
    with unavailable("no_answer"):
        within(work, resolve=lambda *_: [])


def test_a_name_that_is_looked_up_for_ever_keeps_its_place_and_nobody_waiting(
    hostile: HostileHttp, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, slots = threading.Event(), Slots(1)

    def resolve(_host: str, _port: int) -> Sequence[str]:
        found.wait(60)
        return ["127.0.0.1"]

    def work() -> object:
        with BoundedSession() as session:
            return session.get(hostile.url())

    with unavailable("too_slow"):
        within(work, seconds=SHORT, slots=slots, resolve=resolve)
    monkeypatch.setattr(deadline, "PATIENCE", 0.01)
    assert reason(hostile.url(), slots=slots) == "busy"
    found.set()
    monkeypatch.setattr(deadline, "PATIENCE", 20)
    assert ask(hostile.url("gzip"), slots=slots).json()
    assert [visit.path for visit in hostile.visits] == ["/gzip"], "nobody waited for the other"


def test_twenty_that_hang_are_four_that_wait_and_others_are_not_delayed(
    hostile: HostileHttp,
) -> None:
    slots, refused = Slots(4), threading.Semaphore(0)
    reasons: list[str] = []
    with HostileHttp() as hanging:

        def hang() -> None:
            try:
                ask(hanging.url("silent"), slots=slots)
            except ProviderUnavailable as error:
                reasons.append(error.reason)
                refused.release()

        threads = [threading.Thread(target=hang) for _ in range(20)]
        for thread in threads:
            thread.start()
        for _ in range(16):
            assert refused.acquire(timeout=30)
        assert set(reasons) == {"busy"}
        assert ask(hostile.url(), slots=Slots(4)).json()
        assert ask(hostile.url()).json()
        assert len(reasons) == 16, "four still wait, by then"
    for thread in threads:
        thread.join(30)
    assert sorted(reasons) == ["busy"] * 16 + ["no_answer"] * 4
    for _ in range(4):
        slots.take()


def test_a_place_that_comes_free_in_time_is_taken(
    hostile: HostileHttp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadline, "PATIENCE", 20)
    slots = Slots(1)
    slots.take()
    asked: list[t.Any] = []
    thread = threading.Thread(target=lambda: asked.append(ask(hostile.url(), slots=slots).json()))
    thread.start()
    assert hostile.visits == []
    slots.give_back()
    thread.join(20)
    assert asked == [{"fine": True}]


def test_the_wait_for_a_place_is_a_part_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (TOTAL, deadline.PATIENCE) == (8, 1)
    monkeypatch.setattr(deadline, "PATIENCE", 20)
    slots, begun = Slots(1), threading.Event()
    slots.take()
    threading.Timer(SHORT, slots.give_back).start()
    with unavailable("too_slow"):
        within(lambda: begun.wait(1), seconds=0.01, slots=slots)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (requests.exceptions.JSONDecodeError("no", "{", 0), "no_json"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "no"), "no_json"),
        (RecursionError(), "no_json"),
        (requests.ReadTimeout(), "too_slow"),
        (TimeoutError(), "too_slow"),
        (requests.exceptions.SSLError(), "tls"),
        (requests.ConnectionError(), "no_answer"),
        (OSError("ada's secret"), "no_answer"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_what_the_other_side_does_is_told_in_a_word(error: Exception, told: str) -> None:
    def work() -> t.NoReturn:
        raise error

    with pytest.raises(ProviderUnavailable) as caught:
        within(work)
    assert (str(caught.value), caught.value.reason) == (told, told)
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


@pytest.mark.parametrize(
    "error", [KeyError("a bug"), ValueError("a bug"), ProviderUnavailable("odd"), SystemExit(3)]
)
def test_what_is_the_apps_own_passes_as_it_is(error: BaseException) -> None:
    def work() -> t.NoReturn:
        raise error

    slots = Slots(1)
    with pytest.raises(type(error)) as caught:
        within(work, slots=slots)
    assert caught.value is error
    assert within(lambda: "next", slots=slots) == "next"


def test_what_is_known_of_the_request_is_known_within() -> None:
    language = ContextVar("language", default="en")
    language.set("de")

    def work() -> str:
        before = language.get()
        language.set("fr")
        return before

    assert within(work) == "de"
    assert language.get() == "de"
