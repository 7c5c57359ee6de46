"""Apple (Sign in with Apple, OpenID Connect)."""

from __future__ import annotations

import json
import time
import typing as t
from collections.abc import Callable
from collections.abc import Mapping
from contextlib import suppress

from ..errors import SetupError
from .connection import Claims
from .connection import GetJson
from .values import value_in

ISSUER = "https://appleid.apple.com"
#: Of a secret, in seconds; it is made for each request.
LIFETIME = 300


def describe(
    *, client_id: str = "", team_id: str = "", key_id: str = "", private_key: str = ""
) -> Mapping[str, t.Any]:
    """Return what is known of it: it answers by a form, and its secret is signed by the app.

    :param client_id: the Services ID.
    :param team_id: the developer's team.
    :param key_id: the name of the key.
    :param private_key: the key, as PEM.
    :raises SetupError: one of them is missing, or the key is none.
    """
    given = {"team_id": team_id, "key_id": key_id, "private_key": private_key}
    missing = [name for name, value in given.items() if not value]
    if missing:
        raise SetupError(f"USERKIT_CONNECTIONS['apple'] has no {missing[0]}.")
    # In a variable of the environment, a line break is often written out.
    private_key = private_key.replace("\\n", "\n")
    return {
        "label": "Apple",
        "icon": "apple",
        "client_id": client_id,
        "client_secret_of": client_secret(client_id, team_id, key_id, private_key),
        "server_metadata_url": f"{ISSUER}/.well-known/openid-configuration",
        "scopes": ("openid", "email", "name"),
        "authorize_params": {"response_mode": "form_post"},
        "token_endpoint_auth_method": "client_secret_post",
        "email_verified_claim": "verified",
        "read_profile": read_profile,
    }


def client_secret(client_id: str, team_id: str, key_id: str, private_key: str) -> Callable[[], str]:
    """Return what makes a secret: a JWT by ES256 that names the team and the app.

    :raises SetupError: the key makes none.
    """

    def make() -> str:
        # Apps without Apple do not wait for it.
        from joserfc import jwt
        from joserfc.jwk import ECKey

        now = int(time.time())
        claims = {
            "iss": team_id,
            "sub": client_id,
            "aud": ISSUER,
            "iat": now,
            "exp": now + LIFETIME,
        }
        header = {"alg": "ES256", "kid": key_id}
        return jwt.encode(header, claims, ECKey.import_key(private_key), algorithms=["ES256"])

    try:
        make()
    except Exception as error:
        problem = type(error).__name__
    else:
        return make
    # Outside of the handler, since the other error may hold the key.
    raise SetupError(
        f"USERKIT_CONNECTIONS['apple']['private_key'] signs nothing ({problem}): it is the text of "
        "the .p8 file."
    )


def read_profile(get_json: GetJson, claims: Claims, extra: Mapping[str, str]) -> Claims:
    """Return somebody's claims; their name comes with the first code alone, and unsigned."""
    form: object = None
    with suppress(ValueError, RecursionError):
        form = json.loads(extra.get("user", ""))
    verified = claims.get("email_verified")
    return {
        "given_name": value_in(form, "name", "firstName"),
        "family_name": value_in(form, "name", "lastName"),
        # Apple writes it as a boolean or as a word, and says so.
        "verified": verified is True or verified == "true",
    }
