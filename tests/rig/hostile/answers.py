"""How an HTTP server answers, well or as on a bad day."""

from __future__ import annotations

import json
import threading
import typing as t
from http.server import BaseHTTPRequestHandler

from .modes import OfAnswer

#: What no reader should take to its end.
HUGE = 50 * 1024 * 1024
DRIP = 0.1
RETRY_AFTER = 30


class Answers(BaseHTTPRequestHandler):
    """Sends JSON, redirects and pages, or what a mode says instead."""

    protocol_version = "HTTP/1.1"
    # Head and body go out one by one, and the second would wait for word of the first.
    disable_nagle_algorithm = True
    stopping: threading.Event
    #: The bytes of the body that the other side took, in the modes that never end well.
    took: t.Callable[[int], None]

    def send_json(self, status: int, value: object) -> None:
        self.send_whole(status, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def send_whole(self, status: int, body: bytes, headers: t.Mapping[str, str]) -> None:
        self.send_head(status, {"Content-Length": str(len(body)), **headers})
        self.wfile.write(body)

    def send_badly(self, mode: OfAnswer, value: object) -> None:
        """Send an answer, right in itself, as the mode says."""
        body = json.dumps(value).encode()
        as_json = {"Content-Type": "application/json"}
        match mode:
            case "html":
                page = b"<!doctype html><title>Hi</title><p>Sign in to the network"
                self.send_whole(200, page, {"Content-Type": "text/html"})
            case "list":
                self.send_json(200, [value])
            case "500":
                self.send_whole(500, b"<h1>Bad day</h1>", {"Content-Type": "text/html"})
            case "429":
                self.send_whole(429, b"", {"Retry-After": str(RETRY_AFTER)})
            case "empty":
                self.send_whole(200, b"", as_json)
            case "truncated":
                self.send_head(200, {"Content-Length": str(len(body)), **as_json})
                self.wfile.write(body[: len(body) // 2])
                self.close_connection = True
            case "hang":
                self.stopping.wait()
                self.close_connection = True
            case "drip":
                self.send_head(200, {"Content-Length": str(len(body)), **as_json})
                self._send_pieces((body[n : n + 1] for n in range(len(body))), DRIP)
            case "huge":
                self.send_head(200, {"Content-Length": str(HUGE), **as_json})
                piece = b" " * (64 * 1024)
                self._send_pieces(piece for _ in range(HUGE // len(piece)))
            case "redirect_loop":
                self.send_whole(302, b"", {"Location": self.path})

    def send_head(self, status: int, headers: t.Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Write nothing down: addresses have codes."""

    def _send_pieces(self, pieces: t.Iterable[bytes], pause: float = 0) -> None:
        for piece in pieces:
            if self.stopping.wait(pause) if pause else self.stopping.is_set():
                break
            try:
                self.wfile.write(piece)
            except OSError:
                # Whoever asked has hung up.
                break
            self.took(len(piece))
        self.close_connection = True
