"""The proxy is a cache worth being afraid of, and one that keeps to the rules."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask import Response
from flask import request

from tests.rig.caching_proxy import CachingProxy
from tests.rig.clients import http_client
from tests.rig.wsgi import serve


@pytest.fixture
def proxy() -> Iterator[CachingProxy]:
    app = Flask(__name__)

    @app.route("/page", methods=["GET", "POST"])
    def page() -> Response:
        response = Response(f"page of {request.cookies.get('name', 'nobody')}")
        for name, value in request.args.items():
            response.headers[name] = value
        return response

    with serve(app) as origin, CachingProxy(origin) as proxy:
        yield proxy


def read(proxy: CachingProxy, path: str, name: str | None = None, **headers: str) -> str:
    cookie = {"Cookie": f"name={name}"} if name else {}
    with http_client(proxy.url) as client:
        response = client.get(path, headers={**cookie, **headers})
    return f"{response.headers['X-Cache']}: {response.text}"


@pytest.mark.parametrize("said", ["", "Cache-Control=public", "Set-Cookie=a%3D1", "Vary=Accept"])
def test_what_does_not_vary_by_cookie_reaches_others(proxy: CachingProxy, said: str) -> None:
    assert read(proxy, f"/page?{said}", "ada") == "miss: page of ada"
    assert read(proxy, f"/page?{said}", "bob") == "hit: page of ada"
    assert read(proxy, f"/page?{said}") == "hit: page of ada"


@pytest.mark.parametrize(
    "said",
    [
        "Cache-Control=private",
        "Cache-Control=no-store",
        "Cache-Control=no-cache",
        "Cache-Control=max-age%3D0",
        "Cache-Control=max-age%3D60,s-maxage%3D0",
        "Expires=0",
        "Vary=*",
    ],
)
def test_what_may_not_be_kept_is_fetched_again(proxy: CachingProxy, said: str) -> None:
    assert read(proxy, f"/page?{said}", "ada") == "miss: page of ada"
    assert read(proxy, f"/page?{said}", "ada") == "miss: page of ada"
    assert len(proxy.cache) == 0


def test_what_varies_by_cookie_is_kept_for_each(proxy: CachingProxy) -> None:
    names = ["ada", "bob", None]
    first = [read(proxy, "/page?Vary=Cookie", name) for name in names]
    second = [read(proxy, "/page?Vary=Cookie", name) for name in names]
    assert first == ["miss: page of ada", "miss: page of bob", "miss: page of nobody"]
    assert second == ["hit: page of ada", "hit: page of bob", "hit: page of nobody"]


def test_a_request_that_wants_no_cache_gets_none(proxy: CachingProxy) -> None:
    read(proxy, "/page", "ada")
    again = read(proxy, "/page", "bob", **{"Cache-Control": "no-cache"})
    assert again == "miss: page of bob"


def test_a_post_clears_its_address(proxy: CachingProxy) -> None:
    read(proxy, "/page", "ada")
    with http_client(proxy.url) as client:
        client.post("/page", data={"a": "b"})
    assert read(proxy, "/page", "bob") == "miss: page of bob"


def test_an_answer_to_credentials_is_kept_only_where_it_says_so(proxy: CachingProxy) -> None:
    header = {"Authorization": "Bearer x"}
    read(proxy, "/page", "ada", **header)
    assert read(proxy, "/page", "bob", **header) == "miss: page of bob"
    read(proxy, "/page?Cache-Control=public", "ada", **header)
    assert read(proxy, "/page?Cache-Control=public", "bob", **header) == "hit: page of ada"
