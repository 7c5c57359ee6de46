"""Of many pictures that are set at once one is kept, and it is the one that is shown."""

from __future__ import annotations

import pytest

from flask_userkit import UserKit
from flask_userkit.models import User
from flask_userkit.services.avatars import content_of
from flask_userkit.services.kit import Kit
from tests.races import works
from tests.races.conftest import ROUNDS
from tests.races.conftest import Race
from tests.rig.pictures import picture

Kits = UserKit[User]
pytestmark = pytest.mark.usefixtures("backend")
#: A process that works on two pictures already may say so.
HARMLESS = {"done", "service_unavailable"}


def new_user(userkit: Kits) -> str:
    number = userkit.users.get_user_list().total_count
    return userkit.users.create_user(username=f"reader_{number}").id


def is_whole(kit: Kit, userkit: Kits, user_id: str) -> bool:
    """Tell whether what the user points to is there, if it points to anything."""
    digest = userkit.users.get_user(user_id).avatar_digest
    return digest is None or content_of(kit, digest) is not None


def test_what_is_shown_is_what_is_kept(userkit: Kits, kit: Kit, start_race: Race) -> None:
    for _ in range(2):
        user_id = new_user(userkit)
        userkit.users.update_user_profile_image(user_id, file=picture())
        assert set(start_race(works.set_picture, user_id, threads=3)) <= HARMLESS
        assert is_whole(kit, userkit, user_id)


def test_without_the_lock_pictures_would_get_in_each_others_way(
    userkit: Kits, kit: Kit, start_race: Race
) -> None:
    def lost() -> bool:
        # With no picture yet, by whose row MariaDB would let one in after the other.
        user_id = new_user(userkit)
        outcomes = start_race(works.set_picture, user_id, threads=2, missing="picture")
        return bool(set(outcomes) - HARMLESS) or not is_whole(kit, userkit, user_id)

    assert any(lost() for _ in range(ROUNDS))
