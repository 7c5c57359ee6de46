"""Servers start, speak https, end in good order, and can be killed in bad."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.rig.fixtures.servers import StartServer
from tests.rig.servers import Server
from tests.rig.servers import example_app


def test_a_server_ends_in_good_order_and_comes_back_on_its_port(start_server: StartServer) -> None:
    server = start_server()
    address = server.url
    assert server.client().get("/plain").status_code == 200
    assert server.stop() == 0
    with pytest.raises(httpx.ConnectError):
        server.client().get("/plain")
    server.start()
    assert server.url == address
    assert server.client().get("/plain").status_code == 200


def test_a_killed_server_leaves_no_worker(start_server: StartServer) -> None:
    server = start_server(workers=2)
    server.kill()
    with pytest.raises(httpx.ConnectError):
        server.client().get("/plain")


@pytest.mark.parametrize("program", ["gunicorn", "flask"])
def test_a_server_speaks_https(start_server: StartServer, program: str) -> None:
    server = start_server(program=program, https=True)
    cookies = server.client().get("/account/sign-in").headers["set-cookie"]
    assert server.url.startswith("https://localhost:")
    assert "__Host-" in cookies
    assert "Secure" in cookies


def test_two_servers_share_a_deployment(start_server: StartServer) -> None:
    assert {start_server().client().get("/whoami").status_code for _ in range(2)} == {200}


def test_the_example_app_runs_beside_the_demo(start_server: StartServer, tmp_path: Path) -> None:
    server = start_server(example_app(tmp_path / "example"))
    page = server.client().get("/")
    assert page.status_code == 200
    assert (tmp_path / "example").is_dir()


def test_an_app_that_cannot_start_says_why(tmp_path: Path) -> None:
    server = Server("tests.rig.host:no_such_app()")
    with pytest.raises(RuntimeError, match="no_such_app"):
        server.start()
