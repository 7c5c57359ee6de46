"""An account goes for good, with all that names it but one line, once that is typed and proven."""

from __future__ import annotations

import json
import os
import typing as t
from collections.abc import Callable
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import Column
from sqlalchemy import ForeignKey
from sqlalchemy import MetaData
from sqlalchemy import Table
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from flask_userkit import UserKit
from flask_userkit import UserKitError
from flask_userkit.errors import SetupError
from flask_userkit.models import Base
from flask_userkit.models import Client
from flask_userkit.models import Event
from flask_userkit.models import Session
from flask_userkit.models import User
from flask_userkit.services import known_devices
from flask_userkit.services import suspended_forms
from flask_userkit.services.identity import Identity
from flask_userkit.services.kit import Caller
from flask_userkit.services.kit import Kit
from flask_userkit.services.limits import DEFAULTS
from flask_userkit.translations import use_locale
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_address
from tests.rig.people import new_number
from tests.rig.pictures import picture
from tests.rig.queries import count_queries
from tests.services.acts import Post
from tests.services.acts import begin_reset
from tests.services.acts import begin_sign_in
from tests.services.acts import begin_sign_up
from tests.services.acts import enter_sign_in_code
from tests.services.acts import enter_sign_up_code
from tests.services.acts import let_in
from tests.services.acts import reset
from tests.services.acts import sign_in
from tests.services.acts import sign_up
from tests.services.address_acts import add
from tests.services.address_acts import who
from tests.services.deletion_acts import delete
from tests.services.export_acts import ask
from tests.services.support import count
from tests.services.support import identified
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
on_each_database = pytest.mark.usefixtures("backend")
GENERIC = "form_password_or_identifier_incorrect"


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    limits = dict.fromkeys(DEFAULTS, "100000/second")
    settings = {"USERKIT_PHONE_NUMBER": "optional", "USERKIT_USERNAME": "optional"}
    return make_app(USERKIT_OUTBOX="worker", USERKIT_RATE_LIMITS=limits, **settings)


@pytest.fixture
def ada(userkit: Kits, post: Post) -> Identity:
    return who(userkit, sign_up(userkit, post).signed_in.token)


def lines(kit: Kit) -> list[str]:
    """Return every row of every table as text; what is encrypted is opened."""
    found = []
    with kit.database.reading() as connection:
        for table in Base.metadata.sorted_tables:
            if not table.name.startswith("userkit_"):
                continue
            for row in connection.execute(select(table)).mappings():
                cells = [f"{name}={_text(kit, value)}" for name, value in row.items()]
                found.append(f"{table.name} {' '.join(cells)}".lower())
    return found


def _text(kit: Kit, value: object) -> str:
    if isinstance(value, dict):
        return json.dumps(value)
    if isinstance(value, str) and value.startswith("gAAAA"):
        return kit.keys.decrypt(value) or ""
    return str(value)


def everything_of(
    userkit: Kits, kit: Kit, post: Post, clock: Clock
) -> tuple[Identity, list[str], list[str]]:
    """Give somebody a row wherever one can be; return who, their tokens and what names them."""
    address, number = new_address(), new_number()
    ada = sign_up(userkit, post, address, first_name="Augusta")
    userkit.users.update_user(ada.signed_in.user_id, username="ada_1815")
    me = who(userkit, ada.signed_in.token)
    userkit.users.update_user_profile_image(me.user_id, file=picture())
    userkit.phone_numbers.create(me.user_id, number, verified=True)
    claimed = new_address()
    add(userkit, me, claimed)
    asked = ask(userkit, me)
    assert asked is not None
    with userkit.transaction() as db:
        suspended_forms.suspend(db, me, "rename", [("username", "ada_1815")])
    other = let_in(userkit, me.user_id)
    waiting = begin_sign_in(userkit, address)
    for typed in ("ada_1815", number, address.upper()):
        begin_sign_in(userkit, typed)
    begin_reset(userkit, address)
    begin_sign_up(userkit, address)
    with refused(GENERIC):
        sign_in(userkit, address, "not the password")
    clock.tick(1)
    words = [me.user_id, address, number, "ada_1815", claimed, "augusta", asked.id]
    me = who(userkit, ada.signed_in.token)
    words += [me.session_id, str(me.avatar_digest)]
    return me, [ada.signed_in.token, other.token, waiting], words


@on_each_database
def test_nothing_is_left_in_any_table_but_one_line(
    userkit: Kits, kit: Kit, clock: Clock, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    bea = sign_up(userkit, post)
    me, tokens, words = everything_of(userkit, kit, post, clock)
    mine = Caller("192.0.2.1", "Firefox", "req_bye", me.user_id, me.session_id)
    monkeypatch.setattr(kit, "caller", lambda: mine)
    before = lines(kit)
    for word in words:
        assert any(word.lower() in line for line in before), word
    # What is told to people, and about nobody, is on its way before.
    post.all()
    # A limit that they reached is of nobody else.
    with kit.database.side_transaction() as db:
        db.add(Event(id="evt_1", name="limit.reached", actor_id=me.user_id, created_at=clock.now))
    delete(userkit, me)
    left = [line for line in lines(kit) if any(word.lower() in line for word in words)]
    outbox = [line for line in left if line.startswith("userkit_outbox_message")]
    assert all("your account was deleted" in line for line in outbox), outbox
    (stub,) = [line for line in left if line not in outbox]
    assert stub.startswith("userkit_event")
    (event,) = rows(kit, Event, Event.user_id == me.user_id)
    kept = (event.name, event.actor_id, event.ip_address, event.request_id, event.created_at)
    assert kept == ("user.deleted", me.user_id, "192.0.2.1", "req_bye", clock.now)
    assert event.data == {}
    assert [identified(kit, token) for token in tokens] == [None] * 3
    assert identified(kit, bea.signed_in.token) == bea.signed_in.user_id


@on_each_database
def test_the_mail_that_it_is_gone_is_the_last(userkit: Kits, post: Post, ada: Identity) -> None:
    second = new_address()
    userkit.email_addresses.create(ada.user_id, second, verified=True)
    begin_sign_in(userkit, second)
    sent = len(post.all())
    begin_sign_in(userkit, str(ada.email_address))
    delete(userkit, ada)
    new = post.all()[: len(post.all()) - sent]
    assert {(mail.to, mail.subject.partition(": ")[2]) for mail in new} == {
        (ada.email_address, "Your account was deleted"),
        (second, "Your account was deleted"),
    }


@on_each_database
def test_the_address_is_free_at_once_and_what_is_old_opens_nothing(
    userkit: Kits, kit: Kit, post: Post
) -> None:
    old = sign_up(userkit, post)
    ada = who(userkit, old.signed_in.token)
    device = sign_in(userkit, old.address, old.password).device
    waiting = begin_sign_in(userkit, old.address)
    code = post.code(old.address)
    resetting = begin_reset(userkit, old.address)
    reset_code = post.code(old.address)
    delete(userkit, ada)
    with refused("verification_expired"):
        enter_sign_in_code(userkit, waiting, code)
    with refused("verification_expired"):
        reset(userkit, resetting, reset_code, "another horse battery")
    with refused(GENERIC):
        sign_in(userkit, old.address, old.password)
    with refused("session_reverification_required"):
        delete(userkit, ada)
    again = sign_up(userkit, post, old.address)
    assert again.signed_in.user_id != ada.user_id
    (user,) = rows(kit, User, User.id == again.signed_in.user_id)
    assert known_devices.find(kit, device, user.id, user.device_key) is None
    assert identified(kit, old.signed_in.token) is None


@on_each_database
def test_a_sign_up_that_waits_for_a_taken_address_can_be_begun_anew(
    userkit: Kits, post: Post
) -> None:
    ada = sign_up(userkit, post)
    decoy = begin_sign_up(userkit, ada.address)
    delete(userkit, who(userkit, ada.signed_in.token))
    with refused("verification_expired"):
        enter_sign_up_code(userkit, decoy, "123450"[::-1])
    assert sign_up(userkit, post, ada.address)


@on_each_database
def test_a_browser_where_somebody_else_is_signed_in_now_stays_theirs(
    userkit: Kits, kit: Kit, post: Post
) -> None:
    ada, bea = sign_up(userkit, post), sign_up(userkit, post)
    theirs = sign_in(userkit, bea.address, bea.password, token=ada.signed_in.token)
    elsewhere = who(userkit, let_in(userkit, ada.signed_in.user_id).token)
    delete(userkit, elsewhere)
    assert identified(kit, theirs.token) == bea.signed_in.user_id


@on_each_database
def test_whose_place_somebody_took_has_no_more_of_them(
    userkit: Kits, kit: Kit, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob = sign_up(userkit, post), sign_up(userkit, post)
    him = who(userkit, bob.signed_in.token)
    caller = Caller("192.0.2.9", "Bob's browser", "req_9", him.user_id, him.session_id)
    monkeypatch.setattr(kit, "caller", lambda: caller)
    sign_in(userkit, bob.address, bob.password, token=ada.signed_in.token)
    userkit.users.update_user(ada.signed_in.user_id, first_name="Ada")
    delete(userkit, him)
    mine = rows(kit, Event, Event.user_id == ada.signed_in.user_id)
    (ended,) = [event for event in mine if event.name == "session.ended"]
    named = (ended.actor_id, ended.session_id, ended.ip_address, ended.user_agent)
    assert named == (None, None, None, None)
    assert ended.data["session_id"] == ada.signed_in.session_id
    (act,) = [event for event in mine if event.name == "user.updated"]
    assert (act.actor_id, act.ip_address) == (him.user_id, "192.0.2.9")


@on_each_database
def test_many_sessions_take_no_more_statements_and_each_browser_of_theirs_is_nobodys(
    userkit: Kits, kit: Kit, post: Post
) -> None:
    taken = []
    for number in (1, 200):
        ada = sign_up(userkit, post)
        me = who(userkit, ada.signed_in.token)
        copy_session(kit, me.session_id, number)
        tokens = [let_in(userkit, me.user_id).token for _ in range(3)]
        before = {client.id: client.token_digest for client in rows(kit, Client)}
        browsers = {session.client_id for session in rows(kit, Session)}
        with count_queries() as queries:
            delete(userkit, me)
        taken.append(len(queries))
        after = {client.id: client.token_digest for client in rows(kit, Client)}
        assert {name for name in after if after[name] != before[name]} == browsers
        assert len(set(after.values())) == len(after)
        assert [identified(kit, token) for token in tokens] == [None] * 3
    assert taken[0] == taken[1]


def copy_session(kit: Kit, session_id: str, number: int) -> None:
    """Sign somebody in at more browsers."""
    (session,) = rows(kit, Session, Session.id == session_id)
    (client,) = rows(kit, Client, Client.id == session.client_id)
    values = {column.key: getattr(session, column.key) for column in Session.__table__.columns}
    with kit.database.side() as connection:
        for each in range(number):
            at = {"id": f"client_{number}_{each}", "token_digest": os.urandom(32)}
            seen = {"created_at": client.created_at, "updated_at": client.updated_at}
            connection.execute(insert(Client).values(**at, **seen))
            copy = {**values, "id": f"sess_{number}_{each}", "client_id": at["id"]}
            connection.execute(insert(Session).values(copy))
            there = update(Client).where(Client.id == at["id"])
            connection.execute(there.values(active_session_id=copy["id"]))


SPELLED = ["Delete account", "  Delete   account \n"]
WRONG = [
    None,
    "",
    "delete account",
    "Delete",
    "Delete account.",
    "Konto löschen",
    "Delete\0account",
]


def test_the_phrase_is_typed_as_it_is_written(userkit: Kits, kit: Kit, post: Post) -> None:
    for typed in SPELLED:
        delete(userkit, who(userkit, sign_up(userkit, post).signed_in.token), typed)
    assert count(kit, User) == 0
    ada = who(userkit, sign_up(userkit, post).signed_in.token)
    for wrong in WRONG:
        with refused("form_param_value_invalid", "confirmation"):
            delete(userkit, ada, wrong)
    with use_locale("de"):
        with refused("form_param_value_invalid", "confirmation"):
            delete(userkit, ada, "Delete account")
        assert count(kit, User) == 1
        # The same letters, put together in another way.
        delete(userkit, ada, "Konto lo\u0308schen")
    assert count(kit, User) == 0


@on_each_database
def test_it_takes_a_fresh_proof_in_this_session(
    userkit: Kits, kit: Kit, clock: Clock, post: Post, ada: Identity
) -> None:
    clock.tick(minutes=10)
    let_in(userkit, ada.user_id)
    with refused("session_reverification_required"):
        delete(userkit, ada)
    assert count(kit, User) == 1


@on_each_database
def test_who_may_not_is_refused_before_anything_is_asked(
    userkit: Kits, kit: Kit, clock: Clock, ada: Identity
) -> None:
    changed = userkit.users.update_user(ada.user_id, delete_self_enabled=False)
    assert not changed.delete_self_enabled
    clock.tick(minutes=10)
    with refused("user_delete_self_not_enabled"):
        delete(userkit, ada, "")
    made = userkit.users.create_user(email_address=[new_address()], delete_self_enabled=False)
    with refused("user_delete_self_not_enabled"):
        delete(userkit, let_in(userkit, made.id))
    userkit.users.delete_user(made.id)
    assert count(kit, User) == 1


def test_where_nobody_may_the_app_still_can(make_app: MakeApp) -> None:
    app = make_app(USERKIT_OUTBOX="worker", USERKIT_DELETE_SELF=False)
    userkit: Kits = app.extensions["userkit"]
    with app.app_context():
        ada = userkit.users.create_user(email_address=[new_address()])
        with refused("user_delete_self_not_enabled"):
            delete(userkit, let_in(userkit, ada.id))
        userkit.users.delete_user(ada.id)
        assert count(userkit.kit, User) == 0


DELETIONS: dict[str, Callable[[Kits, Identity], None]] = {
    "one's own": delete,
    "by the app": lambda userkit, ada: userkit.users.delete_user(ada.user_id),
}


@on_each_database
@pytest.mark.parametrize("way", DELETIONS.values(), ids=DELETIONS)
def test_a_hook_runs_before_in_the_transaction_and_the_signal_after_it(
    userkit: Kits,
    kit: Kit,
    ada: Identity,
    heard: list[str],
    way: Callable[[Kits, Identity], None],
) -> None:
    seen: list[t.Any] = []

    @userkit.before_user_deletion
    def forget(user: User) -> None:
        with userkit.transaction() as db:
            seen.append((user.id, [email.email_address for email in user.email_addresses]))
            user.first_name = "going"
            db.flush()
        seen.extend(heard)

    heard.clear()
    way(userkit, ada)
    assert seen == [(ada.user_id, [ada.email_address])]
    assert heard == ["user.deleted"]
    assert count(kit, User) == 0


@pytest.fixture
def loans(kit: Kit) -> Iterator[Table]:
    """A table of the app's whose foreign key does not say what becomes of it."""
    whose = User.__table__.c.id
    loans = Table("app_loan", MetaData(), Column("user_id", whose.type, ForeignKey(whose)))
    loans.create(kit.database.engine)
    yield loans
    loans.drop(kit.database.engine)


@on_each_database
def test_what_a_foreign_key_of_the_app_refuses_is_not_tried_again(
    userkit: Kits, kit: Kit, ada: Identity, loans: Table
) -> None:
    seen: list[str] = []
    userkit.before_user_deletion(lambda user: seen.append(user.id))
    with kit.database.side() as connection:
        connection.execute(insert(loans).values(user_id=ada.user_id))
    before = lines(kit)
    with pytest.raises(SetupError, match=r"(?i)foreign key") as caught:
        delete(userkit, ada)
    # SQLite does not know the name.
    assert "app_loan" in str(caught.value) or kit.database.engine.dialect.name == "sqlite"
    assert seen == [ada.user_id]
    assert lines(kit) == before


@on_each_database
@pytest.mark.parametrize("way", DELETIONS.values(), ids=DELETIONS)
def test_what_a_hook_raises_keeps_the_account_as_it_was(
    userkit: Kits,
    kit: Kit,
    post: Post,
    ada: Identity,
    heard: list[str],
    way: Callable[[Kits, Identity], None],
) -> None:
    @userkit.before_user_deletion
    def keep(user: User) -> None:
        user.first_name = "changed"
        raise UserKitError("You still owe us a book.", code="books_lent")

    sent = len(post.all())
    before = lines(kit)
    heard.clear()
    with refused("books_lent") as told:
        way(userkit, ada)
    assert told.message == "You still owe us a book."
    assert (lines(kit), heard, len(post.all())) == (before, [], sent)
    assert rows(kit, User)[0].first_name is None
