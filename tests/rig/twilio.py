"""A real HTTP server that speaks Twilio's interface, or does what gateways do on a bad day."""

from __future__ import annotations

import base64
import hmac
import json
import secrets
import socket
import threading
import time
import typing as t
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from urllib.parse import parse_qs
from urllib.parse import quote
from urllib.parse import urlsplit

from .ports import free_port
from .recorder import record
from .recorder import record_mail

Mode = t.Literal[
    "ok",
    "400",
    "401",
    "403",
    "404",
    "429",
    "500",
    "502",
    "503",
    "503 later",
    "504",
    "301",
    "307",
    "garbage 200",
    "garbage 201",
    "list 201",
    "no sid 201",
    "long",
    "for ever",
    "slow headers",
    "cut unread",
    "cut read",
    "cut answer",
]
#: Those in which the gateway read the message and may have taken it, whatever it says.
MAYBE: tuple[Mode, ...] = (
    "500",
    "502",
    "503",
    "504",
    "301",
    "307",
    "garbage 200",
    "garbage 201",
    "list 201",
    "no sid 201",
    "long",
    "for ever",
    "slow headers",
    "cut unread",
    "cut read",
    "cut answer",
)
#: Those that say that it did not, and that it may later.
NOT_NOW: tuple[Mode, ...] = ("401", "403", "429", "503 later")
FROM = "+15005550006"
RETRY_AFTER = 90


@dataclass(frozen=True)
class Request:
    """One request that came in, as it was."""

    path: str
    headers: dict[str, str]
    form: dict[str, str]

    @property
    def to(self) -> str:
        return self.form["To"]

    @property
    def text(self) -> str:
        return self.form["Body"]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    gateway: Gateway

    def handle_error(self, request: t.Any, client_address: t.Any) -> None:
        """Say nothing of those who hang up."""

    def get_request(self) -> tuple[socket.socket, t.Any]:
        found = super().get_request()
        self.gateway.connections += 1
        return found


class Gateway:
    """Twilio's interface on a loopback port; ``mode`` may change at any time.

    A gateway that is down is one that is stopped, or was not started.
    """

    def __init__(self, mode: Mode = "ok") -> None:
        self.mode: Mode = mode
        self.port = free_port()
        self.account = f"AC{secrets.token_hex(16)}"
        self.token = secrets.token_hex(16)
        record("token", self.token)
        #: What it was asked to send, taken or not.
        self.requests: list[Request] = []
        self.connections = 0
        self.attempted = threading.Event()
        #: A gateway that waits before it answers, until it is told to.
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.stopping = threading.Event()
        self._server: _Server | None = None
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """Return what USERKIT_SMS_URL is to be."""
        return f"twilio://{self.account}:{self.token}@127.0.0.1:{self.port}?from={quote(FROM)}"

    def start(self) -> t.Self:
        gateway = self
        self.stopping.clear()

        class Handler(_Handler):
            """That of this gateway alone."""

        Handler.gateway = gateway
        self._server = _Server(("127.0.0.1", self.port), Handler)
        self._server.gateway = gateway
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def stop(self) -> None:
        server, self._server = self._server, None
        self.stopping.set()
        self.may_answer.set()
        if server is not None:
            server.shutdown()
            server.server_close()

    def take(self, request: Request) -> None:
        record_mail(request.text)
        with self._lock:
            self.requests.append(request)
        self.attempted.set()

    def __enter__(self) -> t.Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    gateway: Gateway

    def handle(self) -> None:
        if self.gateway.mode == "cut unread":
            self.gateway.attempted.set()
            # With what it sent unread, the other side is told by a reset.
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        super().handle()

    def do_POST(self) -> None:
        gateway = self.gateway
        body = self.rfile.read(int(self.headers["Content-Length"])).decode("ascii")
        fields = parse_qs(body, strict_parsing=True)
        form = {name: values[-1] for name, values in fields.items()}
        # As a proxy it is given the whole address.
        self.path = urlsplit(self.path).path
        gateway.take(Request(self.path, dict(self.headers.items()), form))
        gateway.may_answer.wait(30)
        problem = self._problem(form)
        if problem is not None:
            self._json(*problem)
            return
        self._answer(gateway.mode, form)

    def _answer(self, mode: Mode, form: dict[str, str]) -> None:
        match mode:
            case "ok":
                self._json(201, self._message(form))
            case "400":
                self._json(400, _error(21211, f"Invalid 'To' Phone Number: {form['To']}", 400))
            case "401":
                self._json(401, _error(20003, "Authenticate", 401))
            case "403":
                self._json(403, _error(20005, "Account not active", 403))
            case "404":
                self._json(404, _error(20404, "The requested resource was not found", 404))
            case "429":
                self._json(429, _error(20429, "Too Many Requests", 429))
            case "503 later":
                self._send(503, b"", {"Retry-After": str(RETRY_AFTER)})
            case "500" | "502" | "503" | "504":
                self._send(int(mode), b"<h1>Bad day</h1>")
            case "301" | "307":
                self._send(int(mode), b"", {"Location": f"http://127.0.0.1:{self.gateway.port}/"})
            case "garbage 200" | "garbage 201":
                self._send(int(mode[-3:]), b"<html>Sign in to the network</html>")
            case "list 201":
                self._json(201, [self._message(form)])
            case "no sid 201":
                self._json(201, {"status": "fine"})
            case "long":
                message = {**self._message(form), "more": "x" * 100_000}
                self._json(201, message)
            case "for ever":
                self._for_ever()
            case "slow headers":
                self.gateway.stopping.wait(30)
            case "cut read":
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
            case "cut answer":
                self._begin(201, {"Content-Length": "1000"})
                self.wfile.write(b'{"sid": ')
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
            case "cut unread":
                raise AssertionError("it is cut before")

    def _problem(self, form: dict[str, str]) -> tuple[int, object] | None:
        """Return what the real one refuses in any mode, so that no test passes with it."""
        gateway = self.gateway
        if self.path != f"/2010-04-01/Accounts/{gateway.account}/Messages.json":
            return 404, _error(20404, "The requested resource was not found", 404)
        pair = base64.b64encode(f"{gateway.account}:{gateway.token}".encode())
        given = self.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), b"Basic " + pair):
            return 401, _error(20003, "Authenticate", 401)
        if "From" not in form and "MessagingServiceSid" not in form:
            return 400, _error(21603, "A 'From' phone number is required.", 400)
        if not form.get("Body"):
            return 400, _error(21602, "Message body is required.", 400)
        return None

    def _message(self, form: dict[str, str]) -> dict[str, t.Any]:
        return {
            "sid": f"SM{secrets.token_hex(16)}",
            "status": "queued",
            "to": form["To"],
            "from": form.get("From"),
            "messaging_service_sid": form.get("MessagingServiceSid"),
            "body": form["Body"],
            "error_code": None,
        }

    def _for_ever(self) -> None:
        """Send a little at a time, so that each read of the other side succeeds."""
        self._begin(201, {"Transfer-Encoding": "chunked"})
        while not self.gateway.stopping.is_set():
            self.wfile.write(b"1\r\n \r\n")
            time.sleep(0.01)

    def _json(self, status: int, value: object) -> None:
        self._send(status, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self._begin(status, {"Content-Length": str(len(body)), **(headers or {})})
        self.wfile.write(body)

    def _begin(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def do_GET(self) -> None:
        """Take what follows a redirect, to be counted."""
        self.gateway.take(Request(self.path, dict(self.headers.items()), {"Body": "", "To": ""}))
        self._send(200, b"")

    def log_message(self, format: str, *args: object) -> None:
        """Write nothing down: the address has the account."""


def _error(code: int, message: str, status: int) -> dict[str, t.Any]:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return {"code": code, "message": message, "more_info": more, "status": status}
