"""A code works once, for ten minutes and five attempts, where it was asked for and nowhere else."""

from __future__ import annotations

import typing as t
from collections.abc import Callable

import pytest

from flask_userkit import UserKit
from flask_userkit.models import Event
from flask_userkit.models import User
from flask_userkit.models import Verification
from flask_userkit.services import sign_ins
from flask_userkit.services import sign_ups
from flask_userkit.services import verifications
from flask_userkit.services.kit import Kit
from flask_userkit.services.purposes import Purpose
from tests.rig.clock import Clock
from tests.rig.people import new_address
from tests.services.acts import Post
from tests.services.acts import begin_sign_in
from tests.services.acts import begin_sign_up
from tests.services.acts import enter_sign_in_code
from tests.services.acts import enter_sign_up_code
from tests.services.acts import sign_up
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
pytestmark = pytest.mark.usefixtures("clock")
#: Each flow on SQLite, and each of the others with one of them: what differs is not both at once.
FLOWS = [
    ("sign_in", "sqlite"),
    ("sign_up", "sqlite"),
    ("sign_in", "postgresql"),
    ("sign_up", "mariadb"),
]
in_each_flow = pytest.mark.parametrize(("flow", "backend"), FLOWS, indirect=True)


class Flow:
    """Sign-in or sign-up, for what is the same in both."""

    def __init__(self, name: str, userkit: Kits, post: Post) -> None:
        self._userkit = userkit
        self._post = post
        self._service = sign_ins if name == "sign_in" else sign_ups
        self._begin: Callable[..., str] = begin_sign_in if name == "sign_in" else begin_sign_up
        self._enter = enter_sign_in_code if name == "sign_in" else enter_sign_up_code
        self.name = name

    def begin(self) -> tuple[str, str]:
        """Ask for a code at a new browser, and return the browser's token and the code."""
        address = new_address()
        if self.name == "sign_in":
            self._userkit.users.create_user(email_address=[address])
        token = self._begin(self._userkit, address)
        self.address = address
        return token, self._post.code(address)

    def enter(self, token: str, code: str) -> str:
        return self._enter(self._userkit, token, code).user_id

    def deliver(self, token: str) -> str:
        """Ask for another code, and return it."""
        with self._userkit.transaction() as db:
            self._service.deliver_code(db, token)
        return self._post.code(self.address)

    def guess(self, token: str, code: str) -> None:
        """Enter something that is not the code."""
        with refused("form_code_incorrect", "code"):
            self.enter(token, wrong(code))


@pytest.fixture
def flow(request: pytest.FixtureRequest, userkit: Kits, post: Post) -> Flow:
    return Flow(request.param, userkit, post)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


@in_each_flow
def test_a_code_lives_ten_minutes_to_the_second(flow: Flow, clock: Clock) -> None:
    for seconds, lives in ((599, True), (599.999, True), (600, False), (601, False)):
        token, code = flow.begin()
        clock.tick(seconds)
        if lives:
            assert flow.enter(token, code)
        else:
            with refused("verification_expired", "code" if flow.name == "sign_up" else None):
                flow.enter(token, code)


@in_each_flow
def test_the_fifth_attempt_is_the_last(flow: Flow, kit: Kit) -> None:
    token, code = flow.begin()
    for left in (4, 3, 2, 1):
        with refused("form_code_incorrect", "code") as refusal:
            flow.enter(token, wrong(code))
        assert f"{left} attempt" in refusal.message
    assert flow.enter(token, code)

    token, code = flow.begin()
    for _ in range(5):
        flow.guess(token, code)
    for _ in range(2):
        with refused("verification_failed", "code"):
            flow.enter(token, code)
    assert rows(kit, Verification)[-1].attempts == 5
    failed = [event.data["attempts"] for event in rows(kit, Event, Event.name.like("verif%"))]
    assert failed == [1, 2, 3, 4, 1, 2, 3, 4, 5]


@in_each_flow
def test_another_code_brings_no_other_attempts(flow: Flow, clock: Clock) -> None:
    token, code = flow.begin()
    for _ in range(3):
        flow.guess(token, code)
    clock.tick(30)
    code = flow.deliver(token)
    for _ in range(2):
        flow.guess(token, code)
    with refused("verification_failed", "code"):
        flow.enter(token, code)
    clock.tick(30)
    with refused("verification_failed", "code"):
        flow.deliver(token)


@in_each_flow
def test_the_code_of_an_earlier_delivery_is_dead(flow: Flow, clock: Clock) -> None:
    token, first = flow.begin()
    clock.tick(30)
    second = flow.deliver(token)
    with refused("form_code_incorrect", "code"):
        flow.enter(token, first if first != second else wrong(first))
    assert flow.enter(token, second)


@in_each_flow
def test_another_code_is_to_be_had_after_half_a_minute(flow: Flow, clock: Clock) -> None:
    token, code = flow.begin()
    for wait in (30, 29, 1):
        with refused("verification_code_too_many_requests") as refusal:
            flow.deliver(token)
        assert refusal.retry_after == wait
        clock.tick(wait - 29 if wait == 30 else wait - 1)
    assert flow.enter(token, code)
    token, _ = flow.begin()
    clock.tick(30)
    assert flow.enter(token, flow.deliver(token))


@in_each_flow
def test_what_is_no_code_costs_no_attempt(flow: Flow) -> None:
    token, code = flow.begin()
    for typed in ("", "12345", "1234567", "abcdef", "\0", "\ud800", "x" * 10**6):
        with refused("form_param_format_invalid", "code"):
            flow.enter(token, typed)
    assert flow.enter(token, f" {code[:3]}\u00a0{code[3:]}\n")


@in_each_flow
def test_a_code_works_in_the_browser_that_asked_for_it_alone(flow: Flow) -> None:
    token, code = flow.begin()
    other, others = flow.begin()
    for stranger in (None, "x" * 43):
        with refused("verification_expired"):
            flow.enter(t.cast(str, stranger), code)
    with refused("form_code_incorrect", "code"):
        flow.enter(other, code if code != others else wrong(others))
    assert flow.enter(token, code)
    assert flow.enter(other, others)


@in_each_flow
def test_a_code_works_once(flow: Flow) -> None:
    token, code = flow.begin()
    assert flow.enter(token, code)
    with refused("verification_expired"):
        flow.enter(token, code)


@in_each_flow
def test_a_code_is_good_for_its_purpose_and_its_client_alone(
    flow: Flow, userkit: Kits, kit: Kit
) -> None:
    _, code = flow.begin()
    row = rows(kit, Verification)[-1]
    mine = Purpose(flow.name)
    others = [(purpose, row.client_id) for purpose in Purpose if purpose is not mine]
    assert len(others) == 9
    for purpose, client_id in (*others, (mine, "client_0"), (others[0][0], "")):
        with refused("verification_expired", "code"), userkit.transaction() as db:
            verifications.attempt(db, row.id, purpose=purpose, client_id=client_id, code=code)
    assert rows(kit, Verification)[-1].attempts == 0


@in_each_flow
def test_a_proof_is_used_up_once(flow: Flow, userkit: Kits, kit: Kit) -> None:
    _, code = flow.begin()
    row = rows(kit, Verification)[-1]
    with userkit.transaction() as db:
        proof = verifications.attempt(
            db, row.id, purpose=Purpose(flow.name), client_id=row.client_id, code=code
        )
        verifications.consume(db, proof)
    with refused("verification_already_verified", "code"), userkit.transaction() as db:
        verifications.consume(db, proof)


@in_each_flow
def test_a_row_never_changes_but_in_its_count_and_its_end(flow: Flow, kit: Kit) -> None:
    token, code = flow.begin()
    before = vars(rows(kit, Verification)[-1])
    flow.guess(token, code)
    flow.enter(token, code)
    after = vars(rows(kit, Verification)[-1])
    changed = {name for name in before if before[name] != after[name]} - {"_sa_instance_state"}
    assert changed == {"attempts", "consumed_at"}


@in_each_flow
def test_the_code_is_stored_neither_plain_nor_as_a_plain_hash(flow: Flow, kit: Kit) -> None:
    _, code = flow.begin()
    row = rows(kit, Verification)[-1]
    assert len(row.code_digest) == 32
    assert code.encode() not in row.code_digest
    assert row.code_digest == kit.keys.mac("verification code", f"{row.id}:{code}")


@pytest.mark.usefixtures("backend")
def test_beginning_again_kills_the_code_before(userkit: Kits, post: Post) -> None:
    ada = sign_up(userkit, post)
    token = begin_sign_in(userkit, ada.address)
    first = post.code(ada.address)
    assert begin_sign_in(userkit, ada.address, token) == token
    second = post.code(ada.address)
    with refused("form_code_incorrect", "code"):
        enter_sign_in_code(userkit, token, first if first != second else wrong(first))
    assert enter_sign_in_code(userkit, token, second).user_id == ada.signed_in.user_id
