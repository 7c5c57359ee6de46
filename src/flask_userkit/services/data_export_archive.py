"""The ZIP of a data export, written piece by piece and outside of any transaction."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from collections.abc import Generator
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import PurePosixPath
from tempfile import SpooledTemporaryFile
from zipfile import ZIP_DEFLATED
from zipfile import ZipFile
from zipfile import ZipInfo

from sqlalchemy import select

from ..models import Avatar
from ..models import User
from ..security.text import is_plain
from ..translations import gettext as _
from .data_export_files import FILES
from .data_export_files import json_of
from .data_export_files import to_json
from .data_export_files import utc
from .kit import Kit

#: In memory; what is longer goes to a file without a name, until it is stored encrypted.
IN_MEMORY = 1024 * 1024
#: What one row of the database holds of it.
CHUNK = 256 * 1024
#: A longer one would fill the database of an app that did not mean to.
MAX_SIZE = 256 * 1024 * 1024
NAME_LENGTH = 200
README, AVATAR = "README.txt", "avatar.webp"
_RESERVED = {README, AVATAR, *(file.name for file in FILES)}


class ExportError(Exception):
    """An export that cannot be made as the app wants it; the message is for its developers."""


@contextmanager
def made(
    kit: Kit, user_id: str, between: Callable[[], None] = lambda: None, *, alone: bool = False
) -> Generator[t.IO[bytes] | None]:
    """Give the ZIP of a user, from its beginning; None if there is no such user any more.

    :param between: what is to be done every now and then.
    :param alone: whether there is no request, whose work the app's session would hold.
    :raises ExportError: an app's hook returned what no file can be made of, or too much.
    """
    # The app's own first: what is wrong with it shows before anything is written.
    added = _of_app(kit, user_id, between, alone=alone)
    if added is None:
        yield None
        return
    with SpooledTemporaryFile(IN_MEMORY) as spooled:
        out = t.cast("t.IO[bytes]", spooled)
        with ZipFile(out, "w", ZIP_DEFLATED) as archive:
            for name, pieces in _files(kit, user_id, added):
                _write(kit, archive, name, pieces, between)
                if out.tell() > MAX_SIZE:
                    raise ExportError(f"a data export is longer than {MAX_SIZE} bytes")
        out.seek(0)
        yield out


def chunks(file: t.IO[bytes]) -> Iterator[bytes]:
    """Return what a file holds, in pieces that a row can hold."""
    while content := file.read(CHUNK):
        yield content


def _files(
    kit: Kit, user_id: str, added: Mapping[str, bytes]
) -> Iterator[tuple[str, Iterable[bytes]]]:
    picture = _picture(kit, user_id)
    readme = _readme(kit, [AVATAR] if picture else [], list(added))
    yield README, [_encoded(readme)]
    for file in FILES:
        yield file.name, map(_encoded, json_of(file, kit, user_id))
    if picture:
        yield AVATAR, [picture]
    for name, content in added.items():
        yield name, [content]


def _write(
    kit: Kit,
    archive: ZipFile,
    name: str,
    pieces: Iterable[bytes],
    between: Callable[[], None],
) -> None:
    now = kit.now()
    info = ZipInfo(name, (now.year, now.month, now.day, now.hour, now.minute, now.second))
    info.compress_type = ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    with archive.open(info, "w") as file:
        for piece in pieces:
            file.write(piece)
            between()


def _of_app(
    kit: Kit, user_id: str, between: Callable[[], None], *, alone: bool
) -> dict[str, bytes] | None:
    """Return what the app's hooks add to the export of a user; None if the user is gone."""
    db = kit.database.reader()
    try:
        if alone:
            # What an app's session has read stays as it was until its transaction ends.
            db.rollback()
        user = db.get(User, user_id)
        if user is None:
            return None
        # A hook may read them, and no connection is to be held while it does its work.
        _ = user.email_addresses, user.phone_numbers
        kit.database.give_back(db)
        added: dict[str, bytes] = {}
        between()
        for hook in kit.hooks.data_exporters:
            for name, value in hook.run(user).items():
                _check_name(name, added)
                added[name] = _content(name, value)
            between()
        return added
    finally:
        if alone:
            # Nobody else ends it where there is no request.
            db.rollback()
        kit.database.close_reader(db)


def _check_name(name: object, taken: Mapping[str, bytes]) -> None:
    if not isinstance(name, str) or not is_plain(name) or not 0 < len(name) <= NAME_LENGTH:
        raise ExportError(f"{name!r} is no name of a file")
    # As ZIP has it, and as no program that unpacks it takes for another folder.
    outside = PurePosixPath(name).is_absolute() or any(sign in name for sign in '\\:*?"<>|')
    if outside or any(part.strip(" .") == "" for part in name.split("/")):
        raise ExportError(f"{name!r} does not lie in the folder of the export")
    # Compared as Windows and macOS do, where one would take the place of the other.
    if name.lower() in {each.lower() for each in (*_RESERVED, *taken)}:
        raise ExportError(f"{name!r} is there already")


def _content(name: str, value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return _encoded(value)
    try:
        return _encoded(f"{to_json(value)}\n")
    except (TypeError, ValueError) as error:
        raise ExportError(f"{name!r} is no JSON: {error}") from error


def _encoded(text: str) -> bytes:
    # Half a character, which JSON can hold and UTF-8 cannot, is then what JSON calls it.
    return text.encode("utf-8", "backslashreplace")


def _picture(kit: Kit, user_id: str) -> bytes | None:
    with kit.database.reading() as connection:
        statement = select(Avatar.content).where(Avatar.user_id == user_id)
        return connection.execute(statement).scalar_one_or_none()


def _readme(kit: Kit, pictures: list[str], added: list[str]) -> str:
    about = {
        **{file.name: file.about() for file in FILES},
        **{name: _("your picture") for name in pictures},
        **{name: _("from %(app)s", app=kit.app_name) for name in added},
    }
    return "\n".join(
        [
            _("What %(app)s has stored about you.", app=kit.app_name),
            _("Made at %(time)s. All times are in UTC.", time=utc(kit.now())),
            "",
            *(f"{name}: {what}" for name, what in about.items()),
            "",
            _("Not in it: your password and other secrets, of which only a digest is stored."),
            "",
        ]
    )
