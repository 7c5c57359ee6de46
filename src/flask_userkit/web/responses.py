"""What the kit adds to responses: cookies, cache headers and, on its own pages, a policy."""

from __future__ import annotations

from flask import Response
from flask import request

from ..request_state import RequestState
from ..request_state import cookie_name
from ..request_state import current_kit
from ..request_state import state_of
from ..request_state import unproxied
from ..services.identity import is_due
from ..services.identity import touch

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PAGE_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(), geolocation=(), microphone=(), "
        "publickey-credentials-create=(self), publickey-credentials-get=(self)"
    ),
}
#: Longer than any session; the server decides when one ends.
COOKIE_AGE = 400 * 86400


def finish(response: Response) -> Response:
    """Add cookies and cache headers to any response of the app."""
    now = unproxied(request)
    if now.routing_exception is not None and _is_ours(now.path):
        # No view of the kit was reached, so its blueprint did not see this response.
        response = harden(response)
    found = state_of(now)
    if found is None:
        return response
    changed = bool(found.new_token or found.token_removed or found.nonce)
    if changed:
        _set_cookies(response, found)
    present = set(response.headers.keys(lower=True))
    depends_on: list[str] = []
    if found.depends_on_cookie or changed:
        depends_on.append("Cookie")
    if found.locale is not None and len(found.kit.locales) > 1:
        depends_on.append("Accept-Language")
    if depends_on and "vary" in present:
        response.vary.update(depends_on)
    elif depends_on:
        response.headers.add("Vary", ", ".join(depends_on))
    # A shared cache must never keep a page of one person for another, nor a form's token.
    if (found.personal or changed) and "cache-control" not in present:
        response.headers.add("Cache-Control", "private, no-store")
    if found.is_activity and found.identity is not None and is_due(found.kit, found.identity):
        kit, identity = found.kit, found.identity
        response.call_on_close(lambda: touch(kit, identity))
    return response


def harden(response: Response) -> Response:
    """Add the policy of the kit's own pages."""
    wanted = PAGE_HEADERS | {"Cache-Control": "private, no-store"}
    if current_kit().config.secure:
        wanted["Strict-Transport-Security"] = "max-age=31536000"
    present = set(response.headers.keys(lower=True))
    for name, value in wanted.items():
        if name.lower() not in present:
            response.headers.add(name, value)
    if response.mimetype == "text/html":
        response.vary.add("HX-Request")
    return response


def _is_ours(path: str) -> bool:
    prefix = current_kit().config.url_prefix
    return path == prefix or path.startswith(f"{prefix}/")


def _set_cookies(response: Response, found: RequestState) -> None:
    secure = found.kit.config.secure
    name = cookie_name(found.kit)
    nonce = cookie_name(found.kit, "-nonce")
    if found.token_removed:
        response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="Lax")
    elif found.new_token is not None:
        response.set_cookie(
            name,
            found.new_token,
            COOKIE_AGE,
            path="/",
            secure=secure,
            httponly=True,
            samesite="Lax",
        )
        if nonce in request.cookies:
            response.delete_cookie(nonce, path="/", secure=secure, httponly=True, samesite="Lax")
    if found.nonce_is_new and found.nonce is not None and found.new_token is None:
        response.set_cookie(
            nonce, found.nonce, path="/", secure=secure, httponly=True, samesite="Lax"
        )
