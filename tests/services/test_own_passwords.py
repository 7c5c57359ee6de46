"""A password is set, changed and removed by who has just confirmed that it is them (B14, B16)."""

from __future__ import annotations

import pytest
from flask import Flask

from flask_userkit import UserKit
from flask_userkit.errors import FormError
from flask_userkit.models import Event
from flask_userkit.models import Session
from flask_userkit.models import User
from flask_userkit.models import Verification
from flask_userkit.services import known_devices
from flask_userkit.services import own_passwords
from flask_userkit.services.identity import Identity
from flask_userkit.services.kit import Kit
from flask_userkit.services.limits import DEFAULTS
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_password
from tests.services.acts import Post
from tests.services.acts import begin_reset
from tests.services.acts import begin_sign_in
from tests.services.acts import enter_sign_in_code
from tests.services.acts import let_in
from tests.services.acts import reset
from tests.services.acts import reverify
from tests.services.acts import sign_in
from tests.services.address_acts import add
from tests.services.address_acts import verify
from tests.services.address_acts import who
from tests.services.password_acts import change
from tests.services.password_acts import remove
from tests.services.support import count
from tests.services.support import everything
from tests.services.support import identified
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
on_each_database = pytest.mark.usefixtures("backend")
ADA, OTHER = "ada@example.com", "lovelace@example.com"
GENERIC = "form_password_or_identifier_incorrect"
STALE = "session_reverification_required"
LIMITS = dict.fromkeys(DEFAULTS, "1000/minute")


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(
        USERKIT_APP_NAME="Reading list",
        USERKIT_OUTBOX="worker",
        USERKIT_PASSWORD="optional",
        USERKIT_RATE_LIMITS=LIMITS,
        USERKIT_USERNAME="optional",
    )


@pytest.fixture
def old() -> str:
    return new_password()


@pytest.fixture
def new() -> str:
    return new_password()


@pytest.fixture
def ada(userkit: Kits, clock: Clock, old: str) -> Identity:
    """Somebody who has signed in, on a clock that stands still."""
    userkit.users.create_user(
        email_address=[ADA, OTHER], username="ada_1815", first_name="Augusta", password=old
    )
    return who(userkit, sign_in(userkit, ADA, old).token)


@pytest.fixture
def bea(userkit: Kits, clock: Clock) -> Identity:
    """Somebody without a password."""
    user = userkit.users.create_user(email_address=["bea@example.com"])
    return who(userkit, let_in(userkit, user.id).token)


def digest_of(kit: Kit, user_id: str) -> str | None:
    (user,) = rows(kit, User, User.id == user_id)
    digest: str | None = user.password_digest
    return digest


@on_each_database
def test_a_change_puts_the_others_out_and_gives_this_browser_another_token(
    userkit: Kits, kit: Kit, clock: Clock, heard: list[str], old: str, new: str, ada: Identity
) -> None:
    mine = sign_in(userkit, ADA, old)
    others = [sign_in(userkit, "ada_1815", old).token, let_in(userkit, ada.user_id).token]
    clock.tick(60)
    heard.clear()
    changed = change(userkit, who(userkit, mine.token), new)
    assert heard == [*["session.revoked"] * 3, "user.password.changed"]
    assert [identified(kit, token) for token in others] == [None, None]
    assert identified(kit, mine.token) is None, "a copy of the old cookie is worth nothing"
    assert identified(kit, changed.token) == ada.user_id
    assert (changed.user_id, changed.session_id) == (ada.user_id, mine.session_id)
    with refused(GENERIC):
        sign_in(userkit, ADA, old)
    assert sign_in(userkit, ADA, new).user_id == ada.user_id
    assert own_passwords.read(kit, ada.user_id) == (True, clock())


@on_each_database
def test_where_it_is_unticked_the_others_go_on_and_have_to_confirm_anew(
    userkit: Kits, kit: Kit, old: str, new: str, ada: Identity
) -> None:
    other = sign_in(userkit, ADA, old)
    identity = who(userkit, other.token)
    change(userkit, ada, new, sign_out=False)
    assert identified(kit, other.token) == ada.user_id
    with refused(STALE):
        change(userkit, identity, old)
    reverify(userkit, identity, new)
    change(userkit, identity, old)


@on_each_database
def test_every_code_that_was_sent_before_is_worth_nothing(
    userkit: Kits, kit: Kit, post: Post, new: str, ada: Identity
) -> None:
    to_sign_in = begin_sign_in(userkit, OTHER)
    sign_in_code = post.code(OTHER)
    to_reset = begin_reset(userkit, ADA)
    reset_code = post.code(ADA)
    claim = add(userkit, ada, "planted@example.com")
    claim_code = post.code("planted@example.com")
    change(userkit, ada, new, sign_out=False)
    with refused("verification_expired"):
        enter_sign_in_code(userkit, to_sign_in, sign_in_code)
    with refused("verification_expired"):
        reset(userkit, to_reset, reset_code, new_password())
    with refused("verification_expired", "code"):
        verify(userkit, ada, claim, claim_code)
    assert count(kit, Verification, Verification.consumed_at.is_(None)) == 0


@on_each_database
def test_the_lock_and_the_wrong_passwords_are_forgotten(
    make_app: MakeApp, old: str, new: str
) -> None:
    limits = LIMITS | {"sign_in:account": "3/hour"}
    app = make_app(USERKIT_OUTBOX="worker", USERKIT_RATE_LIMITS=limits)
    with app.app_context():
        userkit: Kits = app.extensions["userkit"]
        user = userkit.users.create_user(email_address=[ADA], password=old)
        mine = who(userkit, let_in(userkit, user.id).token)
        for _ in range(3):
            with refused(GENERIC):
                sign_in(userkit, ADA, "not the password")
        assert userkit.users.get_user(user.id).locked_until is not None
        change(userkit, mine, new)
        assert userkit.users.get_user(user.id).locked_until is None
        assert sign_in(userkit, ADA, new).user_id == user.id
        assert count(userkit.kit, Event, Event.name == "user.unlocked") == 1


@on_each_database
def test_this_browser_is_known_again_and_a_thief_s_is_not(
    userkit: Kits, kit: Kit, old: str, new: str, ada: Identity
) -> None:
    theirs = sign_in(userkit, ADA, old).device
    mine = sign_in(userkit, ADA, old)
    changed = change(userkit, who(userkit, mine.token), new, device=mine.device)
    key = userkit.users.get_user(ada.user_id).device_key
    known = [known_devices.find(kit, cookie, ada.user_id, key) for cookie in (theirs, mine.device)]
    assert known == [None, None]
    assert known_devices.find(kit, changed.device, ada.user_id, key) is not None


@on_each_database
def test_a_first_password_is_set_after_a_code_and_removed_again(
    userkit: Kits, kit: Kit, post: Post, heard: list[str], new: str, bea: Identity
) -> None:
    assert own_passwords.read(kit, bea.user_id) == (False, None)
    token = change(userkit, bea, new).token
    assert sign_in(userkit, "bea@example.com", new).user_id == bea.user_id
    heard.clear()
    changed = remove(userkit, who(userkit, token))
    assert changed is not None
    assert heard == ["session.revoked", "user.password.removed"]
    assert own_passwords.read(kit, bea.user_id) == (False, None)
    assert identified(kit, token) is None
    again = who(userkit, changed.token)
    assert again.user_id == bea.user_id
    with refused(GENERIC):
        sign_in(userkit, "bea@example.com", new)
    heard.clear()
    assert remove(userkit, again) is None, "there is none any more"
    assert heard == []
    told = [mail.subject for mail in post.all() if mail.to == "bea@example.com"]
    wanted = ["Your password was removed", "New sign-in to your account", "A password was set"]
    assert [subject.partition(": ")[2] for subject in told] == wanted


@on_each_database
def test_each_address_hears_of_a_change(userkit: Kits, post: Post, new: str, ada: Identity) -> None:
    change(userkit, ada, new)
    told = [mail for mail in post.all() if "Your password was changed" in mail.text]
    assert {mail.to for mail in told} == {ADA, OTHER}
    assert not any(new in mail.text for mail in told)


@on_each_database
@pytest.mark.parametrize("seconds", [600, 86400])
def test_who_has_not_confirmed_changes_nothing(
    userkit: Kits,
    kit: Kit,
    clock: Clock,
    old: str,
    new: str,
    ada: Identity,
    bea: Identity,
    seconds: int,
) -> None:
    before = [digest_of(kit, each.user_id) for each in (ada, bea)]
    clock.tick(seconds)
    for each in (ada, bea):
        with refused(STALE):
            change(userkit, each, new)
        with refused(STALE):
            remove(userkit, each)
    assert [digest_of(kit, each.user_id) for each in (ada, bea)] == before
    assert sign_in(userkit, ADA, old).user_id == ada.user_id


@on_each_database
def test_it_is_confirmed_by_this_very_session_and_no_other(
    userkit: Kits, kit: Kit, clock: Clock, old: str, new: str, ada: Identity, bea: Identity
) -> None:
    clock.tick(601)
    fresh = who(userkit, sign_in(userkit, ADA, old).token)
    with refused(STALE):
        change(userkit, ada, new)
    stolen = fresh._replace(session_id=bea.session_id)
    with refused(STALE):
        change(userkit, stolen, new)
    userkit.sessions.revoke_session(fresh.session_id)
    with refused(STALE):
        change(userkit, fresh, new)
    assert sign_in(userkit, ADA, old).user_id == ada.user_id


WEAK = [
    ("kq7!xz9", "form_password_length_too_short", "A password has 8 characters or more."),
    ("x" * 1025, "form_password_length_too_long", "A password has up to 1024 characters."),
    ("iloveyou1", "form_password_not_strong_enough", "tried first"),
    ("september", "form_password_not_strong_enough", "common word"),
    ("jennifer", "form_password_not_strong_enough", "A name"),
    ("Reading2026!", "form_password_matches_identifier", "your own"),
    ("readinglist-1", "form_password_matches_identifier", "your own"),
    ("lovelace1815", "form_password_matches_identifier", "your own"),
]


@pytest.mark.parametrize(("password", "code", "why"), WEAK, ids=lambda value: str(value)[:20])
def test_one_that_is_easily_guessed_is_refused_with_the_reason(
    userkit: Kits, kit: Kit, ada: Identity, password: str, code: str, why: str
) -> None:
    before = everything(kit)
    with pytest.raises(FormError) as caught:
        change(userkit, ada, password)
    assert (caught.value.code, caught.value.param) == (code, "new_password")
    assert why in caught.value.message
    # What is counted is no change.
    del before["userkit_limit_hit"]
    assert {name: everything(kit)[name] for name in before} == before


@on_each_database
def test_one_that_another_set_meanwhile_stays(
    userkit: Kits, kit: Kit, new: str, ada: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs, hash_it = new_password(), kit.passwords.hash

    def change_meanwhile(password: str) -> str:
        monkeypatch.setattr(kit.passwords, "hash", hash_it)
        kit.database._current.set(None)
        userkit.users.update_user(ada.user_id, password=theirs, sign_out_of_other_sessions=False)
        return hash_it(password)

    monkeypatch.setattr(kit.passwords, "hash", change_meanwhile)
    with refused("password_changed"):
        change(userkit, ada, new)
    assert sign_in(userkit, ADA, theirs).user_id == ada.user_id


@on_each_database
def test_the_only_way_in_stays(userkit: Kits, kit: Kit, clock: Clock, old: str) -> None:
    user = userkit.users.create_user(username="grace_1906", password=old)
    grace = who(userkit, sign_in(userkit, "grace_1906", old).token)
    before = everything(kit)
    del before["userkit_limit_hit"]
    with refused("password_required"):
        remove(userkit, grace)
    assert {name: everything(kit)[name] for name in before} == before
    assert digest_of(kit, user.id) is not None


@pytest.mark.parametrize(
    ("setting", "code"), [("required", "password_required"), ("off", "password_disabled")]
)
def test_what_the_app_wants_is_kept(
    make_app: MakeApp, old: str, new: str, setting: str, code: str
) -> None:
    app = make_app(USERKIT_OUTBOX="worker", USERKIT_PASSWORD=setting)
    with app.app_context():
        userkit: Kits = app.extensions["userkit"]
        user = userkit.users.create_user(email_address=[ADA], password=old)
        ada = who(userkit, let_in(userkit, user.id).token)
        with refused(code):
            remove(userkit, ada)
        if setting == "off":
            with refused(code):
                change(userkit, ada, new)
        assert digest_of(userkit.kit, user.id) == user.password_digest


def test_changes_are_limited(make_app: MakeApp, old: str) -> None:
    limits = LIMITS | {"password:account": "2/hour"}
    app = make_app(USERKIT_OUTBOX="worker", USERKIT_RATE_LIMITS=limits)
    with app.app_context():
        userkit: Kits = app.extensions["userkit"]
        user = userkit.users.create_user(email_address=[ADA], password=old)
        token = let_in(userkit, user.id).token
        for _ in range(2):
            token = change(userkit, who(userkit, token), new_password()).token
        with refused("too_many_requests"):
            change(userkit, who(userkit, token), new_password())
        with refused("too_many_requests"):
            remove(userkit, who(userkit, token))


def test_the_app_s_own_change_is_still_one(userkit: Kits, kit: Kit, bea: Identity) -> None:
    userkit.users.update_user(bea.user_id, password=new_password())
    names = [row.name for row in rows(kit, Event, Event.name.like("user.password.%"))]
    assert names == ["user.password.changed"]
    assert count(kit, Session, Session.status == "active") == 0
