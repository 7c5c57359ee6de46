"""Microsoft: each tenant is an issuer, and an address is what its administrator writes."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator
from functools import partial

import pytest

from flask_userkit.connections import connection_of
from flask_userkit.connections.client import Client
from flask_userkit.connections.errors import ProviderUntrusted
from tests.connections.fake_provider import FakeProvider
from tests.connections.fake_provider import Reply
from tests.connections.fake_provider import Request
from tests.connections.fake_provider import say
from tests.connections.visits import Visit
from tests.connections.visits import refusal
from tests.connections.visits import visit_fake

HOST = "https://login.microsoftonline.com"
OURS = "11111111-2222-4333-8444-555555555555"
THEIRS = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
EMAIL = "ada@example.com"


class Microsoft(FakeProvider):
    """Microsoft, which tells of anybody in any tenant what their tenant says."""

    def __init__(self) -> None:
        super().__init__()
        self.issuer = f"{HOST}/{{tenantid}}/v2.0"
        self.claims: dict[str, t.Any] = {
            "iss": f"{HOST}/{OURS}/v2.0",
            "tid": OURS,
            "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
            "name": "Ada Lovelace",
            "preferred_username": EMAIL,
            "email": EMAIL,
            "ver": "2.0",
        }

    def answer(self, request: Request) -> Reply:
        match request.path:
            case "/v2.0/.well-known/openid-configuration":
                return say(
                    {
                        "issuer": self.issuer,
                        "authorization_endpoint": f"{self.url}/oauth2/v2.0/authorize",
                        "token_endpoint": f"{self.url}/oauth2/v2.0/token",
                        "userinfo_endpoint": f"{self.url}/oidc/userinfo",
                        "jwks_uri": f"{self.url}/discovery/v2.0/keys",
                        "id_token_signing_alg_values_supported": ["RS256"],
                    }
                )
            case "/discovery/v2.0/keys":
                # Of each key, the set says whose it is.
                key = {**self.key.as_dict(private=False), "issuer": self.issuer}
                return say({"keys": [key]})
            case "/oidc/userinfo":
                self.check_bearer(request)
                picture = "https://graph.microsoft.com/v1.0/me/photo/$value"
                names = {"given_name": "Ada", "family_name": "Lovelace", "picture": picture}
                return say({"sub": self.claims["sub"], "email": EMAIL, **names})
            case _:
                return self.token(request)

    def token(self, request: Request) -> Reply:
        query = self.redeem(request)
        assert request.basic == (self.client_id, self.client_secret)
        return say(
            {
                "token_type": "Bearer",
                "scope": "openid email profile",
                "expires_in": 3736,
                "access_token": self.access_token,
                "refresh_token": "M.refresh",
                "id_token": self.id_token({**self.claims, "nonce": query["nonce"]}),
            }
        )


@pytest.fixture
def microsoft() -> Iterator[Microsoft]:
    with Microsoft() as fake:
        yield fake


def client_of(microsoft: Microsoft, **more: t.Any) -> Client:
    known = {
        "client_id": microsoft.client_id,
        "client_secret": microsoft.client_secret,
        "server_metadata_url": f"{microsoft.url}/v2.0/.well-known/openid-configuration",
    }
    return Client(connection_of("microsoft", {**known, **more}))


def test_somebody_is_who_their_tenant_says(microsoft: Microsoft) -> None:
    tokens, profile = visit_fake(client_of(microsoft), microsoft)
    assert profile.issuer == f"{HOST}/{OURS}/v2.0"
    assert profile.provider_user_id == microsoft.claims["sub"]
    assert (profile.first_name, profile.last_name) == ("Ada", "Lovelace")
    assert profile.image_url is None, "only who bears a token sees it"
    assert tokens.refresh_token == "M.refresh"


def test_another_tenant_with_the_same_subject_is_somebody_else(microsoft: Microsoft) -> None:
    client = client_of(microsoft)
    first = visit_fake(client, microsoft)[1]
    microsoft.claims |= {"iss": f"{HOST}/{THEIRS}/v2.0", "tid": THEIRS}
    second = visit_fake(client, microsoft)[1]
    assert second.provider_user_id == first.provider_user_id
    assert second.issuer != first.issuer
    assert second.email_verified is False, "whoever rules a tenant writes what they like"


@pytest.mark.parametrize(
    ("more", "verified"),
    [
        ({}, False),
        ({"email_verified": True}, False),
        ({"xms_edov": False}, False),
        ({"xms_edov": "true"}, False),
        ({"xms_edov": "1"}, False),
        ({"xms_edov": 1}, False),
        ({"xms_edov": True}, True),
    ],
)
def test_an_address_is_theirs_where_the_tenant_owns_its_domain(
    microsoft: Microsoft, more: dict[str, t.Any], verified: bool
) -> None:
    microsoft.claims |= more
    _tokens, profile = visit_fake(client_of(microsoft), microsoft)
    assert (profile.email_address, profile.email_verified) == (EMAIL, verified)


@pytest.mark.parametrize(
    "claims",
    [
        {"tid": THEIRS},
        {"tid": None},
        {"iss": f"{HOST}/{{tenantid}}/v2.0"},
        {"iss": f"{HOST}/{OURS}/v2.0/"},
        {"iss": f"{HOST}/{OURS}/v1.0"},
        {"iss": f"https://login.microsoftonline.com.evil.example/{OURS}/v2.0"},
        {"iss": f"http://login.microsoftonline.com/{OURS}/v2.0"},
        {"iss": f"https://sts.windows.net/{OURS}/"},
        {"iss": f"{HOST}/common/v2.0", "tid": "common"},
        {"iss": f"{HOST}/{'-' * 36}/v2.0", "tid": "-" * 36},
    ],
)
def test_an_issuer_that_is_no_tenants_is_refused(
    microsoft: Microsoft, claims: dict[str, t.Any]
) -> None:
    microsoft.claims |= claims
    going = partial(visit_fake, client_of(microsoft), microsoft)
    assert refusal(ProviderUntrusted, going) == "id_token_iss"


def test_people_of_one_tenant_alone_come_in(microsoft: Microsoft) -> None:
    client = client_of(microsoft, tenant=OURS)
    microsoft.issuer = f"{HOST}/{OURS}/v2.0"
    visit_fake(client, microsoft)
    microsoft.claims |= {"iss": f"{HOST}/{THEIRS}/v2.0", "tid": THEIRS}
    going = partial(visit_fake, client, microsoft)
    assert refusal(ProviderUntrusted, going) == "id_token_iss"


def test_an_answer_names_the_tenant_that_has_signed_it(microsoft: Microsoft) -> None:
    client = client_of(microsoft)
    for tenant, right in ((OURS, True), (THEIRS, False)):
        going = Visit(client)
        end = partial(going.end, microsoft.log_in(going.url()), f"{HOST}/{tenant}/v2.0")
        if right:
            end()
        else:
            assert refusal(ProviderUntrusted, end) == "iss"


def test_its_addresses_are_those_that_it_documents() -> None:
    connection = connection_of("microsoft", {"client_id": "x"})
    url = f"{HOST}/common/v2.0/.well-known/openid-configuration"
    assert connection.server_metadata_url == url
    one = connection_of("microsoft", {"client_id": "x", "tenant": OURS})
    assert one.server_metadata_url == url.replace("common", OURS)
    assert one.expected_issuer == f"{HOST}/{OURS}/v2.0"
