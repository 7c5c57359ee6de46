"""Passwords are taken as they are typed, and refused for being easily guessed alone."""

from __future__ import annotations

import time

import pytest

from flask_userkit.security.passwords import MAX_LENGTH
from flask_userkit.security.passwords import Passwords
from flask_userkit.security.passwords import normalize
from flask_userkit.security.passwords import password_problem
from flask_userkit.security.passwords import weakness

TOO_SHORT = "form_password_length_too_short"
TOO_LONG = "form_password_length_too_long"
WEAK = "form_password_not_strong_enough"
OWN = "form_password_matches_identifier"


@pytest.fixture(scope="module")
def passwords() -> Passwords:
    return Passwords(fast=True)


@pytest.mark.parametrize("length", [72, 73, 200, MAX_LENGTH])
def test_passwords_that_differ_at_the_end_alone_are_different(
    passwords: Passwords, length: int
) -> None:
    start = "x" * (length - 1)
    digest = passwords.hash(start + "a")
    assert passwords.verify(digest, start + "a")
    assert not passwords.verify(digest, start + "b")
    assert not passwords.verify(digest, start)


@pytest.mark.parametrize("other", ["open sesame", " open sesame", "open sesame ", "Open Sesame "])
def test_spaces_and_case_count(passwords: Passwords, other: str) -> None:
    digest = passwords.hash(" open sesame ")
    assert passwords.verify(digest, " open sesame ")
    assert not passwords.verify(digest, other)


def test_composed_and_decomposed_letters_are_the_same(passwords: Passwords) -> None:
    digest = passwords.hash("café au lait".replace("é", "e\u0301"))
    assert passwords.verify(digest, "café au lait")


@pytest.mark.parametrize(("typed", "other"), [("ﬁnesse!", "finesse!"), ("\uff21dmiral", "Admiral")])
def test_letters_that_only_look_alike_are_different(
    passwords: Passwords, typed: str, other: str
) -> None:
    assert normalize(typed) == typed
    assert not passwords.verify(passwords.hash(typed), other)


def test_two_digests_of_one_password_differ(passwords: Passwords) -> None:
    assert passwords.hash("open sesame") != passwords.hash("open sesame")


@pytest.mark.parametrize(
    "digest", ["", "!", "$argon2id$", "$2b$12$abcdefghijklmnopqrstuv", "\ud800"]
)
def test_a_digest_that_nothing_made_is_never_right(passwords: Passwords, digest: str) -> None:
    assert not passwords.verify(digest, "")
    assert not passwords.verify(digest, "open sesame")


def test_nobody_has_the_password_of_a_user_without_one(passwords: Passwords) -> None:
    assert not passwords.verify(None, "nobody's password")
    assert not passwords.verify(None, "")


@pytest.mark.parametrize("password", ["\ud800" * 8, "open sesame \udfff"])
def test_a_lone_surrogate_is_refused_and_matches_nothing(
    passwords: Passwords, password: str
) -> None:
    assert password_problem(password, 8) == "form_param_format_invalid"
    assert not passwords.verify(passwords.hash("open sesame"), password)
    assert not passwords.verify(None, password)


@pytest.mark.parametrize("size", [MAX_LENGTH + 1, 1_000_000])
def test_a_huge_password_is_refused_before_any_work(size: int) -> None:
    begun = time.thread_time()
    assert password_problem("\u0301" * size, 8) == TOO_LONG
    assert time.thread_time() - begun < 0.05


def test_the_longest_password_is_judged_quickly() -> None:
    begun = time.thread_time()
    assert password_problem("correct horse battery " * 46, 8) is None
    assert time.thread_time() - begun < 1


@pytest.mark.parametrize("minimum", [8, 15])
def test_the_minimum_counts_characters_and_not_bytes(minimum: int) -> None:
    assert password_problem("кошкасобакалошадь"[: minimum - 1], minimum) == TOO_SHORT
    assert password_problem("кошкасобакалошадь"[:minimum], minimum) is None


def test_a_letter_and_its_accent_are_one_character() -> None:
    assert password_problem("e\u0301xyzqwv"[:8], 8) == TOO_SHORT


@pytest.mark.parametrize(
    "password",
    [
        "password123",
        "qwertyuiop",
        "12345678",
        "P@ssw0rd",
        "aaaaaaaaaaaaaaa",
        "1q2w3e4r5t",
        "passwordpassword",
        "abcdefgh",
        "11111111111",
    ],
)
def test_what_everybody_guesses_first_is_refused(password: str) -> None:
    assert password_problem(password, 8) == WEAK


def test_the_three_thousand_commonest_passwords_are_refused() -> None:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    common = [word for word in FREQUENCY_LISTS["passwords"][:3000] if len(word) >= 8]
    assert len(common) > 300
    assert [word for word in common if password_problem(word, 8) != WEAK] == []


@pytest.mark.parametrize(
    "password", ["Shelf2026!", "2026-SHELF", "lovelace1", "1815ADA!!", "a.d.a.1815"]
)
def test_the_names_of_the_app_and_the_person_are_refused(password: str) -> None:
    assert password_problem(password, 8, ["Shelf", "Lovelace", "ada", ""]) == OWN


@pytest.mark.parametrize(
    "password",
    [
        "Reading2026!",
        "list-1815",
        "readinglist1",
        "lovelace1815",
        "ada.lovelace",
        "2026byron!",
    ],
)
def test_so_is_each_word_of_them(password: str) -> None:
    context = ["Reading list", "ada.lovelace+byron@example.com", "ada.lovelace+byron"]
    assert password_problem(password, 8, context) == OWN


@pytest.mark.parametrize("password", ["le plus grand", "reading for pleasure", "ad lib forever"])
def test_a_word_that_is_part_of_more_is_no_reason(password: str) -> None:
    assert password_problem(password, 8, ["Le Reading list", "Ad"]) is None


@pytest.mark.parametrize(
    ("password", "cause"),
    [
        ("password123", "common"),
        ("P@ssw0rd", "common"),
        ("september", "word"),
        ("jennifer", "name"),
        ("Lovelac3", "own"),
        ("aaaaaaaaaaaa", "repeat"),
        ("zxcvbnm,.", "keyboard"),
        ("abcdefgh", "sequence"),
        ("20201010", "date"),
    ],
)
def test_a_weak_one_has_a_cause(password: str, cause: str) -> None:
    assert password_problem(password, 8, ["Shelf", "Lovelace"]) == WEAK
    assert weakness(password, ["Shelf", "Lovelace"]) == cause


def test_words_that_would_hold_an_expression_up_are_compared_at_once() -> None:
    begun = time.thread_time()
    assert password_problem("a" * 1000 + "!b", 8, ["a" * n for n in range(1, 40)]) is not OWN
    assert time.thread_time() - begun < 1


def test_where_nothing_is_known_the_cause_is_another() -> None:
    assert weakness("k7w") == "other"


def test_a_name_inside_a_longer_phrase_is_no_reason() -> None:
    assert password_problem("ada likes long walks", 8, ["ada"]) is None


@pytest.mark.parametrize(
    "password",
    [
        "a b" * 20,
        "😀😃😄😁😆😅🤣😂🙂🙃😉😊😇🥰😍",
        "lowercase words only",
        "пароли бывают разные",
        "                              x",
        "צבע כחול עמוק",
    ],
)
def test_there_are_no_rules_of_composition(password: str) -> None:
    assert password_problem(password, 8) is None


@pytest.mark.parametrize(
    "password",
    ["+4915127391846", "+49 (1512) 739-1846", "004915127391846", "0151 27391846", "27391846"],
)
def test_ones_own_phone_number_is_no_password_however_it_is_written(password: str) -> None:
    for number in ("+4915127391846", "0151 27391846"):
        assert password_problem(password, 8, ["Shelf", number]) == OWN


@pytest.mark.parametrize("password", ["+4915127391847", "a27391846 horse", "391846 horse battery"])
def test_another_number_or_one_among_words_may_be_one(password: str) -> None:
    assert password_problem(password, 8, ["", "+4915127391846", "391846"]) is None
