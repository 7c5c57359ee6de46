"""Ids are prefixed, unique, and in the order in which they were made."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

from flask_userkit.models.types import ID_LENGTH
from flask_userkit.security.ids import new_id


def test_an_id_says_what_it_is_of() -> None:
    assert re.fullmatch(r"user_[0-9a-f]{32}", new_id("user"))
    assert len(new_id("lease")) <= ID_LENGTH


def test_ids_are_in_the_order_in_which_they_were_made() -> None:
    ids = [new_id("user") for _ in range(10_000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)


def test_ids_of_several_threads_are_unique() -> None:
    with ThreadPoolExecutor(8) as pool:
        made = [made for ids in pool.map(make_ids, range(8)) for made in ids]
    assert len(set(made)) == len(made)


def make_ids(_number: int) -> list[str]:
    return [new_id("user") for _ in range(1000)]
