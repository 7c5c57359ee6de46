"""What the hostile provider can do wrong, by where it does it."""

from __future__ import annotations

import typing as t

#: The document of its addresses is a lie.
OfDiscovery = t.Literal["iss_mismatch_discovery", "http_endpoints"]
#: Somebody comes back with other parameters than they should.
OfCallback = t.Literal[
    "error_description",
    "access_denied",
    "server_error",
    "wrong_state",
    "no_state",
    "no_code",
    "long_code",
    "doubled_code",
    "tampered_iss",
    "no_iss",
]
#: The ID token is none that may be trusted.
OfIdToken = t.Literal[
    "wrong_nonce",
    "no_nonce",
    "wrong_aud",
    "extra_aud_no_azp",
    "wrong_iss",
    "expired",
    "nbf_future",
    "alg_none",
    "hs256_pub",
    "jwk_header",
    "jku_header",
    "unknown_kid",
    "crit",
    "stripped_signature",
    "duplicate_claims",
    "wrong_at_hash",
    "no_id_token",
]
#: The signature is right, and what is told is odd.
OfClaims = t.Literal[
    "email_unverified",
    "email_str_false",
    "email_str_true",
    "email_one",
    "no_email",
    "entra",
    "int_sub",
    "empty_sub",
    "long_sub",
    "case_sub",
    "stale_auth_time",
    "no_auth_time",
]
#: An endpoint, which ``at`` names, answers as no endpoint should.
OfAnswer = t.Literal[
    "html",
    "list",
    "500",
    "429",
    "empty",
    "truncated",
    "hang",
    "drip",
    "huge",
    "redirect_loop",
]
#: The rest: the token endpoint refuses, and the profile is somebody else's.
Other = t.Literal["invalid_grant", "no_access_token", "other_userinfo"]
Mode = t.Literal["ok"] | OfDiscovery | OfCallback | OfIdToken | OfClaims | OfAnswer | Other
#: Where it may answer so.
Endpoint = t.Literal["discovery", "token", "jwks", "userinfo"]

OF_DISCOVERY: tuple[OfDiscovery, ...] = t.get_args(OfDiscovery)
OF_CALLBACK: tuple[OfCallback, ...] = t.get_args(OfCallback)
OF_ID_TOKEN: tuple[OfIdToken, ...] = t.get_args(OfIdToken)
OF_CLAIMS: tuple[OfClaims, ...] = t.get_args(OfClaims)
OF_ANSWER: tuple[OfAnswer, ...] = t.get_args(OfAnswer)
OTHER: tuple[Other, ...] = t.get_args(Other)
ENDPOINTS: tuple[Endpoint, ...] = t.get_args(Endpoint)
MODES: frozenset[Mode] = frozenset(
    ("ok", *OF_DISCOVERY, *OF_CALLBACK, *OF_ID_TOKEN, *OF_CLAIMS, *OF_ANSWER, *OTHER)
)
