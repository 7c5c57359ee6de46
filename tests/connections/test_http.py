"""What a server of other people may do to a conversation: end it early, and nothing else."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from authlib.integrations.requests_client import OAuth2Session

from flask_userkit.connections.http import MOST_BYTES
from flask_userkit.connections.http import Bounded
from flask_userkit.connections.http import BoundedSession
from flask_userkit.connections.http import within
from tests.connections.asking import REACHED
from tests.connections.asking import SHORT
from tests.connections.asking import ask
from tests.connections.asking import reason
from tests.connections.asking import unavailable
from tests.rig.certificates import make_certificate
from tests.rig.hostile_http import ENDLESS
from tests.rig.hostile_http import NONSENSE
from tests.rig.hostile_http import HostileHttp
from tests.rig.ports import free_port


def test_a_good_answer_is_an_answer_as_any_other(hostile: HostileHttp) -> None:
    response = ask(hostile.url(), headers={"X-Asked": "yes"})
    assert response.json() == {"fine": True}
    assert (response.content, response.text) == (hostile.body, hostile.body.decode())
    assert (response.status_code, response.ok) == (200, True)
    assert response.url == response.request.url == hostile.url()
    assert response.headers["content-type"] == "application/json"
    assert hostile.visits[0].headers["X-Asked"] == "yes"


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_a_bad_status_is_the_callers_to_judge(hostile: HostileHttp, status: int) -> None:
    hostile.status = status
    response = ask(hostile.url())
    assert (response.status_code, response.json()) == (status, {"fine": True})
    with unavailable(f"status_{status}") as caught:
        within(response.raise_for_status)
    assert caught.value.__context__ is None


def test_a_connection_is_kept_for_the_next_conversation(hostile: HostileHttp) -> None:
    with BoundedSession() as session:
        for path in ("ok", "gzip", "ok"):
            assert within(partial(session.get, hostile.url(path))).json()
    assert len({visit.port for visit in hostile.visits}) == 1


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
def test_no_redirect_is_followed(hostile: HostileHttp, status: int) -> None:
    hostile.status = status
    assert reason(hostile.url(), allow_redirects=True) == "redirect"
    hostile.status = 200
    assert reason(hostile.url("to?/ok"), allow_redirects=True) == "redirect"
    assert len(hostile.visits) == 2


@pytest.mark.parametrize("mode", ENDLESS)
def test_a_long_answer_is_given_up(hostile: HostileHttp, mode: str) -> None:
    assert reason(hostile.url(mode)) == "too_long"


def test_an_answer_may_be_a_megabyte(hostile: HostileHttp) -> None:
    hostile.body = b"x" * MOST_BYTES
    for path in ("ok", "gzip"):
        assert ask(hostile.url(path)).content == hostile.body
    hostile.body += b"x"
    for path in ("ok", "gzip"):
        assert reason(hostile.url(path)) == "too_long"


def test_what_comes_after_an_answer_is_not_of_it(hostile: HostileHttp) -> None:
    assert ask(hostile.url("extra")).content == hostile.body


@pytest.mark.parametrize("mode", NONSENSE)
def test_what_is_no_http_is_no_answer(hostile: HostileHttp, mode: str) -> None:
    assert reason(hostile.url(mode)) == "no_answer"


def test_where_nobody_listens_there_is_no_answer() -> None:
    assert reason(f"http://127.0.0.1:{free_port()}/") == "no_answer"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "nowhere",
        "http://",
        "http://[::1/",
        "http://127.0.0.1:99999/",
        f"http://{'a' * 64}.example/",
        f"http://{'a.' * 200}example/",
        "http://a..b/",
    ],
)
def test_what_is_no_address_is_not_asked(url: str) -> None:
    assert reason(url) == "no_answer"


def test_a_certificate_is_checked_whoever_says_that_it_need_not_be(secure: HostileHttp) -> None:
    url = secure.url(host="localhost")
    assert reason(url) == "tls"
    assert reason(url, verify=False) == "tls"
    with BoundedSession() as session:
        session.verify = False
        with unavailable("tls"):
            within(lambda: session.get(url))
    assert secure.visits == []


def test_an_authority_of_the_environment_counts(
    secure: HostileHttp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(make_certificate(tmp_path)[0]))
    assert ask(secure.url(host="localhost")).json() == {"fine": True}
    assert secure.names == ["localhost"]
    for mode in ("slow-body", "silent"):
        assert reason(secure.url(mode, host="localhost"), SHORT) == "too_slow"


def test_another_name_than_that_of_the_certificate_is_refused(
    secure: HostileHttp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(make_certificate(tmp_path)[0]))

    def work() -> object:
        with BoundedSession() as session:
            return session.get(secure.url(host="provider.example"))

    with unavailable("tls"):
        within(work, resolve=lambda *_: ["127.0.0.1"])
    assert secure.visits == []


def test_a_proxy_of_the_environment_counts_and_is_hung_up_on_too(
    hostile: HostileHttp, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, hostile.url(""))
    assert ask("http://provider.example/ok").json()
    assert hostile.visits[-1].path == "http://provider.example/ok"
    assert reason("http://provider.example/slow-body", REACHED) == "too_slow"
    assert hostile.hung_up.wait(20)
    assert reason("https://provider.example/", REACHED) == "too_slow"
    assert hostile.visits[-1].method == "CONNECT"


def test_a_line_of_netrc_does_not_take_the_place_of_a_token(
    hostile: HostileHttp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ada password lovelace\n", "utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    ask(hostile.url())
    ask(hostile.url(), headers={"Authorization": "Bearer abc"})
    ask(hostile.url(), auth=("app", "secret"))
    told = [visit.headers.get("Authorization") for visit in hostile.visits]
    assert told == [None, "Bearer abc", "Basic YXBwOnNlY3JldA=="]


def test_a_cookie_of_one_conversation_is_not_sent_in_the_next(hostile: HostileHttp) -> None:
    with BoundedSession() as session:
        within(lambda: session.get(hostile.url("cookie")))
        within(lambda: session.get(hostile.url()))
    assert "Cookie" not in hostile.visits[1].headers


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Bad day</html>",
        b'{"access_token": "ab',
        b"\xff\xfe\xfd",
        b"[" * 100_000,
        b'{"expires_in": ' + b"1" * 5000 + b"}",
    ],
    ids=["nothing", "html", "cut", "binary", "brackets", "digits"],
)
def test_what_is_no_json_is_told_so(hostile: HostileHttp, body: bytes) -> None:
    hostile.body = body
    with unavailable("no_json") as caught:
        ask(hostile.url()).json()
    assert caught.value.__context__ is None, "which would hold all of it"


@pytest.mark.parametrize("charset", ["punycode", "utf-16", "idna", "nonsense"])
def test_an_answer_is_utf_8_whatever_it_calls_itself(hostile: HostileHttp, charset: str) -> None:
    hostile.body = '{"name": "Zoë"}'.encode()
    hostile.content_type = f"application/json; charset={charset}"
    response = ask(hostile.url())
    assert (response.json(), response.text) == ({"name": "Zoë"}, '{"name": "Zoë"}')


def test_nothing_is_asked_without_an_end(hostile: HostileHttp) -> None:
    with BoundedSession() as session, pytest.raises(RuntimeError, match="within"):
        session.get(hostile.url())
    assert hostile.visits == []


class _AuthlibSession(Bounded, OAuth2Session):
    """As the client of a provider has it."""


def test_a_session_of_authlib_can_be_bounded(hostile: HostileHttp) -> None:
    hostile.body = b'{"access_token": "abc", "token_type": "Bearer"}'
    with _AuthlibSession("app", "secret") as session:
        token = within(lambda: session.fetch_token(hostile.url(), code="1"))
        assert token["access_token"] == "abc"
        assert within(lambda: session.get(hostile.url())).json() == dict(token)
        assert hostile.visits[1].headers["Authorization"] == "Bearer abc"
        with unavailable("too_slow"):
            within(lambda: session.fetch_token(hostile.url("slow-head"), code="1"), seconds=REACHED)
        assert hostile.hung_up.wait(20)
