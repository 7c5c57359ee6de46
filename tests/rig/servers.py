"""Real web servers in processes of their own: started, watched, stopped, killed."""

from __future__ import annotations

import itertools
import os
import signal
import ssl
import subprocess
import sys
import time
import typing as t
from collections.abc import Mapping
from pathlib import Path

import httpx

from .artifacts import ROOT
from .artifacts import folder
from .artifacts import worker
from .certificates import make_certificate
from .clients import http_client
from .ports import accepts
from .ports import free_port

#: Seconds; only what fails takes as long.
PATIENCE = 120
_count = itertools.count(1)


def host_app(instance: Path) -> str:
    """Return the small app of the rig, with an instance folder, as servers are told it."""
    return f"tests.rig.host:create_app({str(instance)!r})"


def example_app(instance: Path) -> str:
    """Return the example app, with another instance folder than the demo's."""
    return f"example_app:create_app(instance_path={str(instance)!r})"


class Server:
    """One app behind gunicorn, or behind ``flask run``, on a loopback port.

    :param app: what gunicorn serves, as ``module:call()``.
    :param settings: ``USERKIT_`` and Flask settings, handed over through the environment.
    :param host: the host name in the address of the app.
    """

    def __init__(
        self,
        app: str,
        *,
        settings: Mapping[str, str] | None = None,
        program: t.Literal["gunicorn", "flask"] = "gunicorn",
        workers: int = 1,
        threads: int = 4,
        https: bool = False,
        host: str = "localhost",
    ) -> None:
        self.app = app
        self.port = free_port()
        self.url = f"{'https' if https else 'http'}://{host}:{self.port}"
        self.log_path = folder("logs") / f"server-{worker()}-{next(_count)}.log"
        self.certificate: Path | None = None
        self._key: Path | None = None
        if https:
            self.certificate, self._key = make_certificate(folder("certificates"))
        self._command = self._gunicorn(workers, threads) if program == "gunicorn" else self._flask()
        given = {f"FLASK_{name}": value for name, value in (settings or {}).items()}
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("FLASK_")}
        self._environment = {**inherited, "FLASK_USERKIT_BASE_URL": self.url, **given}
        self._clients: list[httpx.Client] = []
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Return the id of the first process; its workers are in its group."""
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        """Return all that the server has written."""
        return self.log_path.read_text("utf-8", "replace")

    def start(self) -> t.Self:
        """Start, and wait until a request is taken."""
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"{self.app} did not start:\n{self.log[-4000:]}")
            time.sleep(0.05)
        return self

    def stop(self) -> int:
        """Ask the server to end, as a deployment does, and return its exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the server and all its workers at once, with no chance to tidy up."""
        self._end(signal.SIGKILL)
        deadline = time.monotonic() + PATIENCE
        while accepts(self.port) and time.monotonic() < deadline:
            time.sleep(0.01)

    def client(self, **options: t.Any) -> httpx.Client:
        """Return an HTTP client with no cookies yet; it is closed when the server ends."""
        if self.certificate is not None:
            options.setdefault("verify", ssl.create_default_context(cafile=str(self.certificate)))
        client = http_client(self.url, **options)
        self._clients.append(client)
        return client

    def __enter__(self) -> t.Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _answers(self) -> bool:
        # gunicorn listens before its workers have loaded the app: a connection is no answer.
        if not accepts(self.port):
            return False
        try:
            self.client().head("/account/assets/-")
        except httpx.TransportError:
            return False
        return True

    def _end(self, how: signal.Signals) -> int:
        # A server that ends in good order waits for the connections that are open.
        while self._clients:
            self._clients.pop().close()
        process, self._process = self._process, None
        if process is None:
            return 0
        if process.poll() is None:
            if how == signal.SIGKILL:
                os.killpg(process.pid, how)
            else:
                process.send_signal(how)
        try:
            return process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise RuntimeError(f"{self.app} did not end within {PATIENCE} s") from None

    def _gunicorn(self, workers: int, threads: int) -> list[str]:
        command = [sys.executable, "-m", "gunicorn", "--no-control-socket"]
        command += ["--workers", str(workers), "--worker-class", "gthread"]
        command += ["--threads", str(threads), "--graceful-timeout", "5"]
        command += ["--access-logfile", "-", "--bind", f"127.0.0.1:{self.port}"]
        if self.certificate and self._key:
            command += ["--certfile", str(self.certificate), "--keyfile", str(self._key)]
        return [*command, self.app]

    def _flask(self) -> list[str]:
        command = [sys.executable, "-m", "flask", "--app", self.app, "run", "--no-reload"]
        command += ["--port", str(self.port)]
        if self.certificate and self._key:
            command += ["--cert", str(self.certificate), "--key", str(self._key)]
        return command
