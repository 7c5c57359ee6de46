"""A provider on a bad day: everybody is told in time, and nobody else waits."""

from __future__ import annotations

import logging
import threading
import time
import traceback
from functools import partial

import pytest

from flask_userkit.connections import client as clients
from flask_userkit.connections.errors import ProviderError
from flask_userkit.connections.errors import ProviderUnavailable
from flask_userkit.connections.http import TOTAL
from tests.connections.visits import Visit
from tests.connections.visits import client_of
from tests.connections.visits import query_of
from tests.connections.visits import refusal
from tests.connections.visits import visit
from tests.rig.hostile.modes import ENDPOINTS
from tests.rig.hostile.modes import MODES
from tests.rig.hostile.modes import OF_ANSWER
from tests.rig.hostile.modes import Endpoint
from tests.rig.hostile.modes import Mode
from tests.rig.hostile_provider import HostileProvider

SLOW = ("hang", "drip")
#: What a conversation is given in these tests, which no provider of theirs needs.
SECONDS = 1.0


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("mode", [mode for mode in OF_ANSWER if mode not in SLOW])
def test_nonsense_is_no_answer_and_does_not_last(
    provider: HostileProvider, endpoint: Endpoint, mode: Mode
) -> None:
    provider.tells_all_in_id_token = False
    client = client_of(provider)
    provider.at, provider.mode = endpoint, mode
    refusal(ProviderUnavailable, partial(visit, client, provider))
    assert provider.sent < 16 * 1024 * 1024, "nobody reads what has no end"
    provider.mode = "ok"
    visit(client_of(provider), provider)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("mode", SLOW)
def test_nobody_waits_for_one_that_takes_its_time(
    provider: HostileProvider, monkeypatch: pytest.MonkeyPatch, endpoint: Endpoint, mode: Mode
) -> None:
    provider.tells_all_in_id_token = False
    client = client_of(provider)
    provider.at, provider.mode = endpoint, mode
    if endpoint != "discovery":
        # With all the time that it needs, since the document is no part of this.
        url = Visit(client).url
        url()
    monkeypatch.setattr(clients, "TOTAL", SECONDS)
    assert refusal(ProviderUnavailable, partial(visit, client, provider)) == "too_slow"


def test_who_goes_there_in_the_meantime_is_told_at_once_and_others_go_elsewhere(
    provider: HostileProvider,
) -> None:
    client = client_of(provider)
    visit(client, provider)
    provider.at, provider.mode = "token", "hang"
    reasons: list[str] = []
    took: list[float] = []

    def go() -> None:
        began = time.monotonic()
        reasons.append(refusal(ProviderUnavailable, partial(visit, client, provider)))
        took.append(time.monotonic() - began)

    threads = [threading.Thread(target=go) for _ in range(20)]
    for thread in threads:
        thread.start()
    with HostileProvider(*provider.redirect_uris) as other:
        visit(client_of(other), other)
    for thread in threads:
        thread.join()
    assert set(reasons) == {"too_slow", "busy"}
    assert reasons.count("too_slow") >= clients.AT_ONCE
    # A wide margin, since twenty threads share a machine that has others to run.
    assert max(took) < 4 * TOTAL
    provider.mode = "ok"
    visit(client, provider)


@pytest.mark.parametrize("mode", sorted(MODES - {"ok", *SLOW, "huge"}))
def test_no_secret_is_in_what_is_logged_or_raised(
    provider: HostileProvider, caplog: pytest.LogCaptureFixture, mode: Mode
) -> None:
    caplog.set_level(logging.DEBUG)
    client = client_of(provider)
    going = Visit(client)
    said: list[str] = []
    reason = "none"
    secrets = [provider.client_secret, going.nonce, going.code_verifier]
    try:
        url = going.url()
        provider.mode = mode
        back = query_of(provider.log_in(url))
        secrets.append(back.get("code", ""))
        tokens, _profile = going.end(back.get("code", ""), back.get("iss"))
        secrets += [tokens.access_token, tokens.id_token or ""]
    except ProviderError as error:
        said = traceback.format_exception(error)
        reason = error.reason
    assert reason.isidentifier(), "one word, and none of the provider's"
    text = "".join(said) + caplog.text
    # What the test itself asks stands in its own lines.
    text = "\n".join(line for line in text.splitlines() if "/authorize?" not in line)
    assert [secret for secret in secrets if secret and secret in text] == []
