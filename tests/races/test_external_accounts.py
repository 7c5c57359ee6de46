"""An account at a provider is one person's, and what comes from there counts once (R4, R9)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from urllib.parse import parse_qs
from urllib.parse import urlsplit

import pytest

from flask_userkit import UserKit
from flask_userkit.models import ExternalAccount
from flask_userkit.models import Session
from flask_userkit.models import User
from flask_userkit.services import external_accounts
from flask_userkit.services import inventory
from flask_userkit.services import oauth_sign_ins
from flask_userkit.services import oauth_states
from flask_userkit.services.identity import Identity
from flask_userkit.services.kit import Kit
from tests.races import external_works as works
from tests.races.conftest import AT_ONCE
from tests.races.conftest import PROCESSES
from tests.races.conftest import ROUNDS
from tests.races.conftest import Race
from tests.races.external_works import PROVIDER
from tests.races.external_works import Back
from tests.races.workers import Scene
from tests.rig.hostile.grants import Grant
from tests.rig.hostile_provider import HostileProvider
from tests.rig.people import new_address
from tests.services.acts import let_in
from tests.services.address_acts import who
from tests.services.support import count
from tests.services.support import rows

Kits = UserKit[User]
pytestmark = pytest.mark.usefixtures("backend")
#: Who comes later with what was used already.
TOO_LATE = "verification_expired"


@pytest.fixture
def scene(scene: Scene, hostile_provider: HostileProvider) -> Scene:
    """People come from one provider, and may do without an address."""
    acme = {
        "client_id": hostile_provider.client_id,
        "client_secret": hostile_provider.client_secret,
        "server_metadata_url": hostile_provider.metadata_url,
        "scopes": ("openid", "email", "profile", "offline_access"),
        "email_verified_claim": "email_verified",
    }
    more = (("USERKIT_CONNECTIONS", {PROVIDER: acme}), ("USERKIT_EMAIL_ADDRESS", "optional"))
    return replace(scene, settings=(*scene.settings, *more))


def somebody(userkit: Kits) -> Identity:
    user = userkit.users.create_user(email_address=[new_address()])
    return who(userkit, let_in(userkit, user.id).token)


def connect(
    userkit: Kits, start_race: Race, missing: str | None = None
) -> tuple[list[str], list[str], set[str]]:
    """Let people connect one account, and return who was told so, who has it, and refusals."""
    subject, people = new_address(), [somebody(userkit) for _ in range(2)]
    # One of each: the second try of who is late would be refused by their own first.
    threads = len(people) if missing else AT_ONCE // PROCESSES
    outcomes = start_race(works.connect, (subject, people), threads=threads, missing=missing)
    told = {name for name in outcomes if name.startswith("done ")}
    found = rows(userkit.kit, ExternalAccount, ExternalAccount.provider_user_id == subject)
    names = [name.removeprefix("done ") for name in told]
    return names, [row.user_id for row in found], outcomes.keys() - told


def test_of_people_who_connect_one_account_one_has_it(userkit: Kits, start_race: Race) -> None:
    for _ in range(2):
        told, owners, refusals = connect(userkit, start_race)
        assert len(told) == 1
        assert owners == told
        assert refusals == {"external_account_exists"}


def test_without_a_unique_key_several_would(userkit: Kits, start_race: Race) -> None:
    assert any(len(connect(userkit, start_race, "account key")[1]) > 1 for _ in range(ROUNDS))


def begin(userkit: Kits, provider: HostileProvider) -> Back:
    """Go to the provider to sign in, and return what leads back from there."""
    connection = oauth_states.require_connection(userkit.kit, PROVIDER)
    provider.redirect_uris.add(oauth_states.redirect_uri(userkit.kit, connection))
    with userkit.transaction() as db:
        start = oauth_sign_ins.prepare(db, None, PROVIDER, return_to=None)
    answer = parse_qs(urlsplit(provider.log_in(start.url)).query)
    (state,), (code,), (iss,) = (answer[name] for name in ("state", "code", "iss"))
    return Back(start.token, state, code, iss)


def come_back(
    userkit: Kits, start_race: Race, provider: HostileProvider, missing: str | None = None
) -> tuple[Counter[str], int]:
    """Open the way back many times, and return also how often the provider was asked."""
    before = len(provider.asked("/token"))
    outcomes = start_race(works.come_back, begin(userkit, provider), missing=missing)
    return outcomes, len(provider.asked("/token")) - before


def test_of_ways_back_that_are_opened_at_once_one_signs_in(
    userkit: Kits, kit: Kit, start_race: Race, hostile_provider: HostileProvider
) -> None:
    outcomes, asked = come_back(userkit, start_race, hostile_provider)
    assert outcomes.pop(TOO_LATE) == AT_ONCE - 1
    assert [*outcomes.values()] == [1]
    assert next(iter(outcomes)).startswith("done ")
    assert asked == 1
    assert (count(kit, User), count(kit, ExternalAccount), count(kit, Session)) == (1, 1, 1)


def test_read_and_then_used_up_several_would_go_on(
    userkit: Kits, start_race: Race, hostile_provider: HostileProvider
) -> None:
    assert any(
        come_back(userkit, start_race, hostile_provider, "state")[1] > 1 for _ in range(ROUNDS)
    )


def remove_both(userkit: Kits, start_race: Race, missing: str | None = None) -> bool:
    """Disconnect the account and remove the only address, and tell whether a way in is left."""
    ada = somebody(userkit)
    with userkit.transaction() as db:
        account = external_accounts.add(db, ada.user_id, works.proof_of(new_address()))
    (address,) = userkit.users.get_user(ada.user_id).email_addresses
    threads = 2 if missing else 4
    given = (ada, account, address.id)
    outcomes = start_race(works.remove_one, given, processes=2, threads=threads, missing=missing)
    assert missing or not [outcome for outcome in outcomes if ":" in outcome], outcomes
    left = inventory.read(userkit.kit, ada.user_id)
    return inventory.can_sign_in(userkit.kit.config, left)


def test_of_the_last_account_and_the_last_address_one_stays(
    userkit: Kits, start_race: Race
) -> None:
    assert all(remove_both(userkit, start_race) for _ in range(3))


def test_without_a_lock_both_would_go(userkit: Kits, start_race: Race) -> None:
    assert not all(remove_both(userkit, start_race, "lock of a way in") for _ in range(ROUNDS))


def refresh(
    userkit: Kits, start_race: Race, provider: HostileProvider, missing: str | None = None
) -> tuple[Counter[str], int]:
    """Ask for a token that is over, and return also how often the provider was asked."""
    ada, subject = somebody(userkit), new_address()
    allowed = Grant({"sub": subject}, "openid offline_access", None, "", "", 0, None)
    proof = works.proof_of(subject, provider.grants.refresh_token(allowed))
    with userkit.transaction() as db:
        external_accounts.add(db, ada.user_id, proof)
    before = len(provider.asked("/token"))
    outcomes = start_race(works.get_token, ada.user_id, processes=2, missing=missing)
    return outcomes, len(provider.asked("/token")) - before


def test_of_processes_that_need_a_token_one_refreshes_it_for_all(
    userkit: Kits, start_race: Race, hostile_provider: HostileProvider
) -> None:
    outcomes, asked = refresh(userkit, start_race, hostile_provider)
    ((told, times),) = outcomes.items()
    assert (times, asked) == (2 * AT_ONCE // PROCESSES, 1)
    token = told.removeprefix("done ")
    assert hostile_provider.grants.of_access_token(f"Bearer {token}")


def test_without_a_lease_several_would(
    userkit: Kits, start_race: Race, hostile_provider: HostileProvider
) -> None:
    assert any(
        refresh(userkit, start_race, hostile_provider, "token lease")[1] > 1 for _ in range(ROUNDS)
    )
