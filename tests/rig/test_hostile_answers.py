"""The hostile provider's endpoints answer as no endpoint should, one of them and no other."""

from __future__ import annotations

import threading
import time
import typing as t
from collections.abc import Iterator

import httpx
import pytest

from tests.rig.hostile.answers import DRIP
from tests.rig.hostile.answers import HUGE
from tests.rig.hostile.app import HostileApp
from tests.rig.hostile.modes import ENDPOINTS
from tests.rig.hostile.modes import OF_ANSWER
from tests.rig.hostile.modes import Endpoint
from tests.rig.hostile.modes import OfAnswer
from tests.rig.hostile_provider import HostileProvider
from tests.rig.relying_party import certificates


@pytest.fixture
def app(hostile_provider: HostileProvider) -> Iterator[HostileApp]:
    with HostileApp(hostile_provider) as app:
        yield app


IN_ANSWER: dict[OfAnswer, t.Callable[[httpx.Response], bool]] = {
    "html": lambda answer: answer.is_success and answer.text.startswith("<!doctype html>"),
    "list": lambda answer: answer.is_success and isinstance(answer.json(), list),
    "500": lambda answer: answer.status_code == 500,
    "429": lambda answer: answer.status_code == 429 and "Retry-After" in answer.headers,
    "empty": lambda answer: answer.is_success and answer.content == b"",
    "redirect_loop": lambda answer: answer.headers["Location"] == answer.url.raw_path.decode(),
}


def request_for(app: HostileApp, endpoint: Endpoint, mode: OfAnswer) -> httpx.Request:
    """Return a request that this endpoint would answer with JSON, were it not for the mode."""
    provider = app.provider
    answer = app.log_in()
    provider.mode, provider.at = mode, endpoint
    match endpoint:
        case "discovery":
            return httpx.Request("GET", provider.metadata_url)
        case "jwks":
            return httpx.Request("GET", f"{provider.issuer}/jwks")
        case "userinfo":
            headers = {"Authorization": f"Bearer {answer['access_token']}"}
            return httpx.Request("GET", f"{provider.issuer}/userinfo", headers=headers)
        case "token":
            form = {
                "grant_type": "refresh_token",
                "refresh_token": answer["refresh_token"],
                "client_id": provider.client_id,
                "client_secret": provider.client_secret,
            }
            return httpx.Request("POST", f"{provider.issuer}/token", data=form)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("mode", IN_ANSWER)
def test_an_endpoint_answers_as_none_should(
    app: HostileApp, mode: OfAnswer, endpoint: Endpoint
) -> None:
    assert IN_ANSWER[mode](app.http.send(request_for(app, endpoint, mode)))
    # No other does.
    other = "/jwks" if endpoint != "jwks" else "/.well-known/openid-configuration"
    assert isinstance(app.get(other).json(), dict)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_an_answer_ends_early(app: HostileApp, endpoint: Endpoint) -> None:
    request = request_for(app, endpoint, "truncated")
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        app.http.send(request)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_an_answer_drips(app: HostileApp, endpoint: Endpoint) -> None:
    answer = app.http.send(request_for(app, endpoint, "drip"), stream=True)
    pieces = answer.iter_raw()
    assert next(pieces) == b"{"
    assert b"".join(next(pieces) for _ in range(2)).startswith(b'"')
    # Read to its end, it takes longer than anybody should wait.
    assert int(answer.headers["Content-Length"]) * DRIP > 10
    answer.close()


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_an_answer_is_huge(app: HostileApp, endpoint: Endpoint) -> None:
    answer = app.http.send(request_for(app, endpoint, "huge"), stream=True)
    assert int(answer.headers["Content-Length"]) == HUGE
    assert next(answer.iter_raw()).isspace()
    answer.close()
    assert app.provider.sent < HUGE


def test_a_provider_that_hangs_ends_with_its_server() -> None:
    with HostileProvider() as provider, HostileApp(provider) as app:
        request = request_for(app, "jwks", "hang")
        ended: list[httpx.TransportError] = []

        def ask() -> None:
            with httpx.Client(trust_env=False, verify=certificates(), timeout=60) as client:
                try:
                    client.send(request)
                except httpx.TransportError as error:
                    ended.append(error)

        askers = [threading.Thread(target=ask) for _ in range(20)]
        for asker in askers:
            asker.start()
        deadline = time.monotonic() + 30
        while len(provider.asked("/jwks")) < len(askers):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        # Others are answered meanwhile.
        assert app.metadata["issuer"] == provider.issuer
        assert ended == []
    for asker in askers:
        asker.join(30)
    assert len(ended) == len(askers)
    # Each was hung up on, and none waited for its own patience to end.
    assert not any(isinstance(error, httpx.TimeoutException) for error in ended)


def test_every_mode_of_answers_is_tried_here() -> None:
    assert {*IN_ANSWER, "truncated", "drip", "huge", "hang"} == set(OF_ANSWER)
