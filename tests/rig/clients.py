"""The two ways in, in the process and over HTTP, spoken to alike, with the secrets written down."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from io import BytesIO

import httpx
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from .pages import Page
from .recorder import record_cookies
from .recorder import record_form

Client = FlaskClient | httpx.Client


class RecordingClient(FlaskClient):
    """Flask's test client, with the cookies and passwords written down."""

    def open(self, *args: t.Any, **kwargs: t.Any) -> TestResponse:
        data = kwargs.get("data")
        if isinstance(data, Mapping):
            record_form(data)
        response = super().open(*args, **kwargs)
        record_cookies(response.headers.getlist("Set-Cookie"))
        return response


def http_client(base_url: str, **options: t.Any) -> httpx.Client:
    """Return a client for a running server, with the cookies written down."""

    def keep(response: httpx.Response) -> None:
        record_cookies(response.headers.get_list("set-cookie"))

    options.setdefault("timeout", 30)
    return httpx.Client(
        base_url=base_url, event_hooks={"response": [keep]}, trust_env=False, **options
    )


def request(
    client: Client,
    method: str,
    url: str,
    data: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    files: Mapping[str, bytes] | None = None,
) -> Page:
    """Send one request and follow nothing."""
    if data is not None:
        record_form(data)
    if isinstance(client, FlaskClient):
        sent_files = {name: (BytesIO(content), "a file") for name, content in (files or {}).items()}
        fields = {**(data or {}), **sent_files} or None
        answer = client.open(url, method=method, data=fields, headers=dict(headers or {}))
        found = tuple(answer.headers.items())
        return Page(
            answer.request.full_path.removesuffix("?"), answer.status_code, found, answer.data
        )
    sent = client.request(
        method, url, data=data, headers=headers, files=files or None, follow_redirects=False
    )
    found = tuple(sent.headers.multi_items())
    return Page(sent.url.raw_path.decode(), sent.status_code, found, sent.content)
