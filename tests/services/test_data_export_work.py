"""A large export is prepared through the outbox: once, again after a crash, and told of."""

from __future__ import annotations

import os
import typing as t
from collections.abc import Callable

import pytest

from flask_userkit import UserKit
from flask_userkit.models import DataExport
from flask_userkit.models import DataExportChunk
from flask_userkit.models import OutboxMessage
from flask_userkit.models import User
from flask_userkit.services import data_export_work
from flask_userkit.services import data_exports
from flask_userkit.services import outbox
from flask_userkit.services.identity import Identity
from flask_userkit.services.kit import Kit
from flask_userkit.services.outbox_texts import Claimed
from tests.rig.clock import Clock
from tests.services.acts import Post
from tests.services.address_acts import somebody
from tests.services.export_acts import ask
from tests.services.export_acts import fetch
from tests.services.export_acts import files_of
from tests.services.export_acts import json_in
from tests.services.support import count
from tests.services.support import rows

Kits = UserKit[User]
pytestmark = pytest.mark.usefixtures("backend")
READY = "Your data is ready"


@pytest.fixture
def ada(userkit: Kits, post: Post) -> Identity:
    """Somebody whose data is large."""
    ada = somebody(userkit, post)
    post.all()
    return ada


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_exports, "SMALL", 1)


def status(kit: Kit) -> str:
    (row,) = rows(kit, DataExport)
    return str(row.status)


def told(post: Post, ada: Identity) -> list[str]:
    mails = [mail for mail in post.all() if mail.to == ada.email_address]
    return [mail.subject.partition(": ")[2] for mail in mails if READY in mail.subject]


def claim(kit: Kit) -> Claimed:
    """Take what waits longest, as a process does that dies thereafter."""
    while True:
        claimed = outbox._claim(kit)
        assert claimed is not None
        if claimed.kind == "data_export":
            return claimed
        outbox._finish(kit, claimed, sent=True)


@pytest.mark.usefixtures("large")
def test_it_is_prepared_after_the_request_and_told_where_its_owner_is_reached(
    userkit: Kits, kit: Kit, clock: Clock, post: Post, ada: Identity, heard: list[str]
) -> None:
    found = ask(userkit, ada)
    assert found is not None
    assert (status(kit), count(kit, DataExportChunk)) == ("preparing", 0)
    assert ask(userkit, ada) == found, "one waits at a time"
    clock.tick(minutes=5)
    assert ask(userkit, ada) == found
    heard.clear()
    (mail,) = [mail for mail in post.all() if READY in mail.subject]
    assert mail.to == ada.email_address
    assert "/account/security" in mail.text
    assert "/account/security" in mail.html
    assert found.id not in mail.text + mail.html
    assert heard == ["user.data_export.prepared"]
    ready = data_exports.find(kit, ada.user_id)
    assert ready is not None
    assert (ready.id, ready.status) == (found.id, "ready")
    assert (ready.expire_at - clock.now).days == 1
    assert json_in(files_of(fetch(userkit, ada, ready.id)), "profile")["id"] == ada.user_id


def test_a_hook_that_says_that_it_is_slow_keeps_nobody_waiting(
    userkit: Kits, kit: Kit, post: Post, ada: Identity
) -> None:
    @userkit.data_exporter(slow=True)
    def books(user: User) -> dict[str, object]:
        return {"books.json": [user.id]}

    found = ask(userkit, ada)
    assert found is not None
    assert status(kit) == "preparing"
    post.all()
    assert json_in(files_of(fetch(userkit, ada, found.id)), "books") == [ada.user_id]


def test_what_is_long_without_many_rows_is_prepared_as_well(
    userkit: Kits, kit: Kit, post: Post, ada: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_exports, "SMALL_SIZE", 100_000)
    noise = os.urandom(100_000)
    userkit.data_exporter(lambda user: {"noise.bin": noise})
    found = ask(userkit, ada)
    assert found is not None
    assert (status(kit), count(kit, DataExportChunk)) == ("preparing", 0)
    post.all()
    assert files_of(fetch(userkit, ada, found.id))["noise.bin"] == noise


@pytest.mark.usefixtures("large")
def test_who_dies_over_it_leaves_it_to_the_next(
    userkit: Kits, kit: Kit, clock: Clock, post: Post, ada: Identity
) -> None:
    ask(userkit, ada)
    dead = claim(kit)
    work = data_export_work._Work(kit, dead)
    work._put(0, b"half a file")
    work._put(1, b"and more of it")
    assert told(post, ada) == [], "it is held by somebody"
    clock.tick(seconds=data_export_work.LEASE.total_seconds() + 1)
    assert told(post, ada) == [READY]
    (row,) = rows(kit, DataExport)
    assert row.status == "ready"
    assert [chunk.number for chunk in rows(kit, DataExportChunk)] == [0]
    # Back from the dead, it changes nothing any more.
    attempts: list[Callable[[], object]] = [
        lambda: work._put(1, b"late"),
        lambda: work.finish(1),
        work.hold,
    ]
    for late in attempts:
        with pytest.raises(data_export_work._Lost):
            late()
    data_export_work.prepare(kit, dead)
    assert told(post, ada) == [READY]
    assert count(kit, DataExportChunk) == 1


@pytest.mark.usefixtures("large")
def test_a_hook_that_fails_is_tried_again_and_then_it_has_failed(
    userkit: Kits, kit: Kit, clock: Clock, post: Post, ada: Identity
) -> None:
    tries: list[str] = []

    @userkit.data_exporter
    def books(user: User) -> t.Any:
        tries.append(user.id)
        raise RuntimeError("ada@example.com")

    ask(userkit, ada)
    for number in range(1, data_export_work.MAX_ATTEMPTS + 1):
        assert status(kit) == "preparing"
        post.all()
        assert len(tries) == number
        clock.tick(60)
    post.all()
    assert len(tries) == data_export_work.MAX_ATTEMPTS
    assert (status(kit), count(kit, DataExportChunk)) == ("failed", 0)
    (message,) = rows(kit, OutboxMessage, OutboxMessage.kind == "data_export")
    assert (message.payload, message.last_error) == (None, "RuntimeError")
    assert told(post, ada) == []
    kit.hooks.data_exporters.clear()
    assert ask(userkit, ada) is not None
    assert told(post, ada) == [READY]


@pytest.mark.usefixtures("large")
def test_an_account_that_goes_meanwhile_gets_no_file_and_no_mail(
    userkit: Kits, kit: Kit, post: Post, ada: Identity
) -> None:
    ask(userkit, ada)
    claimed = claim(kit)
    work = data_export_work._Work(kit, claimed)
    work._put(0, b"half a file")
    userkit.users.delete_user(ada.user_id)
    with pytest.raises(data_export_work._Lost):
        work._put(1, b"more")
    with pytest.raises(data_export_work._Lost):
        work.finish(1)
    data_export_work.prepare(kit, claimed)
    assert (count(kit, DataExport), count(kit, DataExportChunk)) == (0, 0)
    assert told(post, ada) == []
