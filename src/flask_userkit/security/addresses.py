"""Email addresses: what is valid, and the key by which one is found."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from email_validator import EmailNotValidError
from email_validator import validate_email

MAX_INPUT = 320


class Address(NamedTuple):
    """An address as mail is sent to it, and as it is looked up."""

    address: str
    key: str

    @property
    def domain(self) -> str:
        """The domain in ASCII, in lower case."""
        return self.key.rpartition("@")[2]

    @property
    def is_subaddress(self) -> bool:
        """Whether it has a tag, such as ``name+tag@example.com``: one of any number of names."""
        return "+" in self.key.rpartition("@")[0]

    @property
    def mailbox(self) -> str:
        """The key without a tag, by which the mail to one mailbox is counted."""
        return mailbox_of(self.key)


def parse_email_address(value: str) -> Address | None:
    """Return the address that a text is, or None.

    The spelling is kept for mail. The key is lower case (local parts differ by case nowhere)
    with the domain in ASCII, so a homograph domain stays another domain; accents stay, since
    to fold them would let one person's address find another's.
    """
    value = value.strip()
    if not value or len(value) > MAX_INPUT:
        return None
    try:
        checked = validate_email(value, check_deliverability=False)
    except (EmailNotValidError, UnicodeError):
        return None
    local = unicodedata.normalize("NFC", checked.local_part.lower())
    return Address(checked.normalized, f"{local}@{checked.ascii_domain.lower()}")


def mailbox_of(key: str) -> str:
    """Return the key of an address without its tag; what is no address stays as it is.

    An address is never looked up by it: where a plus sign is no tag, that is another person's.
    """
    local, at, domain = key.rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"


def is_in_domains(address: Address, domains: Iterable[str]) -> bool:
    """Tell whether an address is in one of some domains, or in one below it."""
    wanted = _ascii_domains(tuple(domains))
    labels = address.domain.split(".")
    return any(".".join(labels[index:]) in wanted for index in range(len(labels)))


@lru_cache(maxsize=16)
def _ascii_domains(domains: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(_ascii_domain, domains))


def _ascii_domain(domain: str) -> str:
    name = domain.strip(" .*@")
    # Written as the domain of an address is, or a blocked one could be spelled around.
    address = parse_email_address(f"a@a.{name}")
    return address.domain.removeprefix("a.") if address else name.lower()
