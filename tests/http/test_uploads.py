"""Uploads to a real server: what is too long is not read, and bombs leave the site answering."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from PIL import Image

from tests.http.conftest import Walk
from tests.http.site import NAME_CARD
from tests.http.test_long_bodies import MEGABYTE
from tests.http.test_long_bodies import answer
from tests.http.test_long_bodies import chunked
from tests.rig import pictures
from tests.rig.mailbox import Mailbox
from tests.rig.people import sign_up
from tests.rig.servers import Server
from tests.rig.visitor import Visitor

MULTIPART = "Content-Type: multipart/form-data; boundary=xyz\r\n"
#: What one picture takes at most: its pixels, its file twice, and a share for all else.
ONE_PICTURE = 150
#: The allocator of the C library keeps for a thread what the thread has once had.
THREADS = 4


@pytest.fixture
def ada(server: Server, walk: Walk, server_mailbox: Mailbox) -> Visitor:
    """The browser of somebody who has signed up."""
    visitor = walk(server)
    sign_up(visitor, server_mailbox)
    return visitor


def cookie(visitor: Visitor) -> str:
    assert isinstance(visitor.client, httpx.Client)
    pairs = (f"{cookie.name}={cookie.value}" for cookie in visitor.client.cookies.jar)
    return f"Cookie: {'; '.join(pairs)}\r\n"


def token(visitor: Visitor) -> dict[str, str]:
    form = visitor.open(NAME_CARD).form("/account/avatar")
    return {name: value for name, value in form.values.items() if name != "file"}


def body(fields: dict[str, str], content: bytes) -> bytes:
    parts = [
        f'--xyz\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    head = '--xyz\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    return "".join([*parts, head]).encode() + content + b"\r\n--xyz--\r\n"


def memory(server: Server, name: str) -> int:
    """Return what the workers of a server hold (VmRSS), or held at most (VmHWM), in MB."""
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text("ascii").split()
    found = [Path(f"/proc/{child}/status").read_text("utf-8") for child in children]
    return sum(int(re.findall(rf"{name}:\s+(\d+)", text)[0]) for text in found) // 1024


def send(visitor: Visitor, fields: dict[str, str], content: bytes) -> int:
    assert isinstance(visitor.client, httpx.Client)
    files = {"file": ("a.png", content)}
    return visitor.client.post(
        "/account/avatar", data=fields, files=files, follow_redirects=False
    ).status_code


def test_fifty_megabytes_are_refused_and_not_held(server: Server, ada: Visitor) -> None:
    fields = token(ada)
    assert send(ada, fields, pictures.picture()) == 303
    long = body(fields, b"x" * 50 * MEGABYTE)
    head = (
        f"POST /account/avatar HTTP/1.1\r\nHost: localhost:{server.port}\r\nConnection: close\r\n"
    )
    head += cookie(ada) + MULTIPART
    before = memory(server, "VmHWM")
    requests = {
        "with a length": (f"{head}Content-Length: {len(long)}\r\n\r\n", long),
        "with a length and without a body": (f"{head}Content-Length: {len(long)}\r\n\r\n", b""),
        "in chunks": (f"{head}Transfer-Encoding: chunked\r\n\r\n", chunked(long)),
    }
    for name, (lines, sent) in requests.items():
        status, _headers, page = answer(server, lines, sent)
        assert status == 413, name
        assert b"This is more than can be taken." in page, name
    assert memory(server, "VmHWM") - before < 10
    small = chunked(body(fields, pictures.picture()))
    status, _headers, _page = answer(server, f"{head}Transfer-Encoding: chunked\r\n\r\n", small)
    assert status == 303
    assert "Traceback" not in server.log


@contextmanager
def looking(server: Server) -> Iterator[list[int]]:
    """Open a page of the site again and again, by another browser."""
    seen: list[int] = []
    done = threading.Event()

    def look() -> None:
        with server.client() as client:
            while not (done.is_set() and seen):
                seen.append(client.get("/account/sign-in").status_code)

    with ThreadPoolExecutor(1) as pool:
        watching = pool.submit(look)
        try:
            yield seen
        finally:
            done.set()
            watching.result(30)


@pytest.mark.parametrize("bomb", ["refused", "read"])
def test_ten_bombs_at_once_leave_the_site_answering(
    server: Server, ada: Visitor, bomb: str
) -> None:
    fields = token(ada)
    send(ada, fields, pictures.picture())
    large = Image.new("RGBA", (5_000, 5_000), (1, 2, 3, 100))
    content = pictures.png_bomb() if bomb == "refused" else pictures.encoded(large)
    before = memory(server, "VmHWM")
    with looking(server) as seen, ThreadPoolExecutor(10) as pool:
        statuses = list(pool.map(lambda _: send(ada, fields, content), range(10)))
    assert set(statuses) <= ({413} if bomb == "refused" else {303, 503})
    assert set(seen) == {200}
    grown = memory(server, "VmHWM") - before
    assert grown < (10 if bomb == "refused" else THREADS * ONE_PICTURE)
    assert "Traceback" not in server.log
