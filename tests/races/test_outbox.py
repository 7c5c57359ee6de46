"""Any number of senders send each message once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from flask_userkit import UserKit
from flask_userkit.delivery.mailbox import Mailbox
from flask_userkit.models import User
from flask_userkit.services import outbox
from flask_userkit.services.kit import Kit
from tests.races import works
from tests.races.conftest import PROCESSES
from tests.races.conftest import ROUNDS
from tests.races.conftest import Race
from tests.races.workers import Scene
from tests.rig.twilio import Gateway

Kits = UserKit[User]
pytestmark = pytest.mark.usefixtures("backend")
MESSAGES = 30


def write(userkit: Kits, number: int) -> None:
    with userkit.transaction() as db:
        for n in range(number):
            address = f"person{n}@example.com"
            outbox.send_mail(db, "sign_up_notice", address, address=address, sign_in_url="")


def attempts(kit: Kit) -> Counter[int]:
    with kit.database.reading() as connection:
        query = "SELECT attempts FROM userkit_outbox_message WHERE done_at IS NOT NULL"
        return Counter(connection.exec_driver_sql(query).scalars())


def test_each_message_is_claimed_and_sent_once(userkit: Kits, kit: Kit, start_race: Race) -> None:
    write(userkit, MESSAGES)
    assert start_race(works.send_all, None, threads=2) == {"done": 2 * PROCESSES}
    assert isinstance(kit.email_sender, Mailbox)
    sent = Counter(mail.to for mail in kit.email_sender.messages())
    assert sent == {f"person{n}@example.com": 1 for n in range(MESSAGES)}
    assert attempts(kit) == {1: MESSAGES}


def test_read_and_then_marked_some_would_be_claimed_twice(userkit: Kits, start_race: Race) -> None:
    def lost() -> bool:
        write(userkit, 1)
        claimed = start_race(works.claim, None, threads=2, missing="claim")
        return max(claimed.values()) > 1

    assert any(lost() for _ in range(ROUNDS))


NUMBERS = [f"+4915112{100_000 + n}" for n in range(MESSAGES)]


class TestTexts:
    """Text messages, by a real gateway that counts them."""

    @pytest.fixture
    def scene(self, scene: Scene, gateway: Gateway) -> Scene:
        sms = (("USERKIT_PHONE_NUMBER", "optional"), ("USERKIT_SMS_URL", gateway.url))
        return replace(scene, settings=(*scene.settings, *sms))

    def write(self, userkit: Kits, number: int) -> None:
        with userkit.transaction() as db:
            for to in NUMBERS[:number]:
                outbox.send_sms(db, "phone_number_notice", to)

    def test_each_is_handed_over_once(
        self, userkit: Kits, kit: Kit, start_race: Race, gateway: Gateway
    ) -> None:
        self.write(userkit, MESSAGES)
        assert start_race(works.send_all, None, threads=2) == {"done": 2 * PROCESSES}
        assert sorted(request.to for request in gateway.requests) == NUMBERS
        assert attempts(kit) == {1: MESSAGES}

    def test_of_those_who_hold_the_same_one_hands_it_over(
        self, userkit: Kits, start_race: Race, gateway: Gateway
    ) -> None:
        self.write(userkit, 1)
        claimed = outbox._claim(userkit.kit)
        assert start_race(works.deliver_text, claimed, threads=2) == {"done": 2 * PROCESSES}
        assert len(gateway.requests) == 1

    def test_handed_over_before_it_is_finished_each_of_them_would(
        self, userkit: Kits, start_race: Race, gateway: Gateway
    ) -> None:
        self.write(userkit, 1)
        claimed = outbox._claim(userkit.kit)
        start_race(works.deliver_text, claimed, threads=2, missing="take a text")
        assert len(gateway.requests) == 2
