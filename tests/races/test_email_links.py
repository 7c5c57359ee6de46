"""No link outlives the session that asked for it, also while its button is being pressed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from flask_userkit import UserKit
from flask_userkit.models import EmailAddress
from flask_userkit.models import User
from flask_userkit.services import email_addresses
from flask_userkit.services import email_links
from flask_userkit.services import identifiers
from flask_userkit.services.email_addresses import EMAIL_ADDRESS
from flask_userkit.services.identity import Identity
from flask_userkit.services.purposes import Purpose
from tests.races import works
from tests.races.conftest import ROUNDS
from tests.races.conftest import Race
from tests.races.workers import Scene
from tests.rig.people import new_address
from tests.services.acts import Post
from tests.services.acts import let_in
from tests.services.address_acts import link_of
from tests.services.address_acts import who
from tests.services.support import count

Kits = UserKit[User]
LINKS = 40
pytestmark = pytest.mark.usefixtures("backend")


@pytest.fixture
def scene(scene: Scene) -> Scene:
    """Addresses are proven by links."""
    more = (("USERKIT_EMAIL_VERIFICATION", "link"), ("USERKIT_EMAIL_ADDRESS_LIMIT", LINKS + 1))
    return replace(scene, settings=(*scene.settings, *more))


def ask_for_links(userkit: Kits, post: Post) -> tuple[Identity, list[str]]:
    """Let somebody claim many addresses, and return the tokens of their links."""
    user = userkit.users.create_user(email_address=[new_address()])
    ada = who(userkit, let_in(userkit, user.id).token)
    claimed = [new_address() for _ in range(LINKS)]
    with userkit.transaction() as db:
        for address in claimed:
            claim = identifiers.add_claim(
                db,
                EMAIL_ADDRESS,
                user.id,
                email_addresses.typed(email_addresses.parse(address)),
            )
            email_links.create(
                db,
                purpose=Purpose.EMAIL_ADDRESS,
                address=address,
                client_id=ada.client_id,
                user_id=user.id,
                identifier_id=claim.id,
                real=True,
                attempts=0,
            )
    return ada, [link_of(mail) for mail in post.all() if mail.to in claimed]


def is_late(userkit: Kits, ada: Identity, outcomes: Counter[str]) -> bool:
    """Tell whether an address was proven after the session had been revoked."""
    told = [name for name in outcomes if name.startswith("done revoked at ")]
    proven = (EmailAddress.user_id == ada.user_id, EmailAddress.verified_key.is_not(None))
    # Two who revoke it say the same, or something was proven between them.
    return told != [f"done revoked at {count(userkit.kit, EmailAddress, *proven)}"]


def test_no_link_of_a_session_that_is_revoked_proves_an_address(
    userkit: Kits, post: Post, start_race: Race
) -> None:
    for _ in range(2):
        given = ask_for_links(userkit, post)
        outcomes = start_race(works.revoke_or_open, given, processes=2, threads=6)
        assert not is_late(userkit, given[0], outcomes)
        assert outcomes["verification_link_token_invalid"]


def test_asked_before_the_lock_alone_some_would(
    userkit: Kits, post: Post, start_race: Race
) -> None:
    def lost() -> bool:
        given = ask_for_links(userkit, post)
        outcomes = start_race(
            works.revoke_or_open, given, processes=2, threads=6, missing="is signed in"
        )
        return is_late(userkit, given[0], outcomes)

    assert any(lost() for _ in range(ROUNDS))
