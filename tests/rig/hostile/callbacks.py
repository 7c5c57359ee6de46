"""What somebody comes back with, as it should be and otherwise."""

from __future__ import annotations

import secrets
from urllib.parse import urlencode

from .modes import Mode
from .tokens import EVIL

Parameters = list[tuple[str, str]]
SCRIPT = "<script>document.title = 'gotcha'</script>"
LONG = 4096


def callback(mode: Mode, code: str, state: str, issuer: str) -> Parameters:
    """Return the parameters that a login ends with."""
    right = {"code": code, "state": state, "iss": issuer}
    error = {"error": mode, "state": state, "iss": issuer}
    match mode:
        case "access_denied" | "server_error":
            return [*error.items()]
        case "error_description":
            return [*{**error, "error": "invalid_request", "error_description": SCRIPT}.items()]
        case "wrong_state":
            return [*{**right, "state": secrets.token_urlsafe(32)}.items()]
        case "long_code":
            return [*{**right, "code": "c" * LONG}.items()]
        case "tampered_iss":
            return [*{**right, "iss": EVIL}.items()]
        case "doubled_code":
            return [("code", code), *right.items()]
        case "no_state" | "no_code" | "no_iss":
            return [(name, value) for name, value in right.items() if mode != f"no_{name}"]
        case _:
            return [*right.items()]


def with_parameters(address: str, parameters: Parameters) -> str:
    """Return an address with these added to its query."""
    return f"{address}{'&' if '?' in address else '?'}{urlencode(parameters)}"
