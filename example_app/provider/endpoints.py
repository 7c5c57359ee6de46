"""What programs ask Meadow ID."""

from __future__ import annotations

from authlib.oauth2 import OAuth2Error
from flask import Response
from flask import abort
from flask import jsonify
from flask.typing import ResponseReturnValue

from ..extensions import csrf
from .blueprint import provider
from .drawing import draw
from .grants import CLIENT_METHODS
from .people import PEOPLE
from .server import ALGORITHM
from .server import protector
from .server import server
from .server import signing_keys
from .settings import SHELF_SCOPE
from .settings import issuer

ENDPOINTS = {
    "authorization_endpoint": "authorize",
    "token_endpoint": "token",
    "userinfo_endpoint": "userinfo",
    "jwks_uri": "jwks",
}


@provider.get("/.well-known/openid-configuration")
def discovery() -> ResponseReturnValue:
    return jsonify(
        issuer=issuer(),
        **{name: f"{issuer()}/{path}" for name, path in ENDPOINTS.items()},
        scopes_supported=server.scopes_supported,
        response_types_supported=["code"],
        response_modes_supported=["query"],
        grant_types_supported=["authorization_code", "refresh_token"],
        subject_types_supported=["public"],
        id_token_signing_alg_values_supported=[ALGORITHM],
        token_endpoint_auth_methods_supported=CLIENT_METHODS,
        code_challenge_methods_supported=["S256"],
        prompt_values_supported=["none", "login", "consent", "select_account"],
        authorization_response_iss_parameter_supported=True,
    )


@provider.get("/jwks")
def jwks() -> ResponseReturnValue:
    return jsonify(signing_keys().as_dict(private=False))


@provider.post("/token")
@csrf.exempt  # type: ignore[untyped-decorator] # Flask-WTF ships no types
def token() -> ResponseReturnValue:
    # It is an app that asks, with its secret and without a browser.
    response: Response = server.create_token_response()
    return response


@provider.route("/userinfo", methods=["GET", "POST"])
@csrf.exempt  # type: ignore[untyped-decorator] # Flask-WTF ships no types
def userinfo() -> ResponseReturnValue:
    response: Response = server.create_endpoint_response("userinfo")
    return response


@provider.get("/api/books")
def books() -> ResponseReturnValue:
    """Return somebody's shelf to an app that they let see it."""
    try:
        person = protector.acquire_token(SHELF_SCOPE).get_user()
    except OAuth2Error as error:
        refusal: Response = server.handle_error_response(None, error)
        return refusal
    response = jsonify(books=[{"title": title, "author": author} for title, author in person.books])
    response.headers["Cache-Control"] = "no-store"
    return response


@provider.get("/people/<person_id>.png")
def picture(person_id: str) -> ResponseReturnValue:
    person = PEOPLE.get(person_id)
    if person is None or person.picture is None:
        abort(404)
    response = Response(draw(person.picture), mimetype="image/png")
    response.cache_control.max_age = 3600
    return response
