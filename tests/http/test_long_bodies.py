"""Bodies that a real server passes on: too long with a length, and too long without one."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from http.client import HTTPResponse

from tests.http.conftest import Walk
from tests.rig.servers import Server

MEGABYTE = 1024 * 1024
HEAD = "POST /account/sign-in HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
FORM = "Content-Type: application/x-www-form-urlencoded\r\n"


def answer(server: Server, head: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send a request whatever becomes of it, and return status, headers and body."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        # A server that has seen enough hangs up; what it said before is what counts.
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(head.encode() + body)
        response = HTTPResponse(connection, method="POST")
        response.begin()
        return response.status, dict(response.getheaders()), response.read()


def chunked(body: bytes, size: int = 65536) -> bytes:
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def test_a_body_that_is_too_long_is_refused_with_a_page_at_once(server: Server, walk: Walk) -> None:
    body = b"identifier=" + b"x" * 5 * MEGABYTE
    requests = {
        "with a length": (f"{HEAD}{FORM}Content-Length: {len(body)}\r\n\r\n", body),
        "with a length and without a body": (f"{HEAD}{FORM}Content-Length: 99999999\r\n\r\n", b""),
        "in chunks": (f"{HEAD}{FORM}Transfer-Encoding: chunked\r\n\r\n", chunked(body)),
    }
    for name, (head, sent) in requests.items():
        begun = time.monotonic()
        status, headers, page = answer(server, head, sent)
        assert status == 413, name
        assert b"This is more than can be taken." in page, name
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], name
        assert time.monotonic() - begun < 15, name
    small = chunked(b"identifier=x")
    status, _headers, page = answer(
        server, f"{HEAD}{FORM}Transfer-Encoding: chunked\r\n\r\n", small
    )
    assert status == 422
    assert walk(server).open("/account/sign-in").status == 200
    assert "Traceback" not in server.log
