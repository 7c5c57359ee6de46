"""A picture is fetched in time and in size, from where its name leads, or not at all."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from urllib.parse import quote

import pytest

from flask_userkit.connections import deadline
from flask_userkit.connections import pictures
from flask_userkit.connections.pictures import AT_ONCE
from flask_userkit.connections.pictures import MOST_BYTES
from flask_userkit.connections.pictures import MOST_REDIRECTS
from flask_userkit.connections.pictures import fetch_picture
from flask_userkit.security.image_files import NotAnImage
from flask_userkit.security.images import square
from tests.connections.asking import LONG
from tests.connections.asking import SHORT
from tests.connections.asking import Refuse
from tests.rig.hostile_http import ENDLESS
from tests.rig.hostile_http import SLOW
from tests.rig.hostile_http import HostileHttp


def test_a_picture_of_this_machine_is_fetched_where_that_is_allowed(gallery: HostileHttp) -> None:
    assert fetch_picture(gallery.url(), seconds=LONG, allow_loopback=True) == gallery.body
    assert fetch_picture(gallery.url(host="localhost"), seconds=LONG, allow_loopback=True)
    gallery.content_type = "IMAGE/PNG; charset=binary"
    assert fetch_picture(gallery.url("gzip"), seconds=LONG, allow_loopback=True) == gallery.body


def test_it_is_looked_up_once_and_fetched_from_what_was_judged(secure_gallery: HostileHttp) -> None:
    answers = iter([["127.0.0.1"], ["10.0.0.8"]])
    asked: list[tuple[str, int]] = []

    def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append((host, port))
        return next(answers)

    url = secure_gallery.url(host="localhost")
    got = fetch_picture(url, seconds=LONG, allow_loopback=True, resolve=rebinding)
    assert got == secure_gallery.body
    assert asked == [("localhost", secure_gallery.port)]
    assert secure_gallery.names == ["localhost"]
    assert {visit.headers["Host"] for visit in secure_gallery.visits} == {
        f"localhost:{secure_gallery.port}"
    }


def test_a_name_is_judged_anew_for_each_connection(
    secure_gallery: HostileHttp, refused: Refuse
) -> None:
    answers = iter([["127.0.0.1"], ["10.0.0.8"]])
    url = secure_gallery.url("to?/ok", host="localhost")
    assert refused(url, allow_loopback=True, resolve=lambda *_: next(answers)) == "inside"
    assert [visit.path for visit in secure_gallery.visits] == ["/to?/ok"]


def test_its_certificate_is_checked_by_its_name(
    secure_gallery: HostileHttp, refused: Refuse
) -> None:
    url = secure_gallery.url(host="pictures.example")
    assert refused(url, allow_loopback=True, resolve=lambda *_: ["127.0.0.1"]) == "tls"
    assert secure_gallery.visits == []
    assert secure_gallery.names == ["pictures.example"]


def test_a_redirect_is_followed_where_it_may_be_asked_itself(
    gallery: HostileHttp, refused: Refuse
) -> None:
    def to(url: str, times: int) -> str:
        for _ in range(times):
            url = gallery.url(f"to?{quote(url, safe='')}")
        return url

    fine = to("/ok", 1)
    assert fetch_picture(fine, seconds=LONG, allow_loopback=True) == gallery.body
    fine = to(gallery.url(), MOST_REDIRECTS)
    assert fetch_picture(fine, seconds=LONG, allow_loopback=True) == gallery.body
    assert refused(to(gallery.url(), MOST_REDIRECTS + 1), allow_loopback=True) == "redirects"


def test_a_redirect_for_ever_is_not(gallery: HostileHttp, refused: Refuse) -> None:
    assert refused(gallery.url("loop"), allow_loopback=True) == "redirects"
    assert len(gallery.visits) == MOST_REDIRECTS + 1
    assert refused(gallery.url("to?"), allow_loopback=True) == "redirects"


@pytest.mark.parametrize("mode", ENDLESS)
def test_a_stream_for_ever_is_cut(gallery: HostileHttp, refused: Refuse, mode: str) -> None:
    assert refused(gallery.url(mode), allow_loopback=True) == "too_long"


def test_a_picture_may_be_five_megabytes(gallery: HostileHttp, refused: Refuse) -> None:
    gallery.body = b"x" * MOST_BYTES
    assert fetch_picture(gallery.url(), seconds=LONG, allow_loopback=True) == gallery.body
    gallery.body += b"x"
    assert refused(gallery.url(), allow_loopback=True) == "too_long"


@pytest.mark.parametrize("mode", SLOW)
def test_who_is_slow_is_not_waited_for(gallery: HostileHttp, refused: Refuse, mode: str) -> None:
    assert refused(gallery.url(mode), seconds=SHORT, allow_loopback=True) == "too_slow"


def test_those_that_hang_are_a_few_at_once(
    gallery: HostileHttp, refused: Refuse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadline, "PATIENCE", 0.01)
    for _ in range(AT_ONCE):
        pictures._slots.take()
    try:
        assert refused(gallery.url(), allow_loopback=True) == "busy"
    finally:
        for _ in range(AT_ONCE):
            pictures._slots.give_back()
    assert gallery.visits == []


@pytest.mark.parametrize(
    "kind",
    [
        "text/html",
        "application/octet-stream",
        "image/svg+xml",
        "IMAGE/SVG+XML; charset=utf-8",
        "text/html; image/png",
        "",
    ],
)
def test_what_does_not_call_itself_a_picture_is_none(
    gallery: HostileHttp, refused: Refuse, kind: str
) -> None:
    gallery.content_type = kind
    assert refused(gallery.url(), allow_loopback=True) == "no_picture"


def test_what_lies_is_found_by_who_decodes_it(gallery: HostileHttp) -> None:
    gallery.body = b"<html>Sign in to the network</html>"
    got = fetch_picture(gallery.url(), seconds=LONG, allow_loopback=True)
    assert got == gallery.body
    with pytest.raises(NotAnImage):
        square(got)


@pytest.mark.parametrize("status", [204, 401, 404, 500])
def test_an_error_is_no_picture(gallery: HostileHttp, refused: Refuse, status: int) -> None:
    gallery.status = status
    assert refused(gallery.url(), allow_loopback=True) == f"status_{status}"


def test_no_proxy_is_asked(
    gallery: HostileHttp, refused: Refuse, monkeypatch: pytest.MonkeyPatch
) -> None:
    with HostileHttp() as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url(""))
        assert fetch_picture(gallery.url(), seconds=LONG, allow_loopback=True) == gallery.body
        assert refused("https://pictures.example/", resolve=lambda *_: ["10.0.0.8"]) == "inside"
        assert proxy.visits == []


def test_nothing_of_its_address_is_written_down(
    gallery: HostileHttp, refused: Refuse, caplog: pytest.LogCaptureFixture
) -> None:
    key = secrets.token_hex(16)
    for path in ("loop", "babble", "cut"):
        assert refused(gallery.url(f"{path}?key={key}"), allow_loopback=True)
        assert key not in caplog.text
    assert refused(f"https://pictures.example/?key={key}", resolve=lambda *_: ["10.0.0.8"])
    assert key not in caplog.text


def test_whatever_goes_wrong_there_is_no_picture_and_nothing_more(refused: Refuse) -> None:
    def resolve(_host: str, _port: int) -> Sequence[str]:
        raise ZeroDivisionError

    assert refused("https://pictures.example/", resolve=resolve) == "ZeroDivisionError"
    assert refused("https://pictures.example/", resolve=lambda *_: ["no address"]) == "ValueError"
    assert refused("https://pictures.example/", resolve=lambda *_: []) == "no_answer"
