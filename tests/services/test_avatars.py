"""Pictures: set and removed by the app and by people, each under an address of its own."""

from __future__ import annotations

import typing as t
from io import BytesIO

import pytest
from flask import Flask

from flask_userkit import UserKit
from flask_userkit.errors import UnavailableError
from flask_userkit.models import Avatar
from flask_userkit.models import Event
from flask_userkit.models import User
from flask_userkit.security import images
from flask_userkit.security.slots import Slots
from flask_userkit.services import avatars
from flask_userkit.services.kit import Kit
from tests.rig import pictures
from tests.rig.fixtures.apps import MakeApp
from tests.rig.pictures import BLUE
from tests.rig.pictures import RED
from tests.rig.pictures import picture
from tests.services.support import Mishap
from tests.services.support import count
from tests.services.support import everything
from tests.services.support import mishap
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]


@pytest.fixture
def ada(userkit: Kits) -> User:
    return userkit.users.create_user(email_address=["ada@example.com"], first_name="Ada")


def upload(userkit: Kits, user_id: str, file: t.IO[bytes] | None) -> None:
    with userkit.transaction() as db:
        avatars.upload_profile_image(db, user_id, file)


def digest_of(userkit: Kits, user: User) -> str:
    digest = userkit.users.get_user(user.id).avatar_digest
    assert digest is not None
    return digest


@pytest.mark.usefixtures("backend")
def test_a_picture_is_kept_and_found_by_its_digest(
    userkit: Kits, kit: Kit, ada: User, heard: list[str]
) -> None:
    assert (ada.has_image, ada.image_url) == (False, None)
    before = ada.updated_at
    user = userkit.users.update_user_profile_image(ada.id, file=picture())
    assert user.has_image
    assert user.image_url == f"http://localhost:5000/account/avatars/{user.avatar_digest}.webp"
    assert user.updated_at > before
    assert avatars.content_of(kit, str(user.avatar_digest)) == images.square(picture())
    assert heard == ["user.profile_image.updated"]
    assert [event.user_id for event in rows(kit, Event, Event.name == heard[0])] == [ada.id]


@pytest.mark.usefixtures("backend")
def test_a_new_picture_takes_the_place_of_the_old_one(userkit: Kits, kit: Kit, ada: User) -> None:
    userkit.users.update_user_profile_image(ada.id, file=BytesIO(picture(RED)))
    old = digest_of(userkit, ada)
    userkit.users.update_user_profile_image(ada.id, file=BytesIO(picture(BLUE)))
    assert digest_of(userkit, ada) != old
    assert avatars.content_of(kit, old) is None
    assert count(kit, Avatar) == 1


@pytest.mark.usefixtures("backend")
def test_a_picture_of_noise_is_stored_whole(userkit: Kits, kit: Kit, ada: User) -> None:
    userkit.users.update_user_profile_image(ada.id, file=pictures.photo(1000))
    content = avatars.content_of(kit, digest_of(userkit, ada))
    assert content is not None
    assert len(content) > 2**16
    assert int.from_bytes(content[4:8], "little") == len(content) - 8


@pytest.mark.usefixtures("backend")
def test_what_is_removed_is_gone_and_may_be_removed_again(
    userkit: Kits, kit: Kit, ada: User, heard: list[str]
) -> None:
    userkit.users.update_user_profile_image(ada.id, file=picture())
    old = digest_of(userkit, ada)
    heard.clear()
    for _ in range(2):
        user = userkit.users.delete_user_profile_image(ada.id)
        assert (user.has_image, user.image_url) == (False, None)
    assert heard == ["user.profile_image.deleted"]
    assert avatars.content_of(kit, old) is None
    assert count(kit, Avatar) == 0


@pytest.mark.usefixtures("backend")
def test_who_is_deleted_takes_the_picture_along(userkit: Kits, kit: Kit, ada: User) -> None:
    userkit.users.update_user_profile_image(ada.id, file=picture())
    digest = digest_of(userkit, ada)
    userkit.users.delete_user(ada.id)
    assert avatars.content_of(kit, digest) is None
    assert count(kit, Avatar) == 0


@pytest.mark.usefixtures("backend")
def test_the_same_picture_of_two_people_has_two_addresses(
    userkit: Kits, kit: Kit, ada: User
) -> None:
    grace = userkit.users.create_user(email_address=["grace@example.com"])
    for user in (ada, grace):
        userkit.users.update_user_profile_image(user.id, file=picture())
    hers = digest_of(userkit, grace)
    assert hers != digest_of(userkit, ada)
    userkit.users.delete_user_profile_image(ada.id)
    assert avatars.content_of(kit, hers)


@pytest.mark.usefixtures("backend")
def test_what_is_undone_leaves_the_old_picture(userkit: Kits, kit: Kit, ada: User) -> None:
    userkit.users.update_user_profile_image(ada.id, file=picture(RED))
    old = digest_of(userkit, ada)
    with mishap(), userkit.transaction():
        userkit.users.update_user_profile_image(ada.id, file=picture(BLUE))
        raise Mishap
    assert digest_of(userkit, ada) == old
    assert avatars.content_of(kit, old)


REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "form_param_missing"),
    "a text": (b"not a picture", "request_body_invalid"),
    "a bomb": (pictures.png(30_000, 30_000), "image_too_large"),
    "too many bytes": (picture() + b"\x00" * avatars.MAX_BYTES, "image_too_large"),
}


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_picture_changes_nothing(userkit: Kits, ada: User, name: str) -> None:
    file, code = REFUSED[name]
    userkit.users.update_user_profile_image(ada.id, file=picture())
    before = everything(userkit.kit), digest_of(userkit, ada)
    with refused(code, "file"):
        userkit.users.update_user_profile_image(ada.id, file=file)
    with refused(code, "file"):
        userkit.users.update_user_profile_image(ada.id, file=BytesIO(file))
    assert (everything(userkit.kit), digest_of(userkit, ada)) == before


def test_a_user_who_is_not_there_has_no_picture(userkit: Kits) -> None:
    for user_id in ("user_0", "\x00", "\ud800"):
        with refused("resource_not_found"):
            userkit.users.update_user_profile_image(user_id, file=picture())
        with refused("resource_not_found"):
            userkit.users.delete_user_profile_image(user_id)


@pytest.mark.parametrize(
    "digest", ["", "x", "0" * 32, "0" * 31 + "\x00", "é" * 32, "%" * 32, "\ud800" * 32, "0" * 9999]
)
def test_no_other_digest_finds_anything(userkit: Kits, ada: User, digest: str) -> None:
    userkit.users.update_user_profile_image(ada.id, file=picture())
    assert avatars.content_of(userkit.kit, digest) is None


def test_a_digest_cannot_be_made_without_the_key(make_app: MakeApp) -> None:
    found = set()
    for secret in ("one secret key", "another secret key"):
        app = make_app(SECRET_KEY=secret, USERKIT_OUTBOX="worker")
        with app.app_context():
            kit: Kit = app.extensions["userkit"].kit
            found.add(avatars._digest(kit, "user_1", b"the same"))
    assert len(found) == 2


def test_while_every_slot_is_taken_one_is_told_when_to_come_back(
    userkit: Kits, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    slots = Slots(1, 0.01)
    monkeypatch.setattr(images, "_slots", slots)
    with slots, pytest.raises(UnavailableError) as caught:
        userkit.users.update_user_profile_image(ada.id, file=picture())
    assert (caught.value.param, caught.value.retry_after) == ("file", images.WAIT_SECONDS)


def test_no_transaction_is_open_while_a_picture_is_made_small(
    userkit: Kits, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_ones: list[bool] = []

    def watched(data: bytes, make: t.Callable[[bytes], bytes] = images.square) -> bytes:
        db = userkit.kit.database.current()
        assert db is not None
        open_ones.append(db.in_transaction())
        return make(data)

    monkeypatch.setattr(images, "square", watched)
    userkit.users.update_user_profile_image(ada.id, file=picture())
    upload(userkit, ada.id, BytesIO(picture()))
    assert open_ones == [False, False]


def test_a_person_needs_a_file(userkit: Kits, ada: User) -> None:
    with refused("form_param_missing", "file"):
        upload(userkit, ada.id, None)


@pytest.fixture
def closed(make_app: MakeApp) -> Flask:
    return make_app(USERKIT_AVATARS=False, USERKIT_OUTBOX="worker")


def test_where_people_have_no_say_the_app_has(closed: Flask) -> None:
    with closed.app_context():
        userkit = t.cast(Kits, closed.extensions["userkit"])
        user = userkit.users.create_user(email_address=["ada@example.com"])
        userkit.users.update_user_profile_image(user.id, file=picture())
        with refused("immutable_attribute_modification_not_allowed", "file"):
            upload(userkit, user.id, BytesIO(picture(BLUE)))
        with (
            refused("immutable_attribute_modification_not_allowed", "file"),
            userkit.transaction() as db,
        ):
            avatars.withdraw_profile_image(db, user.id)
        assert userkit.users.get_user(user.id).has_image


@pytest.fixture
def limited(make_app: MakeApp) -> Flask:
    limits = {"avatar:account": "2/hour"}
    return make_app(USERKIT_RATE_LIMITS=limits, USERKIT_OUTBOX="worker")


def test_people_set_so_many_pictures_and_the_app_as_many_as_it_likes(limited: Flask) -> None:
    with limited.app_context():
        userkit = t.cast(Kits, limited.extensions["userkit"])
        user = userkit.users.create_user(email_address=["ada@example.com"])
        for colour in (RED, BLUE):
            upload(userkit, user.id, BytesIO(picture(colour)))
        with refused("too_many_requests"):
            upload(userkit, user.id, BytesIO(picture()))
        userkit.users.update_user_profile_image(user.id, file=picture())
