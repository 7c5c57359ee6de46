"""What people do about a copy of their data, at the services."""

from __future__ import annotations

import io
import json
import typing as t
from zipfile import ZipFile

from flask_userkit import UserKit
from flask_userkit.models import User
from flask_userkit.services import data_exports
from flask_userkit.services.data_exports import Found
from flask_userkit.services.reverification import Who
from tests.services.acts import retried

Kits = UserKit[User]


@retried
def ask(userkit: Kits, who: Who) -> Found | None:
    """Ask for an export, and return the one that there is then."""
    drafted = data_exports.draft(userkit.kit, who)
    with userkit.transaction() as db:
        data_exports.create(db, who, drafted)
    return data_exports.find(userkit.kit, who.user_id)


@retried
def fetch(userkit: Kits, who: Who, export_id: str) -> bytes:
    """Download an export."""
    with userkit.transaction() as db:
        found = data_exports.open_file(db, who, export_id)
    content = b"".join(data_exports.content_of(userkit.kit, export_id))
    assert len(content) == found.size
    return content


def files_of(content: bytes) -> dict[str, bytes]:
    """Return what is in a ZIP, whose checksums are right."""
    with ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def export(userkit: Kits, who: Who) -> dict[str, bytes]:
    """Ask for an export, and return its files."""
    found = ask(userkit, who)
    assert found is not None
    return files_of(fetch(userkit, who, found.id))


def json_in(files: dict[str, bytes], name: str) -> t.Any:
    """Return what one of the JSON files says."""
    return json.loads(files[f"{name}.json"])
