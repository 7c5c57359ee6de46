"""An app whose accounts have phone numbers, and the numbers that tests use."""

from __future__ import annotations

import re
import typing as t

from flask import Flask

from flask_userkit.services.limits import DEFAULTS
from tests.rig.fixtures.apps import MakeApp
from tests.rig.queries import Queries

ADA = "+4915123456789"
NOBODY = "+4915198765432"
NO_LIMITS = dict.fromkeys(DEFAULTS, "1000/minute")
#: No text message is sent there: premium, shared cost, toll-free, satellite, emergency, too short.
UNREACHABLE = ["+499001234567", "+448431234567", "+18002345678", "+881612345678", "112", "+4911"]


def open_app(make_app: MakeApp, **settings: t.Any) -> Flask:
    """Open an app without limits; accounts have an address, a number, a username or all."""
    defaults = {
        "USERKIT_OUTBOX": "worker",
        "USERKIT_PHONE_NUMBER": "optional",
        "USERKIT_EMAIL_ADDRESS": "optional",
        "USERKIT_USERNAME": "optional",
        "USERKIT_RATE_LIMITS": NO_LIMITS,
    }
    return make_app(**{**defaults, **settings})


def shapes(queries: Queries) -> list[str]:
    """Return the statements, without what they are laid out with."""
    return [re.sub(r"\s+", " ", statement) for statement in queries.statements]


def asking_for(
    make_app: MakeApp, email_address: str, phone_number: str, **settings: t.Any
) -> Flask:
    """Open an app by what it says of email addresses and of phone numbers."""
    return open_app(
        make_app, USERKIT_EMAIL_ADDRESS=email_address, USERKIT_PHONE_NUMBER=phone_number, **settings
    )
