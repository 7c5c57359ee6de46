"""Passwords: hashed by argon2id, judged by how soon they are guessed and by nothing else."""

from __future__ import annotations

import re
import threading
import typing as t
import unicodedata
from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError
from argon2.exceptions import VerificationError

from .slots import Slots

MAX_LENGTH = 1024
#: zxcvbn refuses more, and its answer does not change by it.
ESTIMATED_LENGTH = 72
#: Fewer guesses than this, and the password is on every attacker's list.
MIN_GUESSES = 10_000
#: Fewer digits are no phone number.
SHORTEST_NUMBER = 7
#: Shorter parts of a name are no word of their own.
SHORTEST_WORD = 3
#: Each hash takes 46 MiB and a core: more at a time starve the other pages of the process.
PARALLEL_HASHES = 2
WAIT_SECONDS = 10
#: What makes a password easily guessed; ``other``: it is short, or a little of each.
Weakness = t.Literal[
    "common", "word", "name", "own", "repeat", "keyboard", "sequence", "date", "other"
]
_PATTERNS: dict[str, Weakness] = {
    "spatial": "keyboard",
    "repeat": "repeat",
    "sequence": "sequence",
    "date": "date",
    # The one expression that zxcvbn looks for is a year.
    "regex": "date",
}
_DICTIONARIES: dict[str, Weakness] = {
    "passwords": "common",
    "user_inputs": "own",
    "female_names": "name",
    "male_names": "name",
    "surnames": "name",
}


class Passwords:
    """Hashes and verifies; the parameters are those of OWASP's cheat sheet, with twice the time."""

    def __init__(self, *, fast: bool = False) -> None:
        self._hasher = (
            PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
            if fast
            else PasswordHasher(time_cost=2, memory_cost=46 * 1024, parallelism=1)
        )
        self._making = threading.Lock()
        self._slots = Slots(PARALLEL_HASHES, WAIT_SECONDS)
        self._dummy: str | None = None

    def hash(self, password: str) -> str:
        """Return the digest of a password.

        :raises Busy: no slot came free in time.
        """
        with self._slots:
            return self._hasher.hash(normalize(password))

    def verify(self, digest: str | None, password: str) -> bool:
        """Tell whether a password is right; without a digest this takes as long and says no.

        :raises Busy: no slot came free in time.
        """
        stored = digest or self._dummy_digest()
        with self._slots:
            try:
                self._hasher.verify(stored, normalize(password))
            except (VerificationError, InvalidHashError, UnicodeError):
                return False
        return digest is not None

    def needs_rehash(self, digest: str) -> bool:
        """Tell whether a digest was made with other parameters."""
        return self._hasher.check_needs_rehash(digest)

    def _dummy_digest(self) -> str:
        """Return a digest of nobody's password, made once: two would be twice as slow."""
        with self._making:
            if self._dummy is None:
                self._dummy = self._hasher.hash("nobody's password")
            return self._dummy


def normalize(password: str) -> str:
    """Return the password in NFC (NIST SP 800-63B-4 section 3.1.1.2); nothing is trimmed."""
    return unicodedata.normalize("NFC", password)


def password_problem(password: str, minimum: int, context: Iterable[str] = ()) -> str | None:
    """Return the code of what is wrong with a new password, or None.

    :param minimum: shortest length, in characters.
    :param context: words an attacker would try first: the app's name, the person's address.
    """
    unusable = unusable_password(password)
    if unusable is not None:
        return unusable
    password = normalize(password)
    if len(password) < minimum:
        return "form_password_length_too_short"
    context = list(context)
    words = _words(context)
    if _consists_of(_letters(password), words) or any(
        _same_number(password, word) for word in context
    ):
        return "form_password_matches_identifier"
    return None if _guesses(password, words) >= MIN_GUESSES else "form_password_not_strong_enough"


def weakness(password: str, context: Iterable[str] = ()) -> Weakness:
    """Return what makes a password easily guessed: of several causes the longest.

    :param context: as above.
    """
    found = _estimate(normalize(password), _words(context))["sequence"]
    causes = [match for match in found if match["pattern"] != "bruteforce"]
    if not causes:
        return "other"
    cause = max(causes, key=lambda match: len(match["token"]))
    if cause["pattern"] == "dictionary":
        return _DICTIONARIES.get(cause["dictionary_name"], "word")
    return _PATTERNS[cause["pattern"]]


def unusable_password(password: str) -> str | None:
    """Return the code of what keeps a password from ever being verified, or None."""
    if len(password) > MAX_LENGTH:
        return "form_password_length_too_long"
    if not password:
        return "form_password_length_too_short"
    try:
        password.encode()
    except UnicodeEncodeError:
        return "form_param_format_invalid"
    return None


def _letters(word: str) -> str:
    return re.sub(r"[\W\d_]+", "", word.casefold())


def _words(context: Iterable[str]) -> set[str]:
    """Return the words that are no password alone, whatever digits and signs are added."""
    words: set[str] = set()
    for text in context:
        parts = [_letters(part) for part in re.split(r"[\W\d_]+", text)]
        words |= {_letters(text), *(part for part in parts if len(part) >= SHORTEST_WORD)}
    return words - {""}


def _consists_of(letters: str, words: set[str]) -> bool:
    """Tell whether a text is these words and nothing else, one or several of them."""
    # By hand: an expression of words that a person chooses may try for ever.
    ends = {0}
    for start in range(len(letters)):
        if start in ends:
            ends |= {start + len(word) for word in words if letters.startswith(word, start)}
    return bool(letters) and len(letters) in ends


def _same_number(password: str, word: str) -> bool:
    """Tell whether both are one phone number, with its country or without."""
    if _letters(password) or _letters(word):
        return False
    one, other = (re.sub(r"[\D_]+", "", text).lstrip("0") for text in (password, word))
    return min(len(one), len(other)) >= SHORTEST_NUMBER and (
        one.endswith(other) or other.endswith(one)
    )


def _guesses(password: str, words: set[str]) -> int:
    estimate = int(_estimate(password, words)["guesses"])
    # It takes every symbol for one of ten, which letters of other scripts and emoji are not.
    return int(
        estimate * 100 ** len({character for character in password if not character.isascii()})
    )


def _estimate(password: str, words: set[str]) -> dict[str, t.Any]:
    from zxcvbn import zxcvbn

    found = zxcvbn(password[:ESTIMATED_LENGTH], user_inputs=sorted(words))
    return t.cast("dict[str, t.Any]", found)
