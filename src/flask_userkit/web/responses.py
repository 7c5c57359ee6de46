"""What the kit adds to responses: cookies, cache headers and, on its own pages, a policy."""

from __future__ import annotations

from flask import Response
from flask import request

from ..current import RequestState
from ..current import cookie_name
from ..current import current_kit
from ..current import state_of
from ..current import unproxied
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
    if found.depends_on_cookie or changed:
        _vary_by(response, "Cookie")
    if found.locale is not None and len(found.kit.locales) > 1:
        _vary_by(response, "Accept-Language")
    # A shared cache must never keep a page of one person for another, nor a form's token.
    if (found.personal or changed) and "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "private, no-store"
    if found.identity is not None and is_due(found.kit, found.identity):
        kit, identity = found.kit, found.identity
        response.call_on_close(lambda: touch(kit, identity))
    return response


def _vary_by(response: Response, header: str) -> None:
    if "Vary" in response.headers:
        response.vary.add(header)
    else:
        response.headers["Vary"] = header


def harden(response: Response) -> Response:
    """Add the policy of the kit's own pages."""
    for name, value in PAGE_HEADERS.items():
        response.headers.setdefault(name, value)
    if current_kit().config.secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if response.mimetype == "text/html":
        response.vary.add("HX-Request")
    response.headers.setdefault("Cache-Control", "private, no-store")
    return response


def close(error: BaseException | None) -> None:
    """Give back what a request read with."""
    found = state_of(unproxied(request))
    if found is not None and found.reader is not None:
        found.kit.database.close_reader(found.reader)
        found.reader = None


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
