"""ID tokens as a provider signs them, and as somebody forges them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
import typing as t
from functools import cache
from itertools import cycle

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from joserfc.jwk import ECKey
from joserfc.jwk import RSAKey

from .modes import Mode

Claims = dict[str, t.Any]
EVIL = "https://evil.example"
HOUR = 3600


def _new_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": secrets.token_hex(8), "use": "sig", "alg": "RS256"})


#: Making one takes longer than most tests; no test has as many of them at once.
_keys = cycle(_new_key() for _ in range(8))


def next_key() -> RSAKey:
    """Return a key that no other provider has now."""
    return next(_keys)


@cache
def evil_key() -> RSAKey:
    """Return one that no provider has ever published."""
    return _new_key()


def id_token(mode: Mode, claims: Claims, access_token: str, key: RSAKey) -> str:
    """Return an ID token, right but for what the mode says."""
    now = int(time.time())
    digest = hashlib.sha256(access_token.encode()).digest()
    claims = {"iat": now, "exp": now + HOUR, "at_hash": _base64url(digest[:16]), **claims}
    header: Claims = {"alg": "RS256", "typ": "JWT", "kid": key.kid}
    signer = key
    match mode:
        case "wrong_nonce":
            claims["nonce"] = secrets.token_urlsafe(24)
        case "no_nonce":
            claims.pop("nonce", None)
        case "wrong_aud":
            claims["aud"] = "somebody-else"
        case "extra_aud_no_azp":
            claims["aud"] = [claims["aud"], "somebody-else"]
        case "wrong_iss":
            claims["iss"] = EVIL
        case "expired":
            claims |= {"iat": now - 2 * HOUR, "exp": now - HOUR}
        case "nbf_future":
            claims["nbf"] = now + HOUR
        case "wrong_at_hash":
            claims["at_hash"] = _base64url(secrets.token_bytes(16))
        case "jwk_header":
            # Of an elliptic curve: it is so short that the length of the head tells no one.
            evil = ECKey.generate_key("P-256", private=True)
            header |= {"alg": "ES256", "jwk": evil.as_dict(private=False)}
            return _sign_by_curve(_signed_part(header, claims), evil)
        case "jku_header":
            signer = evil_key()
            header |= {"jku": f"{claims['iss']}/evil-jwks", "kid": signer.kid}
        case "unknown_kid":
            signer = evil_key()
            header["kid"] = signer.kid
        case "crit":
            header |= {"crit": ["surprise"], "surprise": True}
        case "alg_none":
            return f"{_signed_part({**header, 'alg': 'none'}, claims)}."
        case "hs256_pub":
            signed = _signed_part({**header, "alg": "HS256"}, claims)
            mac = hmac.digest(key.as_pem(private=False), signed.encode(), "sha256")
            return f"{signed}.{_base64url(mac)}"
        case "stripped_signature":
            return f"{_signed_part(header, claims)}."
    return _sign(_signed_part(header, claims, doubled=mode == "duplicate_claims"), signer)


def _sign(signed: str, key: RSAKey) -> str:
    assert key.private_key is not None
    signature = key.private_key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{signed}.{_base64url(signature)}"


def _sign_by_curve(signed: str, key: ECKey) -> str:
    assert key.private_key is not None
    pair = decode_dss_signature(key.private_key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{signed}.{_base64url(b''.join(number.to_bytes(32) for number in pair))}"


def _signed_part(header: Claims, claims: Claims, *, doubled: bool = False) -> str:
    payload = json.dumps(claims)
    if doubled:
        # One reader takes the first of two, another the last.
        payload = f'{{"sub": "somebody-else", {payload[1:]}'
    return f"{_base64url(json.dumps(header).encode())}.{_base64url(payload.encode())}"


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
