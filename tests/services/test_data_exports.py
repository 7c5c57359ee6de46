"""An export holds all that is somebody's, no secret, and can be fetched by its owner for a day."""

from __future__ import annotations

import datetime as dt
import logging
import re
import typing as t
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import inspect
from sqlalchemy import update

from flask_userkit import UserKit
from flask_userkit.delivery.mailbox import Mailbox
from flask_userkit.models import Base
from flask_userkit.models import DataExport
from flask_userkit.models import DataExportChunk
from flask_userkit.models import Event
from flask_userkit.models import Session
from flask_userkit.models import User
from flask_userkit.services import data_export_archive
from flask_userkit.services import data_export_files
from flask_userkit.services import data_exports
from flask_userkit.services.data_export_files import FILES
from flask_userkit.services.identity import Identity
from flask_userkit.services.kit import Caller
from flask_userkit.services.kit import Kit
from flask_userkit.translations import use_locale
from tests.rig.clock import Clock
from tests.rig.people import new_number
from tests.rig.pictures import picture
from tests.services.acts import Post
from tests.services.acts import begin_reset
from tests.services.acts import begin_sign_up
from tests.services.acts import let_in
from tests.services.acts import reset
from tests.services.acts import sign_in
from tests.services.acts import sign_up
from tests.services.address_acts import somebody
from tests.services.address_acts import who
from tests.services.export_acts import ask
from tests.services.export_acts import export
from tests.services.export_acts import fetch
from tests.services.export_acts import json_in
from tests.services.support import count
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
on_each_database = pytest.mark.usefixtures("backend")
METADATA = {"plan": "reader", "été": ["\U0001f600", None, 1.5]}
KINDS = [
    "profile",
    "email_addresses",
    "phone_numbers",
    "connected_accounts",
    "sessions",
    "activity",
]
#: What belongs to a user and is in no export, with the reason; all else is a column of a file.
LEFT_OUT = {
    "userkit_user.username_key": "the username again, as it is compared",
    "userkit_user.avatar_digest": "the address of the picture, which is a file of its own",
    "userkit_user.password_digest": "a secret",
    "userkit_user.device_key": "a secret",
    "userkit_user.private_metadata": "the app's alone",
    "userkit_email_address.user_id": "whose the file is",
    "userkit_email_address.email_key": "the address again, as it is compared",
    "userkit_email_address.verified_key": "the address again, as it is compared",
    "userkit_external_account.user_id": "whose the file is",
    "userkit_external_account.access_token": "a secret",
    "userkit_external_account.refresh_token": "a secret",
    "userkit_external_account.token_expire_at": "of a secret",
    "userkit_external_account.refresh_lease_expire_at": "of a secret",
    "userkit_phone_number.user_id": "whose the file is",
    "userkit_phone_number.verified_key": "the number again",
    "userkit_session.user_id": "whose the file is",
    "userkit_event.user_id": "whose the file is",
    "userkit_avatar.*": "a file of its own",
    "userkit_client.*": "a browser, named by its sessions; a token's digest is a secret",
    "userkit_data_export.*": "this very export",
    "userkit_data_export_chunk.*": "this very export",
    "userkit_outbox_message.*": "messages on their way to this person; erased once they are sent",
    "userkit_sign_in.*": "a sign-in that is not finished, for ten minutes",
    "userkit_sign_up.*": "of nobody yet, for ten minutes",
    "userkit_suspended_form.*": "a form that waits, for ten minutes",
    "userkit_verification.*": "a code, for ten minutes; a secret",
    "userkit_limit_hit.*": "counts by digests, of which nobody can tell whose they are",
}


@pytest.fixture
def ada(userkit: Kits, post: Post) -> Identity:
    return somebody(userkit, post)


@on_each_database
def test_each_kind_of_data_is_a_file_with_times_in_utc(
    userkit: Kits, kit: Kit, clock: Clock, post: Post
) -> None:
    ada = sign_up(userkit, post, first_name="Ada", last_name="Lövelace")
    me = who(userkit, ada.signed_in.token)
    userkit.users.update_user_profile_image(me.user_id, file=picture())
    number = new_number()
    userkit.phone_numbers.create(me.user_id, number, verified=True)
    with userkit.transaction() as db:
        db.execute(update(User).values(public_metadata={"a": 1}, unsafe_metadata=METADATA))
        db.execute(update(User).values(private_metadata={"note": "only ours"}))
    files = export(userkit, me)
    assert list(files) == ["README.txt", *(f"{kind}.json" for kind in KINDS), "avatar.webp"]
    profile = json_in(files, "profile")
    assert (profile["first_name"], profile["last_name"]) == ("Ada", "Lövelace")
    assert (profile["public_metadata"], profile["unsafe_metadata"]) == ({"a": 1}, METADATA)
    assert profile["password_enabled"] is True
    milliseconds = clock.now.microsecond // 1000
    assert profile["created_at"] == f"{clock.now:%Y-%m-%dT%H:%M:%S}.{milliseconds:03}Z"
    assert "only ours" not in str(files)
    (address,) = json_in(files, "email_addresses")
    assert address["email_address"] == ada.address
    assert [phone["phone_number"] for phone in json_in(files, "phone_numbers")] == [number]
    (session,) = json_in(files, "sessions")
    assert (session["id"], session["status"]) == (me.session_id, "active")
    named = [event["name"] for event in json_in(files, "activity")]
    assert named[:3] == ["user.created", "session.created", "user.profile_image.updated"]
    assert files["avatar.webp"][8:12] == b"WEBP"
    text = files["profile.json"].decode("utf-8")
    assert '"last_name": "Lövelace"' in text
    assert re.findall(r'^  "(\w+)":', text, re.MULTILINE) == sorted(profile)
    assert kit.app_name in files["README.txt"].decode()


def test_it_is_explained_in_the_language_of_its_reader(userkit: Kits, ada: Identity) -> None:
    with use_locale("de"):
        assert "deine E-Mail-Adressen" in export(userkit, ada)["README.txt"].decode("utf-8")


def test_every_column_that_is_a_users_is_exported_or_left_out_for_a_reason() -> None:
    exported = {
        f"{column.class_.__tablename__}.{column.key}"
        for file in FILES
        for column in file.columns
        if hasattr(column, "class_")
    }
    ours = {
        mapper.local_table: mapper
        for mapper in Base.registry.mappers
        if str(mapper.local_table).startswith("userkit_")
    }
    every = {
        f"{table}.{column.key}"
        for table, mapper in ours.items()
        for column in inspect(mapper).column_attrs
        if f"{table}.*" not in LEFT_OUT and column.key in table.columns
    }
    assert every - exported == {name for name in LEFT_OUT if not name.endswith("*")}
    assert exported <= every
    assert {name[:-2] for name in LEFT_OUT if name.endswith("*")} <= set(map(str, ours))


@on_each_database
def test_no_secret_is_in_it(userkit: Kits, kit: Kit, ada: Identity) -> None:
    other = let_in(userkit, ada.user_id)
    hidden = {other.token, kit.passwords.hash("x")[:12]}
    with kit.database.reading() as connection:
        for table in Base.metadata.sorted_tables:
            # An app of another test may have put tables of its own there.
            if not table.name.startswith("userkit_"):
                continue
            for row in connection.execute(table.select()).mappings():
                hidden |= {
                    str(value)
                    for name, value in row.items()
                    if value and re.search(r"digest|payload|code|fields|private", name)
                }
                hidden |= {value.hex() for value in row.values() if isinstance(value, bytes)}
    files = export(userkit, ada)
    assert len(hidden) > 5
    whole = str(files)
    assert [secret for secret in hidden if secret in whole] == []
    assert "digest" not in b"".join(files[f"{kind}.json"] for kind in KINDS).decode()


@on_each_database
def test_who_acts_on_an_account_is_not_told_where_from(
    userkit: Kits, kit: Kit, ada: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = Caller("192.0.2.7", "Firefox", "req_1", "user_admin", "sess_admin")
    with monkeypatch.context() as patch:
        patch.setattr(kit, "caller", lambda: admin)
        userkit.users.update_user(ada.user_id, first_name="Augusta")
    mine = Caller("192.0.2.8", "Chrome", "req_2", ada.user_id, ada.session_id)
    with monkeypatch.context() as patch:
        patch.setattr(kit, "caller", lambda: mine)
        userkit.users.update_user(ada.user_id, last_name="King")
    activity = json_in(export(userkit, ada), "activity")
    by_admin, by_me = [event for event in activity if event["name"] == "user.updated"]
    private = ("ip_address", "user_agent", "session_id", "request_id")
    assert (by_admin["actor"], *(by_admin[name] for name in private)) == ("other", *[None] * 4)
    assert (by_me["actor"], by_me["ip_address"]) == ("user", "192.0.2.8")
    assert "user_admin" not in str(activity)


@on_each_database
def test_where_from_is_told_of_attempts_and_of_nothing_else_that_nobody_is_named_for(
    userkit: Kits, kit: Kit, post: Post, ada: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    somewhere = Caller("192.0.2.7", "Firefox", "req_1", None, "sess_1")
    with monkeypatch.context() as patch:
        patch.setattr(kit, "caller", lambda: somewhere)
        userkit.users.update_user(ada.user_id, first_name="Augusta")
        begin_sign_up(userkit, str(ada.email_address))
        with refused("form_password_or_identifier_incorrect"):
            sign_in(userkit, str(ada.email_address), "not the password")
    private = ("session_id", "ip_address", "user_agent", "request_id")
    told = {
        event["name"]: [event[name] for name in private]
        for event in json_in(export(userkit, ada), "activity")
    }
    assert told["user.updated"] == told["sign_up.refused"] == [None] * 4
    assert told["sign_in.failed"] == ["sess_1", "192.0.2.7", "Firefox", "req_1"]


def test_nothing_of_another_user_is_in_it(userkit: Kits, post: Post, ada: Identity) -> None:
    bea = somebody(userkit, post)
    files = export(userkit, ada)
    assert ada.user_id in str(files)
    for word in (bea.user_id, bea.session_id, bea.email_address):
        assert str(word) not in str(files)


@on_each_database
def test_it_can_be_fetched_for_a_day_by_its_owner_alone(
    userkit: Kits, kit: Kit, clock: Clock, post: Post, ada: Identity, heard: list[str]
) -> None:
    bea = somebody(userkit, post)
    found = ask(userkit, ada)
    assert found is not None
    for person, export_id in ((bea, found.id), (ada, "exp_0"), (ada, "\0"), (ada, "")):
        with refused("resource_not_found"):
            fetch(userkit, person, export_id)
    heard.clear()
    clock.tick(minutes=9, seconds=59)
    assert fetch(userkit, ada, found.id)
    assert heard == ["user.data_export.downloaded"]
    clock.tick(1)
    with refused("session_reverification_required"):
        fetch(userkit, ada, found.id)
    clock.tick(days=1, minutes=-10, seconds=-1)
    again = who(userkit, let_in(userkit, ada.user_id).token)
    assert fetch(userkit, again, found.id)
    clock.tick(1)
    with refused("resource_not_found"):
        fetch(userkit, again, found.id)
    assert data_exports.find(kit, ada.user_id) is None


@on_each_database
def test_it_takes_a_fresh_proof_to_ask(
    userkit: Kits, kit: Kit, clock: Clock, ada: Identity
) -> None:
    clock.tick(minutes=10)
    with refused("session_reverification_required"):
        ask(userkit, ada)
    with refused("session_reverification_required"), userkit.transaction() as db:
        data_exports.create(db, ada, data_exports.Draft([b""]))
    assert count(kit, DataExport) == 0


@on_each_database
def test_a_click_too_many_makes_one_and_a_later_one_takes_its_place(
    userkit: Kits, kit: Kit, clock: Clock, ada: Identity, heard: list[str]
) -> None:
    heard.clear()
    first = ask(userkit, ada)
    assert ask(userkit, ada) == first
    assert heard == ["user.data_export.created"]
    clock.tick(61)
    second = ask(userkit, ada)
    assert (first and first.id) != (second and second.id)
    assert [row.id for row in rows(kit, DataExport)] == [second and second.id]
    assert {row.export_id for row in rows(kit, DataExportChunk)} == {second and second.id}
    assert first is not None
    with refused("resource_not_found"):
        fetch(userkit, ada, first.id)


def test_a_few_a_day_are_enough(userkit: Kits, clock: Clock, ada: Identity) -> None:
    for _ in range(5):
        assert ask(userkit, ada)
        clock.tick(61)
    with refused("too_many_requests"):
        ask(userkit, ada)


@on_each_database
def test_a_few_downloads_an_hour_are_enough(
    userkit: Kits, kit: Kit, clock: Clock, ada: Identity
) -> None:
    found = ask(userkit, ada)
    assert found is not None
    for _ in range(10):
        fetch(userkit, ada, found.id)
    with refused("too_many_requests"):
        fetch(userkit, ada, found.id)
    assert count(kit, Event, Event.name == "user.data_export.downloaded") == 10
    clock.tick(hours=1)
    again = who(userkit, let_in(userkit, ada.user_id).token)
    assert fetch(userkit, again, found.id)


@on_each_database
def test_nothing_of_it_can_be_read_in_the_database(userkit: Kits, kit: Kit, ada: Identity) -> None:
    found = ask(userkit, ada)
    assert found is not None
    plain = fetch(userkit, ada, found.id)
    (chunk,) = rows(kit, DataExportChunk)
    assert plain[:4] == b"PK\3\4"
    assert plain[:40] not in chunk.content
    assert kit.keys.decrypt_bytes(chunk.content) == plain


ENDS: dict[str, Callable[[Kits, Post, Identity], object]] = {
    "a reset": lambda userkit, post, ada: put_out(userkit, post, str(ada.email_address)),
    "a password of the app": lambda userkit, post, ada: userkit.users.update_user(
        ada.user_id, password="a wholly new one", skip_password_checks=True
    ),
    "a ban": lambda userkit, post, ada: userkit.users.ban_user(ada.user_id),
    "deletion": lambda userkit, post, ada: userkit.users.delete_user(ada.user_id),
}


def put_out(userkit: Kits, post: Post, address: str) -> None:
    """Set a new password, by whoever reads the mailbox."""
    token = begin_reset(userkit, address)
    reset(userkit, token, post.code(address), "another horse battery")


@on_each_database
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("small", [True, False], ids=["ready", "preparing"])
def test_what_puts_an_intruder_out_takes_their_copy(
    userkit: Kits,
    kit: Kit,
    post: Post,
    ada: Identity,
    end: str,
    small: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not small:
        monkeypatch.setattr(data_exports, "SMALL", 1)
    found = ask(userkit, ada)
    assert found is not None
    assert found.status == ("ready" if small else "preparing")
    ENDS[end](userkit, post, ada)
    assert isinstance(kit.email_sender, Mailbox)
    # The code of a reset is on its way behind the export.
    sent = [mail.subject for mail in kit.email_sender.messages() if "ready" in mail.subject]
    assert len(sent) == (not small and end == "a reset")
    assert [mail.subject for mail in post.all() if "ready" in mail.subject] == sent
    assert (count(kit, DataExport), count(kit, DataExportChunk)) == (0, 0)
    with refused("resource_not_found"):
        fetch(userkit, ada, found.id)


def test_the_owner_is_told_that_it_was_asked_for(userkit: Kits, post: Post, ada: Identity) -> None:
    ask(userkit, ada)
    mail = post.all()[0]
    assert mail.to == ada.email_address
    assert mail.subject.endswith("A copy of your data was asked for")
    assert "/account/security" in mail.text
    assert "data-exports" not in mail.text + mail.html


@on_each_database
def test_many_events_are_read_and_written_piece_by_piece(
    userkit: Kits, kit: Kit, ada: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_export_files, "BATCH", 7)
    monkeypatch.setattr(data_export_archive, "CHUNK", 512)
    monkeypatch.setattr(data_export_archive, "IN_MEMORY", 100)
    for number in range(20):
        userkit.users.update_user(ada.user_id, first_name=f"Ada {number}")
    activity = json_in(export(userkit, ada), "activity")
    mine = rows(kit, Event, Event.user_id == ada.user_id)
    # What was written since is the export itself.
    made = [row.id for row in mine if "data_export" not in row.name]
    assert [event["id"] for event in activity] == made
    assert count(kit, DataExportChunk) > 3


Hook = Callable[[User], dict[str, object]]


def test_the_app_adds_files_of_its_own(userkit: Kits, ada: Identity) -> None:
    seen: list[str] = []

    @userkit.data_exporter
    def books(user: User) -> dict[str, object]:
        seen.extend(address.email_address for address in user.email_addresses)
        return {"books.json": [{"title": "Été", "read": dt.date(1843, 9, 1)}], "a/b.txt": "\ud800"}

    userkit.data_exporter(lambda user: {"raw.bin": b"\0\xff"})
    files = export(userkit, ada)
    assert json_in(files, "books") == [{"title": "Été", "read": "1843-09-01"}]
    assert (files["a/b.txt"], files["raw.bin"]) == (b"\\ud800", b"\0\xff")
    assert seen == [ada.email_address]
    assert "books.json" in files["README.txt"].decode()


NAMES = ["../x", "/x", "a/../b", "", "C:x", "a\\b", "x\0", ".", "a//b", "PROFILE.json", "x" * 201]


def fail(user: User) -> t.Any:
    raise RuntimeError("the app's own")


def adding(name: str) -> Hook:
    return lambda user: {name: 1}


WRONG: list[Hook] = [
    *(adding(name) for name in NAMES),
    lambda user: {"one.json": 1, "ONE.json": 2},
    lambda user: {"x.json": object()},
    fail,
]


def test_an_app_that_fails_makes_no_half_export(
    userkit: Kits, kit: Kit, ada: Identity, caplog: pytest.LogCaptureFixture
) -> None:
    for hook in WRONG:
        kit.hooks.data_exporters.clear()
        userkit.data_exporter(hook)
        with refused("data_export_failed"):
            ask(userkit, ada)
    assert count(kit, DataExport) == 0
    kit.hooks.data_exporters.clear()
    assert ask(userkit, ada), "what failed is not counted"
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * len(WRONG)
    assert all(record.exc_info for record in caplog.records)


@on_each_database
def test_a_hook_runs_in_no_transaction_of_the_kit(userkit: Kits, kit: Kit, ada: Identity) -> None:
    def look(user: User) -> dict[str, object]:
        assert kit.database.current() is None
        # It would wait for a lock that this very request holds.
        userkit.users.update_user(user.id, first_name="Augusta")
        return {}

    userkit.data_exporter(look)
    assert json_in(export(userkit, ada), "profile")["first_name"] == "Augusta"


def test_no_file_is_left_behind(
    userkit: Kits, ada: Identity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(data_export_archive, "IN_MEMORY", 1)
    before = set(tmp_path.iterdir())
    assert export(userkit, ada)
    assert set(tmp_path.iterdir()) == before


def test_sessions_that_are_over_are_in_it(userkit: Kits, kit: Kit, ada: Identity) -> None:
    other = let_in(userkit, ada.user_id)
    userkit.sessions.revoke_session(other.session_id)
    sessions = json_in(export(userkit, ada), "sessions")
    assert {each["status"] for each in sessions} == {"active", "revoked"}
    assert len(sessions) == count(kit, Session)
