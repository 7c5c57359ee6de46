"""What is done many times at once; each is done by threads of several processes."""

from __future__ import annotations

from flask_userkit import UserKit
from flask_userkit import UserKitError
from flask_userkit.models import User
from flask_userkit.security.ids import new_id
from flask_userkit.services import clients
from flask_userkit.services import identity
from flask_userkit.services import outbox
from flask_userkit.services import sessions
from flask_userkit.services import verifications
from flask_userkit.services.verifications import Purpose
from tests.services.acts import begin_sign_in
from tests.services.acts import enter_sign_in_code
from tests.services.acts import enter_sign_up_code
from tests.services.acts import sign_in as sign_in_by_password

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
    while outbox.deliver_next(userkit.kit):
        pass


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


def claim(userkit: Kits, _number: int, _given: None) -> str:
    """Claim one message, and say which."""
    claimed = outbox._claim(userkit.kit)
    return claimed.id if claimed else new_id("none")
