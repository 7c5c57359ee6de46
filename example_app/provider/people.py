"""Who has an account at Meadow ID: one of each kind that an app has to think of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from authlib.oidc.core import UserInfo
from flask import current_app
from flask import url_for

from .settings import base_url


@dataclass(frozen=True)
class Person:
    """Somebody with an account there.

    :param id: what their account is known by; names and addresses change, it does not.
    :param about: what is special about them.
    :param picture: the hues of the sky, the sun and the hills of their picture, if they have one.
    """

    id: str
    first_name: str
    last_name: str
    username: str
    about: str
    email_address: str | None = None
    email_verified: bool = False
    picture: tuple[int, int, int] | None = None
    books: Sequence[tuple[str, str]] = ()

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def initials(self) -> str:
        return self.first_name[0] + self.last_name[0]


PEOPLE = {
    person.id: person
    for person in (
        Person(
            id="m-48151623",
            first_name="Ada",
            last_name="Lovelace",
            username="ada",
            about="Has an account at Reading list, too.",
            email_address="ada@example.com",
            email_verified=True,
            picture=(215, 48, 150),
            books=[
                ("On the Connexion of the Physical Sciences", "Mary Somerville"),
                ("Passages from the Life of a Philosopher", "Charles Babbage"),
            ],
        ),
        Person(
            id="m-74205938",
            first_name="Mary",
            last_name="Somerville",
            username="mary_s",
            about="Is new to Reading list.",
            email_address="mary@example.com",
            email_verified=True,
            picture=(350, 42, 175),
            books=[
                ("Northanger Abbey", "Jane Austen"),
                ("The Voyage of the Beagle", "Charles Darwin"),
            ],
        ),
        Person(
            id="m-31864027",
            first_name="Charles",
            last_name="Babbage",
            username="charles",
            about="Has not verified the address.",
            email_address="charles@example.com",
            picture=(255, 25, 115),
            books=[("The Pickwick Papers", "Charles Dickens")],
        ),
        Person(
            id="m-90617352",
            first_name="G.",
            last_name="Hopper",
            username="not_grace",
            about="Claims an address that is Grace's.",
            email_address="grace@example.com",
            picture=(30, 45, 95),
        ),
        Person(
            id="m-62539174",
            first_name="Emmy",
            last_name="Noether",
            username="emmy_n",
            about="Shares no address and no picture.",
        ),
    )
}


def claims(person: Person, scope: str) -> UserInfo:
    """Return what an app may know of somebody."""
    known = UserInfo(
        sub=person.id,
        name=person.name,
        given_name=person.first_name,
        family_name=person.last_name,
        preferred_username=person.username,
    )
    if person.picture:
        known["picture"] = base_url(current_app) + url_for("provider.picture", person_id=person.id)
    if person.email_address:
        known |= {"email": person.email_address, "email_verified": person.email_verified}
    return known.filter(scope)
