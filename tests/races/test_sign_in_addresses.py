"""A code that is asked for while its address is removed signs nobody in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from flask_userkit import UserKit
from flask_userkit.models import EmailAddress
from flask_userkit.models import User
from flask_userkit.models import Verification
from flask_userkit.services import sign_ins
from flask_userkit.services.identity import Identity
from flask_userkit.services.kit import Kit
from tests.races import works
from tests.races.conftest import ROUNDS
from tests.races.conftest import Race
from tests.rig.people import new_address
from tests.services.acts import Post
from tests.services.acts import let_in
from tests.services.address_acts import who
from tests.services.support import rows

Kits = UserKit[User]
pytestmark = pytest.mark.usefixtures("backend")
PEOPLE = 4


def somebody(userkit: Kits) -> tuple[Identity, str, str]:
    """Make somebody with two addresses, and return one that they can do without."""
    address = new_address()
    user = userkit.users.create_user(email_address=[new_address(), address])
    (row,) = rows(userkit.kit, EmailAddress, EmailAddress.email_address == address)
    return who(userkit, let_in(userkit, user.id).token), row.id, address


def received(kit: Kit, post: Post, tokens: list[str]) -> Iterator[tuple[str, str]]:
    """Return which browser waits for which of the codes that were sent."""
    codes = {mail.code for mail in post.all() if mail.code}
    digests = {row.id: row.code_digest for row in rows(kit, Verification)}
    for token in tokens:
        pending = sign_ins.pending_attempt(kit, token)
        assert pending is not None
        sent, digest = pending.verification_id, digests[pending.verification_id]
        yield from (
            (token, code)
            for code in codes
            if kit.keys.verify_mac("verification code", f"{sent}:{code}", digest)
        )


def begin_and_remove(
    userkit: Kits, post: Post, start_race: Race, missing: str | None = None
) -> Counter[str]:
    """Ask for codes to addresses while they are removed, and count what came of the codes."""
    people = [somebody(userkit) for _ in range(PEOPLE)]
    outcomes = start_race(
        works.begin_or_remove, people, processes=1, threads=2 * PEOPLE, missing=missing
    )
    assert outcomes.pop("removed") == PEOPLE, outcomes
    tokens = [outcome.removeprefix("began ") for outcome in outcomes]
    assert all(outcome.startswith("began ") for outcome in outcomes), outcomes
    sent = list(received(userkit.kit, post, tokens))
    if not sent:
        return Counter()
    work = works.sign_in_elsewhere
    return start_race(work, sent, processes=1, threads=len(sent), missing=missing)


def test_a_code_to_an_address_that_is_being_removed_signs_nobody_in(
    userkit: Kits, post: Post, start_race: Race
) -> None:
    for _ in range(4):
        outcomes = begin_and_remove(userkit, post, start_race)
        assert outcomes.keys() <= {"verification_expired", "verification_already_verified"}


def test_without_another_look_at_the_address_it_would(
    userkit: Kits, post: Post, start_race: Race
) -> None:
    def lost() -> bool:
        outcomes = begin_and_remove(userkit, post, start_race, "address of a code")
        return any(outcome.startswith("done") for outcome in outcomes)

    assert any(lost() for _ in range(ROUNDS))
