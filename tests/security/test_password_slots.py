"""Hashes take memory and a core, so only so many are made at a time."""

from __future__ import annotations

import threading
import time
import typing as t
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from flask_userkit.security import passwords as module
from flask_userkit.security.passwords import PARALLEL_HASHES
from flask_userkit.security.passwords import Passwords
from flask_userkit.security.slots import Busy


class Watched:
    """The real hasher, with the number of those who are at it."""

    def __init__(self, hasher: t.Any) -> None:
        self._hasher = hasher
        self._lock = threading.Lock()
        self._now = 0
        self.most = 0
        self.calls = 0

    def hash(self, password: str) -> str:
        return t.cast(str, self._watch(lambda: self._hasher.hash(password)))

    def verify(self, digest: str, password: str) -> bool:
        return t.cast(bool, self._watch(lambda: self._hasher.verify(digest, password)))

    def _watch(self, work: Callable[[], t.Any]) -> t.Any:
        with self._lock:
            self._now += 1
            self.calls += 1
            self.most = max(self.most, self._now)
        try:
            return work()
        finally:
            with self._lock:
                self._now -= 1


def watched(passwords: Passwords) -> Watched:
    passwords._hasher = t.cast(t.Any, Watched(passwords._hasher))
    return t.cast(Watched, passwords._hasher)


@pytest.mark.parametrize(
    "work",
    [
        pytest.param(lambda it: it.hash("open sesame"), id="hash"),
        pytest.param(lambda it: it.verify(None, "open sesame"), id="verify"),
    ],
)
def test_never_more_are_made_than_there_are_slots(work: Callable[[Passwords], object]) -> None:
    passwords = Passwords()
    hasher = watched(passwords)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: work(passwords), range(6)))
    assert hasher.calls >= 6
    assert hasher.most == PARALLEL_HASHES


def test_who_finds_no_slot_in_time_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAIT_SECONDS", 0.05)
    passwords = Passwords(fast=True)
    for _ in range(PARALLEL_HASHES):
        passwords._slots.acquire()
    for work in (lambda: passwords.hash("open sesame"), lambda: passwords.verify(None, "x")):
        begun = time.perf_counter()
        with pytest.raises(Busy):
            work()
        assert time.perf_counter() - begun < 1
    passwords._slots.release()
    assert passwords.hash("open sesame")


def test_a_slot_is_given_back_after_a_failure() -> None:
    passwords = Passwords(fast=True)
    for _ in range(PARALLEL_HASHES + 1):
        with pytest.raises(UnicodeEncodeError):
            passwords.hash("\ud800")
        assert not passwords.verify("no digest", "open sesame")
    assert passwords.verify(passwords.hash("open sesame"), "open sesame")


def test_an_unknown_user_costs_as_much_as_a_known_one() -> None:
    passwords = Passwords()
    hasher = watched(passwords)
    digest = passwords.hash("open sesame")
    passwords.verify(None, "first")
    hasher.calls = 0
    passwords.verify(digest, "wrong")
    known, hasher.calls = hasher.calls, 0
    passwords.verify(None, "wrong")
    assert known == hasher.calls == 1


def test_the_real_parameters_are_those_of_owasp_or_more() -> None:
    digest = Passwords().hash("open sesame")
    assert digest.startswith("$argon2id$v=19$m=47104,t=2,p=1$")
    assert Passwords(fast=True).needs_rehash(digest)
    assert not Passwords().needs_rehash(digest)
