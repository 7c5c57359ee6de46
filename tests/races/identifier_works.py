"""What is done many times at once about the addresses and numbers of somebody."""

from __future__ import annotations

import os
from contextlib import suppress

from flask_userkit import UserKit
from flask_userkit import UserKitError
from flask_userkit.errors import NotFoundError
from flask_userkit.models import User
from flask_userkit.services import identifier_proofs
from flask_userkit.services import identity
from flask_userkit.services import usernames
from flask_userkit.services import verifications
from flask_userkit.services.email_addresses import EMAIL_ADDRESS
from flask_userkit.services.identifier_kinds import IdentifierKind
from flask_userkit.services.phone_numbers import PHONE_NUMBER
from tests.races import pause
from tests.services.address_acts import add
from tests.services.address_acts import remove
from tests.services.address_acts import set_primary
from tests.services.address_acts import verify

Kits = UserKit[User]
#: Another process gets the name alone.
KINDS: dict[str, IdentifierKind] = {kind.name: kind for kind in (EMAIL_ADDRESS, PHONE_NUMBER)}


def prove(
    userkit: Kits, number: int, given: tuple[str, list[tuple[identity.Identity, str, str]]]
) -> None:
    """Enter one's own code for what others prove too, or the same one together."""
    name, claims = given
    who, claim, code = claims[number % len(claims)]
    verify(userkit, who, claim, code, KINDS[name])


def choose_primary(
    userkit: Kits, number: int, given: tuple[str, identity.Identity, list[str]]
) -> str:
    """Make each of several primary in turn; in one thread remove one of them."""
    name, who, ids = given
    if number == 0:
        remove(userkit, who, pause.after_late() or ids[-1], KINDS[name])
        return "removed"
    for turn in range(4):
        with suppress(NotFoundError):
            set_primary(userkit, who, ids[(number + turn) % len(ids)], KINDS[name])
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
            identifier_proofs.complete(db, EMAIL_ADDRESS, who.user_id, email_address_id, proof)
    return ""


def remove_each(
    userkit: Kits, number: int, given: tuple[identity.Identity, list[tuple[str, str]]]
) -> None:
    """Remove one of several identifiers, each of which may go alone."""
    who, ids = given
    name, which = ids[number % len(ids)]
    if name in KINDS:
        remove(userkit, who, which, KINDS[name])
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
        pause.after_late()
        userkit.users.delete_user(who.user_id)
        return "deleted"
    add(userkit, who, f"{os.getpid()}.{number}.{address}")
    return ""
