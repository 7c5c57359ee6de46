"""Whoever writes the address of a picture has nothing asked but the open web."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

import pytest

from flask_userkit.connections import pictures
from tests.connections.asking import Refuse
from tests.rig.hostile_http import HostileHttp

PUBLIC = "93.184.215.14"
#: What stands for this machine, for its network, or for a machine that knows its secrets.
INSIDE = [
    "localhost",
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0177.0.0.1",
    "0x7f.1",
    "0x7f000001",
    "017700000001",
    "0.0.0.0",  # noqa: S104 (nothing is bound to it)
    "0",
    "10.0.0.8",
    "100.64.0.1",
    "172.16.0.1",
    "192.168.0.1",
    "169.254.169.254",
    "0xa9fea9fe",
    "168.63.129.16",
    "192.0.0.192",
    "192.88.99.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "[::]",
    "[::1]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:a9fe:a9fe]",
    f"[::ffff:{PUBLIC}]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[fec0::1]",
    "[ff02::1]",
]
OTHER_SCHEMES = [
    "file:///etc/passwd",
    "data:image/png;base64,iVBORw0KGgo=",
    "data:image/svg+xml,<svg/>",
    "gopher://127.0.0.1:11211/_stats",
    "ftp://127.0.0.1/a.png",
    "javascript:alert(1)",
    "http://pictures.example/a.png",
    f"http://{PUBLIC}/a.png",
    "http://169.254.169.254/latest/meta-data/",
]


def unasked(host: str, port: int) -> Sequence[str]:
    raise AssertionError(f"{host}:{port} is not looked up")


@pytest.mark.parametrize("host", INSIDE)
def test_what_is_inside_is_not_fetched(refused: Refuse, host: str) -> None:
    assert refused(f"https://{host}/a.png") == "inside"
    assert refused(f"https://{host}:443/a.png") == "inside"


@pytest.mark.parametrize("host", [each for each in INSIDE if each[:1] in "1[" and "." in each])
def test_nor_is_it_by_a_name(refused: Refuse, host: str) -> None:
    address = "127.0.0.1" if host == "127.1" else host.strip("[]")
    url = "https://pictures.example/a.png"
    for addresses in ([address], [PUBLIC, address], [address, PUBLIC]):
        assert refused(url, resolve=lambda *_, found=addresses: found) == "inside"


@pytest.mark.parametrize(
    "address", [PUBLIC, "8.8.8.8", "2606:4700:4700::1111", "2a00:1450:4001:80b::200e"]
)
def test_what_is_outside_may_be_asked(address: str) -> None:
    # That alone is asked of it, since a test calls nobody out there.
    assert pictures._is_open(address, allow_loopback=False)


@pytest.mark.parametrize("url", OTHER_SCHEMES)
def test_only_https_is_spoken_with_others(refused: Refuse, url: str) -> None:
    for allowed in (False, True):
        assert refused(url, allow_loopback=allowed, resolve=unasked) == "scheme"


def test_nor_with_this_machine_where_that_is_not_allowed(
    gallery: HostileHttp, secure_gallery: HostileHttp, refused: Refuse
) -> None:
    assert refused(gallery.url()) == "scheme"
    assert refused(secure_gallery.url()) == "port"
    assert gallery.visits == secure_gallery.visits == []


@pytest.mark.parametrize("port", [80, 22, 8443, 6379, 65535])
def test_no_other_port_is_knocked_at(refused: Refuse, port: int) -> None:
    assert refused(f"https://pictures.example:{port}/", resolve=unasked) == "port"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "scheme"),
        ("//pictures.example/a.png", "scheme"),
        ("https:///a.png", "host"),
        ("https:a.png", "host"),
        ("https://ada@pictures.example/", "host"),
        ("https://ada:lovelace@pictures.example/", "host"),
        ("https://@pictures.example/", "host"),
        ("https://pictures.example@169.254.169.254/", "host"),
        ("https://pictures.example\\@169.254.169.254/", "url"),
        ("https://pictures.example/" + "a" * 10_000, "url"),
        ("https://" + "a" * 10_000 + "/", "url"),
        ("https://b\u00fccher.example/", "url"),
        ("https://\u2460\u2461\u2466.\u24ea.\u24ea.\u2460/", "url"),
        ("https://pictures.example/\u00e4.png", "url"),
        ("https://pictures.example/\r\nHost: inner.example", "url"),
        ("https://pictures.example/\x00", "url"),
        (" https://pictures.example/", "url"),
        ("https://pictures.example /", "url"),
    ],
)
def test_what_programs_read_differently_is_not_asked(
    refused: Refuse, url: str, reason: str
) -> None:
    assert refused(url, resolve=unasked) == reason


@pytest.mark.parametrize(
    "url", ["https://[::1", "https://a..b/", "https://pictures.example:99999/", "https://[v1.x]/"]
)
def test_what_is_no_address_is_no_picture(refused: Refuse, url: str) -> None:
    assert refused(url)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        *((url, "scheme") for url in OTHER_SCHEMES),
        ("https://169.254.169.254/latest/meta-data/", "inside"),
        ("//10.0.0.8/a.png", "scheme"),
        ("https://[fd00:ec2::254]/", "inside"),
        ("https://inner.example/", "inside"),
        ("https://ada:lovelace@localhost/", "host"),
    ],
)
def test_a_redirect_to_what_may_not_be_asked_is_not_followed(
    gallery: HostileHttp, refused: Refuse, url: str, reason: str
) -> None:
    known = {"127.0.0.1": "127.0.0.1", "inner.example": "192.168.0.1"}
    start = gallery.url(f"to?{quote(url, safe='')}")

    def resolve(host: str, _port: int) -> Sequence[str]:
        return [known.get(host, host)]

    assert refused(start, allow_loopback=True, resolve=resolve) == reason
    assert len(gallery.visits) == 1


def test_a_redirect_to_a_long_address_is_not_followed(
    gallery: HostileHttp, refused: Refuse
) -> None:
    assert refused(gallery.url("far"), allow_loopback=True) == "url"
    assert len(gallery.visits) == 1
