"""Of a change of the email addresses those hear that were there before it."""

from __future__ import annotations

import typing as t

import pytest
from flask import Flask
from markupsafe import escape

from flask_userkit import UserKit
from flask_userkit.models import OutboxMessage
from flask_userkit.models import User
from flask_userkit.services.identity import Identity
from flask_userkit.services.kit import Kit
from tests.rig.fixtures.apps import MakeApp
from tests.services import address_acts
from tests.services.acts import Post
from tests.services.address_acts import link_of
from tests.services.address_acts import mails_to
from tests.services.address_acts import open_link
from tests.services.address_acts import somebody
from tests.services.support import Mishap
from tests.services.support import count
from tests.services.support import mishap
from tests.services.support import refused

Kits = UserKit[User]
on_each_database = pytest.mark.usefixtures("backend")
ADA, NEW = "ada@example.com", "countess@example.org"
ADDED = "Shelf: An email address was added"
PRIMARY = "Shelf: Your primary email address was changed"
REMOVED = "Shelf: An email address was removed"


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(USERKIT_APP_NAME="Shelf", USERKIT_OUTBOX="worker", USERKIT_USERNAME="optional")


@pytest.fixture
def ada(userkit: Kits, post: Post) -> Identity:
    return somebody(userkit, post, ADA)


def told(post: Post) -> list[tuple[str, str]]:
    """Return who was told what, oldest first, without the mails that have a code or a link."""
    notices = [mail for mail in post.all() if "Was it not you? Then somebody else" in mail.text]
    return sorted((mail.to, mail.subject) for mail in notices)


def text_of(post: Post, subject: str) -> set[str]:
    return {mail.text for mail in post.all() if mail.subject == subject}


def test_who_signs_up_hears_of_no_change(post: Post, ada: Identity) -> None:
    assert told(post) == []


@on_each_database
def test_of_an_address_that_is_added_the_others_hear_once_it_is_proven(
    userkit: Kits, post: Post, ada: Identity
) -> None:
    address_id = address_acts.add(userkit, ada, NEW)
    assert told(post) == []
    address_acts.verify(userkit, ada, address_id, post.code(NEW))
    assert told(post) == [(ADA, ADDED)]
    (text,) = text_of(post, ADDED)
    assert f"{NEW} belongs to your account now." in text


@on_each_database
def test_of_another_primary_address_the_old_and_the_new_one_hear(
    userkit: Kits, post: Post, ada: Identity
) -> None:
    address_id = address_acts.own(userkit, post, ada, NEW)
    address_acts.set_primary(userkit, ada, address_id)
    # Once more changes nothing.
    address_acts.set_primary(userkit, ada, address_id)
    assert told(post) == [(ADA, ADDED), (ADA, PRIMARY), (NEW, PRIMARY)]
    (text,) = text_of(post, PRIMARY)
    assert f"{NEW} is the primary address of your account now." in text


@on_each_database
def test_of_an_address_that_is_removed_it_hears_itself(
    userkit: Kits, post: Post, ada: Identity
) -> None:
    address_id = address_acts.own(userkit, post, ada, NEW)
    address_acts.remove(userkit, ada, address_id)
    assert told(post) == [(ADA, ADDED), (ADA, REMOVED), (NEW, REMOVED)]
    (text,) = text_of(post, REMOVED)
    assert f"{NEW} does not belong to your account any more." in text


def test_of_an_address_that_was_never_proven_nobody_hears(
    userkit: Kits, post: Post, ada: Identity
) -> None:
    address_acts.remove(userkit, ada, address_acts.add(userkit, ada, NEW))
    assert told(post) == []


@on_each_database
def test_who_takes_an_account_over_is_told_of_at_every_step(
    userkit: Kits, post: Post, ada: Identity
) -> None:
    """The owner hears of the intruder's address, of its rise, and of the end of their own."""
    (old,) = [row.id for row in address_acts.listed(userkit, ada)]
    new = address_acts.own(userkit, post, ada, NEW)
    address_acts.set_primary(userkit, ada, new)
    address_acts.remove(userkit, ada, old)
    userkit.users.delete_user(ada.user_id)
    owners = [subject for to, subject in told(post) if to == ADA]
    assert owners == sorted([ADDED, PRIMARY, REMOVED])


@pytest.mark.usefixtures("backend")
def test_of_an_address_that_is_proven_by_a_link_the_others_hear(
    make_app: MakeApp,
) -> None:
    app = make_app(
        USERKIT_APP_NAME="Shelf", USERKIT_OUTBOX="worker", USERKIT_EMAIL_VERIFICATION="link"
    )
    with app.app_context():
        userkit = t.cast(Kits, app.extensions["userkit"])
        post = Post(userkit.kit)
        ada = somebody(userkit, post, ADA)
        address_acts.add(userkit, ada, NEW)
        token = link_of(mails_to(post, NEW)[0])
        open_link(userkit, token)
        with refused("verification_already_verified"):
            open_link(userkit, token)
        assert told(post) == [(ADA, ADDED)]


@on_each_database
def test_a_change_that_is_rolled_back_is_not_told(
    userkit: Kits, kit: Kit, post: Post, ada: Identity
) -> None:
    address_id = address_acts.own(userkit, post, ada, NEW)
    waiting = count(kit, OutboxMessage)
    for change in (address_acts.set_primary, address_acts.remove):
        with mishap(), userkit.transaction():
            change(userkit, ada, address_id)
            raise Mishap
    assert count(kit, OutboxMessage) == waiting


def test_what_the_app_does_is_told_if_it_says_so(userkit: Kits, post: Post, ada: Identity) -> None:
    email = userkit.email_addresses.create(ada.user_id, NEW, verified=True)
    userkit.users.update_user(ada.user_id, primary_email_address_id=email.id)
    assert told(post) == []
    (old,) = [row.id for row in address_acts.listed(userkit, ada) if not row.primary]
    userkit.users.update_user(ada.user_id, primary_email_address_id=old, notify=True)
    # It is the primary one now, so that nothing changes.
    userkit.users.update_user(ada.user_id, primary_email_address_id=old, notify=True)
    assert told(post) == [(ADA, PRIMARY), (NEW, PRIMARY)]


@pytest.mark.parametrize(
    "address",
    [
        "{{7*7}}@example.org",
        "a%s%d@example.org",
        "o'hara&co@example.org",
        "=?utf-8?q?x?=@example.org",
    ],
)
def test_a_hostile_address_stands_there_as_it_is(
    userkit: Kits, post: Post, ada: Identity, address: str
) -> None:
    address_acts.own(userkit, post, ada, address)
    assert told(post) == [(ADA, ADDED)]
    (mail,) = [mail for mail in post.all() if mail.subject == ADDED]
    assert f"{address} belongs to your account now." in mail.text
    assert str(escape(address)) in mail.html
    assert address not in mail.html or "&" not in address
    assert len(mail.links) == 1
