"""A request, handed straight to an app: no socket and no test client has a part in its time."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from urllib.parse import urlencode

from flask import Flask
from werkzeug.test import EnvironBuilder

#: What a browser sends along.
HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Encoding": "gzip, deflate, br",
    "Accept-Language": "en-GB,en;q=0.9,de;q=0.8",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def header(self, name: str) -> list[str]:
        """Return every value of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


class Call:
    """A request that can be sent again and again.

    :param status: what the app has to answer; a benchmark of a failure measures nothing.
    """

    def __init__(
        self,
        app: Flask,
        path: str,
        *,
        cookies: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        status: int = 200,
    ) -> None:
        self._app = app
        self._status = status
        self._body = urlencode(form or {}).encode()
        headers = dict(HEADERS)
        if cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        method = "GET" if form is None else "POST"
        self._environ = EnvironBuilder(
            path, method=method, headers=list(headers.items())
        ).get_environ()
        if form is not None:
            self._environ["CONTENT_TYPE"] = "application/x-www-form-urlencoded"
            self._environ["CONTENT_LENGTH"] = str(len(self._body))

    def __call__(self) -> Answer:
        begun: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(
            status: str, headers: list[tuple[str, str]], error: object = None
        ) -> t.Callable[[bytes], object]:
            begun.append((status, headers))
            return lambda data: None

        environ = {**self._environ, "wsgi.input": BytesIO(self._body)}
        chunks = self._app.wsgi_app(environ, start_response)
        try:
            body = b"".join(chunks)
        finally:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()
        status, headers = begun[0]
        answer = Answer(int(status[:3]), headers, body)
        if answer.status != self._status:
            raise RuntimeError(f"{self._environ['PATH_INFO']} answers {status}")
        return answer
