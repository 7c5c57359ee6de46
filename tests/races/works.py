"""What is done many times at once; each is done by threads of several processes."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress

from flask_userkit import UserKit
from flask_userkit import UserKitError
from flask_userkit.models import User
from flask_userkit.security.ids import new_id
from flask_userkit.services import clients
from flask_userkit.services import identity
from flask_userkit.services import outbox
from flask_userkit.services import outbox_texts
from flask_userkit.services import purge
from flask_userkit.services import sessions
from flask_userkit.services import suspended_forms
from flask_userkit.services import usernames
from flask_userkit.services import verifications
from flask_userkit.services.database import UNAVAILABLE
from flask_userkit.services.purposes import Purpose
from flask_userkit.services.sessions import SignedIn
from tests.races import pause
from tests.rig.pictures import picture
from tests.services.acts import begin_sign_in
from tests.services.acts import enter_sign_in_code
from tests.services.acts import enter_sign_up_code
from tests.services.acts import reverify
from tests.services.acts import sign_in as sign_in_by_password
from tests.services.address_acts import open_link
from tests.services.address_acts import remove
from tests.services.deliveries import deliver_all

Kits = UserKit[User]


def sign_up(userkit: Kits, _number: int, given: tuple[str, str]) -> str:
    return enter_sign_up_code(userkit, *given).user_id


def sign_in(userkit: Kits, _number: int, given: tuple[str, str]) -> str:
    return enter_sign_in_code(userkit, *given).session_id


def use_up(userkit: Kits, _number: int, proof: verifications.Proof) -> None:
    with userkit.transaction() as db:
        verifications.consume(db, proof)


def guess(userkit: Kits, number: int, given: tuple[str, str, str]) -> list[str]:
    """Guess four times, never right."""
    verification_id, client_id, code = given
    found = []
    for turn in range(4):
        wrong = f"{(int(code) + 1 + 4 * number + turn) % 10**6:06}"
        try:
            with userkit.transaction() as db:
                verifications.attempt(
                    db, verification_id, purpose=Purpose.SIGN_UP, client_id=client_id, code=wrong
                )
        except UserKitError as error:
            found.append(error.code)
    return found


def sign_up_elsewhere(userkit: Kits, number: int, given: list[tuple[str, str]]) -> None:
    """Enter one's own code, of one's own browser, for an address that others prove too."""
    enter_sign_up_code(userkit, *given[number])


def take_username(userkit: Kits, number: int, username: str) -> None:
    name = username.upper() if number % 2 else username
    userkit.users.create_user(username=name)


def change_username(userkit: Kits, number: int, given: tuple[str, list[SignedIn]]) -> str:
    """Change one's own username to one that others want too; several do so for one person."""
    username, people = given
    who = people[number % len(people)]
    with userkit.transaction() as db:
        usernames.update_username(db, who, username.upper() if number % 2 else username)
    return who.user_id


def own_address(userkit: Kits, _number: int, address: str) -> None:
    userkit.users.create_user(email_address=[address], external_id=new_id("crm"))


def take_browser(userkit: Kits, number: int, given: tuple[str, list[tuple[str, str]]]) -> str:
    """Sign in as somebody of one's own at a browser that all of them use."""
    token, people = given
    return sign_in_by_password(userkit, *people[number], token=token).session_id


def sign_out_or_go_on(userkit: Kits, number: int, found: identity.Identity) -> None:
    """Sign out in one thread; in the others go on with a request that was let in before."""
    if number == 0:
        with userkit.transaction() as db:
            sessions.end(db, found.session_id, found.user_id)
    else:
        for _ in range(50):
            identity.touch(userkit.kit, found)


def end_or_expire(userkit: Kits, number: int, given: tuple[str, identity.Identity]) -> None:
    """End a session that has expired: from elsewhere, by a request of its own, or go on in it."""
    token, found = given

    def revoke() -> None:
        with userkit.transaction() as db:
            sessions.revoke_all(db, found.user_id)

    if number % 3 == 0:
        userkit.kit.database.retrying(revoke)
    elif number % 3 == 1:
        identity.identify(userkit.kit, token)
    else:
        for _ in range(10):
            identity.touch(userkit.kit, found)


def purge_or_sign_in(userkit: Kits, number: int, given: tuple[str, str]) -> list[str]:
    """Purge in every other thread, few at a time; in the others sign in."""
    if number % 2:
        return [f"signed in {sign_in_by_password(userkit, *given).user_id}"]
    purge.BATCH = purge.SQLITE_BATCH = 20
    return ["deleted"] * sum(deleted for _name, deleted in purge.purge(userkit.kit))


def purge_or_come_back(userkit: Kits, number: int, tokens: list[str]) -> None:
    """Purge in one thread; in the others begin to sign in, in browsers that were away for long."""
    if number == 0:
        pause.after_late()
        list(purge.purge(userkit.kit))
    else:
        for token in tokens[number::4]:
            begin_sign_in(userkit, "nobody", token)


def change_or_sign_in(userkit: Kits, number: int, given: tuple[str, str, str, list[str]]) -> str:
    """Change a password in one thread of each process; in the others sign in with the old one."""
    user_id, username, old, new = given
    if number == 0:
        pause.after_late()
        userkit.users.update_user(user_id, password=new[0], skip_password_checks=True)
        return "changed"
    sign_in_by_password(userkit, username, old)
    return "signed in"


def delete_or_begin(userkit: Kits, number: int, given: tuple[str, str, str]) -> str:
    """Delete a user in one thread; in the others begin and complete what ties rows to them."""
    user_id, username, password = given
    if number == 0:
        userkit.users.delete_user(user_id)
        return "deleted"
    if number % 2:
        sign_in_by_password(userkit, username, password)
    else:
        begin_sign_in(userkit, username)
    return ""


def rotate(userkit: Kits, _number: int, token: str) -> str | None:
    with userkit.transaction() as db:
        client = clients.find(db, token)
        assert client is not None
        return clients.rotate(db, client)


def send_all(userkit: Kits, _number: int, _given: None) -> None:
    deliver_all(userkit.kit)


def deliver_text(userkit: Kits, _number: int, claimed: outbox_texts.Claimed) -> None:
    outbox_texts.deliver(userkit.kit, claimed)


def hit(userkit: Kits, _number: int, purposes: dict[str, str]) -> list[str]:
    """Hit a limit ten times."""
    found = []
    for _ in range(10):
        try:
            userkit.kit.limits.hit(purposes)
        except UserKitError as error:
            found.append(error.code)
        else:
            found.append("done")
    return found


def set_picture(userkit: Kits, number: int, user_id: str) -> None:
    """Set a picture of one's own colour, or remove whatever is there."""
    colour = ((number * 37 + os.getpid()) % 256, 30, 60)
    for _ in range(3):
        userkit.users.update_user_profile_image(user_id, file=picture(colour))
    if number % 3 == 2:
        userkit.users.delete_user_profile_image(user_id)


def hit_in_any_order(userkit: Kits, number: int, purposes: dict[str, str]) -> list[str]:
    """Hit limits that half of the threads name the other way round; nothing is done again."""
    # A second try would hide the loss.
    userkit.kit.database.retrying = lambda work: work()  # type: ignore[method-assign] # in this process alone
    named = reversed(purposes.items()) if number % 2 else purposes.items()
    return hit(userkit, number, dict(named))


def hit_and_forgive(userkit: Kits, _number: int, purposes: dict[str, str]) -> None:
    """Hit a limit ten times, and take each hit back."""
    for _ in range(10):
        hit = userkit.kit.limits.hit(purposes)
        pause.rest()
        hit.forgive()


def claim(userkit: Kits, _number: int, _given: None) -> str:
    """Claim one message, and say which."""
    claimed = outbox._claim(userkit.kit)
    return claimed.id if claimed else new_id("none")


def take_form(userkit: Kits, _number: int, given: tuple[SignedIn, str]) -> str:
    """Take a form that waits, and say whether one was got."""
    who, form_id = given
    with userkit.transaction() as db:
        found = suspended_forms.take(db, who, "rename", form_id)
    return "nothing" if found is None else "the form"


def prove(userkit: Kits, _number: int, given: tuple[SignedIn, str]) -> None:
    reverify(userkit, *given)


def _insist(work: Callable[[], None]) -> None:
    """Do something again where the database gave up on it: it is about what follows."""
    for _turn in range(20):
        with suppress(*UNAVAILABLE):
            work()
            return
    raise AssertionError("The database gave up on it every time.")


def revoke_or_rename(userkit: Kits, number: int, who: SignedIn) -> str:
    """Revoke a session in one thread of each process, and say what the username then is; in the
    others go on to change it."""
    if number == 0:
        pause.after_late()
        _insist(lambda: userkit.sessions.revoke_session(who.session_id))
        return f"revoked at {userkit.users.get_user(who.user_id).username}"
    # On and on, so that it is under way whenever the session goes.
    for turn in range(500):
        with userkit.transaction() as db:
            usernames.update_username(db, who, f"reader_{os.getpid()}_{number}_{turn}")
    return ""


def begin_or_remove(
    userkit: Kits, number: int, given: list[tuple[identity.Identity, str, str]]
) -> list[str]:
    """Remove somebody's address in one thread; in the next begin to sign in by it, on and on."""
    who, email_address_id, address = given[number // 2]
    if number % 2:
        return [f"began {begin_sign_in(userkit, address)}" for _ in range(6)]
    pause.after_late()
    _insist(lambda: remove(userkit, who, email_address_id))
    return ["removed"]


def sign_in_elsewhere(userkit: Kits, number: int, given: list[tuple[str, str]]) -> None:
    """Enter one's own code, of one's own browser."""
    enter_sign_in_code(userkit, *given[number])


def revoke_or_open(
    userkit: Kits, number: int, given: tuple[identity.Identity, list[str]]
) -> str | list[str]:
    """Revoke a session in one thread of each process, and say how many addresses are proven
    then; in the others press the buttons of the links that it asked for."""
    who, tokens = given
    if number == 0:
        pause.after_late()
        _insist(lambda: userkit.sessions.revoke_session(who.session_id))
        proven = sum(
            email.verified for email in userkit.users.get_user(who.user_id).email_addresses
        )
        return f"revoked at {proven}"
    found = []
    for token in tokens[number - 1 :: 5]:
        try:
            open_link(userkit, token)
        except UserKitError as error:
            found.append(error.code)
    return found
