"""Pictures of people: made small outside of any transaction, kept by a digest, served by it."""

from __future__ import annotations

import hashlib
import typing as t

from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session

from ..errors import ForbiddenError
from ..errors import ImageError
from ..errors import ImageTooLargeError
from ..errors import UnavailableError
from ..events import EventName
from ..models import Avatar
from ..models import User
from ..models.avatar import DIGEST_LENGTH
from ..security import images
from ..security.image_files import NotAnImage
from ..security.slots import Busy
from ..translations import gettext as _
from . import events
from . import user_rows
from .kit import Kit
from .kit import kit_of

MAX_BYTES = images.MAX_BYTES
PARAM = "file"
_PURPOSE = "avatar"


def upload_profile_image(db: Session, user_id: str, file: t.IO[bytes] | None) -> None:
    """Set one's own picture.

    :param file: a PNG, JPEG, WebP or GIF of up to 10 MB.
    :raises ForbiddenError: ``immutable_attribute_modification_not_allowed``: switched off.
    :raises RateLimitError: ``too_many_requests``.
    :raises ImageError: as ``set_profile_image``.
    """
    kit = kit_of(db)
    _refuse_if_off(kit)
    if file is None:
        raise ImageError(_("Choose a picture first."), code="form_param_missing", param=PARAM)
    kit.limits.hit({"avatar:account": user_id})
    set_profile_image(db, user_id, file=file)


def withdraw_profile_image(db: Session, user_id: str) -> None:
    """Remove one's own picture.

    :raises ForbiddenError: ``immutable_attribute_modification_not_allowed``: switched off.
    """
    _refuse_if_off(kit_of(db))
    remove_profile_image(db, user_id)


def set_profile_image(db: Session, user_id: str, *, file: bytes | t.IO[bytes]) -> User:
    """Set the picture of a user: its middle, 512 pixels wide, as a WebP without metadata.

    :param file: a PNG, JPEG, WebP or GIF of up to 10 MB; of an animation the first frame counts.
    :raises ImageTooLargeError: ``image_too_large``: too many bytes or pixels.
    :raises ImageError: ``request_body_invalid``: this is no picture.
    :raises UnavailableError: too many pictures are being made small.
    :raises NotFoundError: ``resource_not_found``.
    """
    # No statement was sent yet, so no transaction is open while this takes its time.
    content = make_small(file)
    user_rows.lock_row(db, user_id)
    write(db, user_id, content)
    events.emit(db, EventName.PROFILE_IMAGE_UPDATED, user_id)
    return user_rows.get_user(db, user_id)


def write(db: Session, user_id: str, content: bytes) -> None:
    """Write what was made small in the place of the picture of a user; under their lock."""
    digest = _digest(kit_of(db), user_id, content)
    db.execute(delete(Avatar).where(Avatar.user_id == user_id))
    db.execute(insert(Avatar).values(user_id=user_id, digest=digest, content=content))
    _point_to(db, user_id, digest)


def remove_profile_image(db: Session, user_id: str) -> User:
    """Remove the picture of a user, if there is one.

    :raises NotFoundError: ``resource_not_found``.
    """
    user_rows.lock_row(db, user_id)
    removed = db.execute(delete(Avatar).where(Avatar.user_id == user_id))
    if removed.rowcount:  # type: ignore[attr-defined] # a Result of DELETE has it
        _point_to(db, user_id, None)
        events.emit(db, EventName.PROFILE_IMAGE_DELETED, user_id)
    return user_rows.get_user(db, user_id)


def content_of(kit: Kit, digest: str) -> bytes | None:
    """Return the WebP behind a digest, or None."""
    if len(digest) != DIGEST_LENGTH or not digest.isalnum() or not digest.isascii():
        return None
    with kit.database.reading() as connection:
        statement = select(Avatar.content).where(Avatar.digest == digest)
        return connection.execute(statement).scalar_one_or_none()


def _refuse_if_off(kit: Kit) -> None:
    if not kit.config.avatars:
        raise ForbiddenError(
            _("This cannot be changed here."),
            code="immutable_attribute_modification_not_allowed",
            param=PARAM,
        )


def make_small(file: bytes | t.IO[bytes]) -> bytes:
    """Return the middle of a picture as a small WebP.

    :raises ImageError: as ``set_profile_image``.
    :raises UnavailableError: too many pictures are being made small.
    """
    # One byte more than may be, to tell that there is more.
    data = file if isinstance(file, bytes) else file.read(MAX_BYTES + 1)
    if not data:
        raise ImageError(_("Choose a picture first."), code="form_param_missing", param=PARAM)
    try:
        return images.square(data)
    except images.TooManyBytes as error:
        message = _("A picture has up to %(megabytes)s MB.", megabytes=MAX_BYTES // 10**6)
        raise ImageTooLargeError(message, param=PARAM) from error
    except images.TooManyPixels as error:
        message = _("This picture has too many pixels. Choose a smaller one.")
        raise ImageTooLargeError(message, param=PARAM) from error
    except NotAnImage as error:
        message = _("This is no picture that can be read. Choose a PNG, JPEG, WebP or GIF.")
        raise ImageError(message, param=PARAM) from error
    except Busy as error:
        message = _("Many pictures are being saved right now. Try again in a moment.")
        retry_after = images.WAIT_SECONDS
        raise UnavailableError(message, param=PARAM, retry_after=retry_after) from error


def _digest(kit: Kit, user_id: str, content: bytes) -> str:
    """Return a name that only the kit can make.

    By a plain hash, who has a file could ask whether anybody here uses it; and two people with
    the same picture have two addresses, so that one's removal takes nothing from the other.
    """
    message = f"{user_id}:{hashlib.sha256(content).hexdigest()}"
    return kit.keys.mac(_PURPOSE, message).hex()[:DIGEST_LENGTH]


def _point_to(db: Session, user_id: str, digest: str | None) -> None:
    values = {"avatar_digest": digest, "updated_at": kit_of(db).now()}
    db.execute(update(User).where(User.id == user_id).values(**values))
