"""What every page of the app tells the browser to refuse."""

from __future__ import annotations

from flask import Response

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def add_headers(response: Response) -> Response:
    """Add the headers that a response does not have; the kit's pages bring their own."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
