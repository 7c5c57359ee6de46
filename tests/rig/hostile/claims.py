"""What the provider tells of a person, as it should be and otherwise."""

from __future__ import annotations

from .modes import Mode
from .tokens import HOUR
from .tokens import Claims

#: One that a whole number and its text are told apart by.
NUMBER = 1815
LONG = 4096


def told_of(mode: Mode, subject: Claims) -> Claims:
    """Return the claims of a person."""
    claims = dict(subject)
    match mode:
        case "email_unverified":
            claims["email_verified"] = False
        case "email_str_false":
            claims["email_verified"] = "false"
        case "email_str_true":
            claims["email_verified"] = "true"
        case "email_one":
            claims["email_verified"] = 1
        case "no_email":
            claims.pop("email", None)
            claims.pop("email_verified", None)
        case "entra":
            # An administrator of any tenant writes any address into it, and nobody checks that.
            claims.pop("email_verified", None)
            tenant = {"tid": "11111111-2222-3333-4444-555555555555", "ver": "2.0"}
            claims |= {**tenant, "preferred_username": claims.get("email")}
        case "int_sub":
            claims["sub"] = NUMBER
        case "empty_sub":
            claims["sub"] = ""
        case "long_sub":
            claims["sub"] = "s" * LONG
        case "case_sub":
            claims["sub"] = str(claims["sub"]).swapcase()
    return claims


def login_time(mode: Mode, auth_time: int) -> Claims:
    """Return when the person logged in, as a claim."""
    match mode:
        case "no_auth_time":
            return {}
        case "stale_auth_time":
            return {"auth_time": auth_time - HOUR}
        case _:
            return {"auth_time": auth_time}
