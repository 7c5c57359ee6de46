"""What is done many times at once; each is done by threads of several processes."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress

from flask_userkit import UserKit
from flask_userkit import UserKitError
from flask_userkit.errors import NotFoundError
from flask_userkit.models import User
from flask_userkit.security.ids import new_id
from flask_userkit.services import clients
from flask_userkit.services import email_proofs
from flask_userkit.services import identity
from flask_userkit.services import outbox
from flask_userkit.services import sessions
from flask_userkit.services import suspended_forms
from flask_userkit.services import usernames
from flask_userkit.services import verifications
from flask_userkit.services.database import UNAVAILABLE
from flask_userkit.services.purposes import Purpose
from flask_userkit.services.sessions import SignedIn
from tests.rig.pictures import picture
from tests.services.acts import begin_sign_in
from tests.services.acts import enter_sign_in_code
from tests.services.acts import enter_sign_up_code
from tests.services.acts import reverify
from tests.services.acts import sign_in as sign_in_by_password
from tests.services.address_acts import add
from tests.services.address_acts import open_link
from tests.services.address_acts import remove
from tests.services.address_acts import set_primary
from tests.services.address_acts import verify
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
    # As the kit's own routes do: two who write a browser's row may end in a deadlock.
    return userkit.kit.database.retrying(
        lambda: sign_in_by_password(userkit, *people[number], token=token).session_id
    )


def sign_out_or_go_on(userkit: Kits, number: int, found: identity.Identity) -> None:
    """Sign out in one thread; in the others go on with a request that was let in before."""
    if number == 0:
        with userkit.transaction() as db:
            sessions.end(db, found.session_id, found.user_id)
    else:
        for _ in range(50):
            identity.touch(userkit.kit, found)


def change_or_sign_in(userkit: Kits, number: int, given: tuple[str, str, str, list[str]]) -> str:
    """Change a password in one thread of each process; in the others sign in with the old one."""
    user_id, username, old, new = given
    if number == 0:
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
    if number % 3 == 0:
        userkit.users.delete_user_profile_image(user_id)


def hit_in_any_order(userkit: Kits, number: int, purposes: dict[str, str]) -> list[str]:
    """Hit limits that half of the threads name the other way round; nothing is done again."""
    # A second try would hide the loss, and no method is meant to be changed.
    userkit.kit.database.retrying = lambda work: work()  # type: ignore[method-assign]
    named = reversed(purposes.items()) if number % 2 else purposes.items()
    return hit(userkit, number, dict(named))


def hit_and_forgive(userkit: Kits, _number: int, purposes: dict[str, str]) -> None:
    """Hit a limit ten times, and take each hit back."""
    for _ in range(10):
        userkit.kit.limits.hit(purposes).forgive()


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


def revoke_or_rename(userkit: Kits, number: int, who: SignedIn) -> str:
    """Revoke a session in one thread of each process, and say what the username then is; in the
    others go on to change it."""
    if number == 0:
        _insist(lambda: userkit.sessions.revoke_session(who.session_id))
        return f"revoked at {userkit.users.get_user(who.user_id).username}"
    # On and on, so that it is under way whenever the session goes.
    for turn in range(500):
        with userkit.transaction() as db:
            usernames.update_username(db, who, f"reader_{os.getpid()}_{number}_{turn}")
    return ""


def prove_address(
    userkit: Kits, number: int, given: list[tuple[identity.Identity, str, str]]
) -> None:
    """Enter one's own code for an address that others prove too, or the same one together."""
    who, email_address_id, code = given[number % len(given)]
    verify(userkit, who, email_address_id, code)


def choose_primary(userkit: Kits, number: int, given: tuple[identity.Identity, list[str]]) -> str:
    """Make each of several addresses primary in turn; in one thread remove the last of them."""
    who, ids = given
    if number == 0:
        remove(userkit, who, ids[-1])
        return "removed"
    for turn in range(4):
        with suppress(NotFoundError):
            set_primary(userkit, who, ids[(number + turn) % len(ids)])
    return ""


def prove_or_replace(
    userkit: Kits, number: int, given: tuple[identity.Identity, str, verifications.Proof]
) -> str:
    """Use up a right code, again and again; in one thread remove its address and add it anew."""
    who, email_address_id, proof = given
    if number == 0:
        remove(userkit, who, email_address_id)
        return f"added {add(userkit, who, proof.address)}"
    for _ in range(20):
        with suppress(UserKitError), userkit.transaction() as db:
            email_proofs.complete(db, who.user_id, email_address_id, proof)
    return ""


def remove_each(userkit: Kits, number: int, given: tuple[identity.Identity, list[str]]) -> None:
    """Remove one of several identifiers, each of which may go alone; no id is the username."""
    who, ids = given
    which = ids[number % len(ids)]
    if which:
        remove(userkit, who, which)
    else:
        with userkit.transaction() as db:
            usernames.remove_username(db, who)


def add_address(userkit: Kits, number: int, given: tuple[identity.Identity, list[str]]) -> str:
    """Add an address; several add the same one, where there are fewer of them."""
    who, addresses = given
    return add(userkit, who, addresses[(os.getpid() + number) % len(addresses)])


def delete_or_add(userkit: Kits, number: int, given: tuple[identity.Identity, str]) -> str:
    """Delete a user in one thread; in the others add addresses to them."""
    who, address = given
    if number == 0:
        userkit.users.delete_user(who.user_id)
        return "deleted"
    add(userkit, who, f"{os.getpid()}.{number}.{address}")
    return ""


def begin_or_remove(
    userkit: Kits, number: int, given: list[tuple[identity.Identity, str, str]]
) -> list[str]:
    """Remove somebody's address in one thread; in the next begin to sign in by it, on and on."""
    who, email_address_id, address = given[number // 2]
    if number % 2:
        return [f"began {begin_sign_in(userkit, address)}" for _ in range(6)]
    remove(userkit, who, email_address_id)
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
