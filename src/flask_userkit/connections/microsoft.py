"""Microsoft Entra ID: accounts of work, of school and of people (OpenID Connect)."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Mapping

from ..errors import SetupError
from .connection import WELL_KNOWN
from .connection import Claims

HOST = "https://login.microsoftonline.com"
#: As each tenant is an issuer of its own, the document of all of them names a pattern.
PATTERN = f"{HOST}/{{tenantid}}/v2.0"
SHARED = ("common", "organizations", "consumers")
_ID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_ISSUER = re.compile(rf"{re.escape(HOST)}/({_ID})/v2\.0", re.ASCII)


def describe(*, tenant: str = "common") -> Mapping[str, t.Any]:
    """Return what is known of it.

    The address in a token is whatever an administrator of any tenant has written there, so that
    it proves nothing, unless the tenant is seen to own its domain (``xms_edov``, which an app's
    registration there has to ask for). So it is with ``auth_time``, without which it counts as no
    confirmation.

    :param tenant: the id of a tenant whose people alone come in; by default those of all.
    :raises SetupError: it is no id.
    """
    several = tenant in SHARED
    if not several and not re.fullmatch(_ID, tenant, re.ASCII):
        # Its tokens are issued under the id, whatever else leads to it.
        raise SetupError(
            f"USERKIT_CONNECTIONS['microsoft']['tenant'] is {tenant!r}; it is the id of a tenant, "
            f"or one of {', '.join(SHARED)}."
        )
    return {
        "label": "Microsoft",
        "icon": "microsoft",
        "server_metadata_url": f"{HOST}/{tenant}/v2.0{WELL_KNOWN}",
        "issuer": PATTERN if several else f"{HOST}/{tenant}/v2.0",
        "is_issuer": is_tenant if several else None,
        "scopes": ("openid", "email", "profile"),
        "email_verified_claim": "xms_edov",
        # Only who bears a token sees the picture.
        "claims": {"image_url": ""},
        "selects_account": True,
    }


def is_tenant(issuer: str, claims: Claims) -> bool:
    """Tell whether a token is issued by the tenant that it says it is of."""
    found = _ISSUER.fullmatch(issuer)
    return found is not None and claims.get("tid") == found[1]
