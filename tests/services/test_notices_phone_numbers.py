"""Of a change of the phone numbers those hear that were reached before it."""

from __future__ import annotations

import pytest
from flask import Flask

from flask_userkit import UserKit
from flask_userkit.models import OutboxMessage
from flask_userkit.models import User
from flask_userkit.services import outbox
from flask_userkit.services.identity import Identity
from flask_userkit.services.kit import Kit
from flask_userkit.services.phone_numbers import PHONE_NUMBER
from tests.rig.fixtures.apps import MakeApp
from tests.services import address_acts
from tests.services.acts import Post
from tests.services.acts import let_in
from tests.services.address_acts import who
from tests.services.kinds import settings_of
from tests.services.support import Mishap
from tests.services.support import count
from tests.services.support import mishap
from tests.services.support import rows

Kits = UserKit[User]
pytestmark = pytest.mark.usefixtures("backend")
ADDRESS, OLD, NEW = "ada@example.com", "+4915123456789", "+4915123456780"
ADDED = "A phone number was added"
PRIMARY = "Your primary phone number was changed"
REMOVED = "A phone number was removed"


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    settings = settings_of(PHONE_NUMBER, "optional")
    return make_app(USERKIT_APP_NAME="Shelf", USERKIT_OUTBOX="worker", **settings)


def somebody(userkit: Kits, *, address: bool) -> Identity:
    addresses = [ADDRESS] if address else []
    user = userkit.users.create_user(email_address=addresses, phone_number=[OLD])
    return who(userkit, let_in(userkit, user.id).token)


def told(post: Post) -> list[tuple[str, str]]:
    """Return who was told what, oldest first, without what has a code."""
    return [
        (mail.to, mail.subject.removeprefix("Shelf: ") or mail.text)
        for mail in reversed(post.all())
        if not mail.code
    ]


def text(title: str) -> str:
    return f"Shelf: {title}. If this was not you, set a new password at once."


def number_of(userkit: Kits, ada: Identity) -> str:
    return userkit.users.get_user(ada.user_id).primary_phone_number_id or ""


def change_all(userkit: Kits, post: Post, ada: Identity) -> None:
    """Add a number, make it the primary one, and remove the old one."""
    old = number_of(userkit, ada)
    new = address_acts.own(userkit, post, ada, NEW, PHONE_NUMBER)
    for _ in "12":
        # The second time changes nothing.
        address_acts.set_primary(userkit, ada, new, PHONE_NUMBER)
    address_acts.remove(userkit, ada, old, PHONE_NUMBER)


def test_who_has_an_address_is_told_there_alone(userkit: Kits, post: Post) -> None:
    ada = somebody(userkit, address=True)
    change_all(userkit, post, ada)
    assert told(post) == [(ADDRESS, ADDED), (ADDRESS, PRIMARY), (ADDRESS, REMOVED)]
    sentences = {
        ADDED: "+49 1512 3456780 belongs to your account now.",
        PRIMARY: "+49 1512 3456780 is the primary phone number of your account now.",
        REMOVED: "+49 1512 3456789 does not belong to your account any more.",
    }
    for mail in post.all():
        title = mail.subject.removeprefix("Shelf: ")
        assert mail.code or sentences[title] in mail.text


def test_who_has_a_number_alone_is_told_at_the_one_in_force_before(
    userkit: Kits, post: Post
) -> None:
    ada = somebody(userkit, address=False)
    change_all(userkit, post, ada)
    # The old one hears of the new one and of its rise; of the end of the old one the new hears.
    assert told(post) == [(OLD, text(ADDED)), (OLD, text(PRIMARY)), (NEW, text(REMOVED))]


def test_of_a_primary_number_that_is_removed_it_hears_itself(userkit: Kits, post: Post) -> None:
    ada = somebody(userkit, address=False)
    address_acts.own(userkit, post, ada, NEW, PHONE_NUMBER)
    address_acts.remove(userkit, ada, number_of(userkit, ada), PHONE_NUMBER)
    assert told(post)[1:] == [(OLD, text(REMOVED))]


def test_of_a_number_that_was_never_proven_nobody_hears(userkit: Kits, post: Post) -> None:
    ada = somebody(userkit, address=False)
    claim = address_acts.add(userkit, ada, NEW, PHONE_NUMBER)
    assert [to for to, _ in told(post)] == []
    address_acts.remove(userkit, ada, claim, PHONE_NUMBER)
    assert told(post) == []


def test_a_change_that_is_rolled_back_is_not_told(userkit: Kits, kit: Kit, post: Post) -> None:
    ada = somebody(userkit, address=False)
    new = address_acts.own(userkit, post, ada, NEW, PHONE_NUMBER)
    waiting = count(kit, OutboxMessage)
    for change in (address_acts.set_primary, address_acts.remove):
        with mishap(), userkit.transaction():
            change(userkit, ada, new, PHONE_NUMBER)
            raise Mishap
    assert count(kit, OutboxMessage) == waiting


def test_a_number_is_told_so_often_a_day_at_most(userkit: Kits, kit: Kit, post: Post) -> None:
    with userkit.transaction() as db:
        for number in [OLD] * 12 + [NEW]:
            outbox.send_sms(db, "notice", number, title=ADDED)
    assert sorted(told(post)) == sorted([(OLD, text(ADDED))] * 10 + [(NEW, text(ADDED))])
    given_up = [row.last_error for row in rows(kit, OutboxMessage) if row.last_error]
    assert given_up == ["this number: too many notices"] * 2
    assert not outbox.is_troubled(kit, "sms"), "it says nothing about the next code"
