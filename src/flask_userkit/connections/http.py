"""HTTP that ends in time and in size, whatever the other side does."""

from __future__ import annotations

import io
import json
import socket
import typing as t

import requests
from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse
from urllib3 import ProxyManager
from urllib3.connection import HTTPConnection
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.connectionpool import HTTPSConnectionPool

from .conversation import current
from .deadline import TOTAL as TOTAL
from .deadline import Slots as Slots
from .deadline import within as within
from .errors import ProviderUnavailable

MOST_BYTES: t.Final = 1024 * 1024
#: Small, since older decoders make up to a thousand bytes of one.
_PIECE = 16 * 1024


class Redirect(ProviderUnavailable):
    """It leads elsewhere, where nobody goes."""

    def __init__(self, location: str) -> None:
        super().__init__("redirect")
        self.location = location


class Answer(requests.Response):
    """An answer, all of which is read.

    Its text is UTF-8, as all text of OAuth and OpenID Connect: what else it calls itself could
    name a decoder that takes minutes.
    """

    def json(self, **options: t.Any) -> t.Any:
        """Return what it says.

        :raises ProviderUnavailable: ``no_json``.
        """
        try:
            return json.loads(self.content, **options)
        except (ValueError, RecursionError):
            # Besides what is no JSON: a number of five thousand digits, a thousand brackets.
            problem = ProviderUnavailable("no_json")
        raise problem


class _Plain(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return current().open(self._dns_host, self.port)

    def request(self, *args: t.Any, **options: t.Any) -> None:
        if self.sock is not None:
            # It may be open since an earlier conversation.
            current().watch(self.sock)
        super().request(*args, **options)


class _Secure(_Plain, HTTPSConnection):
    """The same, with TLS around it."""


class _PlainPool(HTTPConnectionPool):
    # Not even its own class fits the protocol that it is declared by.
    ConnectionCls = t.cast("t.Any", _Plain)


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = t.cast("t.Any", _Secure)


_POOLS: dict[str, type[HTTPConnectionPool]] = {"http": _PlainPool, "https": _SecurePool}


class _Adapter(HTTPAdapter):
    def __init__(self, most_bytes: int) -> None:
        super().__init__()
        self._most_bytes = most_bytes

    def init_poolmanager(self, *args: t.Any, **options: t.Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **options: t.Any) -> t.Any:
        manager = super().proxy_manager_for(proxy, **options)
        if isinstance(manager, ProxyManager):
            manager.pool_classes_by_scheme = _POOLS
        return manager

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: t.Any = None,
        verify: bool | str = True,
        cert: t.Any = None,
        proxies: t.Any = None,
    ) -> Answer:
        response = super().send(
            request,
            stream=True,
            timeout=current().left(),
            # Nobody says that any certificate will do.
            verify=verify or True,
            cert=cert,
            proxies=proxies,
        )
        raw = t.cast("BaseHTTPResponse", response.raw)
        try:
            if 300 <= raw.status < 400:
                raise Redirect(raw.headers.get("Location", ""))
            body = self._read(raw)
        except BaseException:
            raw.close()
            raise
        raw.release_conn()
        answer = Answer()
        vars(answer).update(vars(response))
        # No session finds a cookie in it, to send it for the next person.
        answer.raw = t.cast("t.Any", io.BytesIO(body))
        answer.encoding = "utf-8"
        return answer

    def _read(self, raw: BaseHTTPResponse) -> bytes:
        body = bytearray()
        # As it is decoded: a little of gzip makes a thousand times as much.
        for piece in raw.stream(_PIECE, decode_content=True):
            body += piece
            if len(body) > self._most_bytes:
                raise ProviderUnavailable("too_long")
            current().left()
        return bytes(body)


class Bounded(requests.Session):
    """What makes a session of requests, such as Authlib's, give up in time and in size.

    It speaks only ``within()``, follows nothing, sends no cookie and no ``.netrc``, and takes no
    certificate that nobody vouches for. Proxies and authorities of the environment count.
    """

    most_bytes = MOST_BYTES

    def __init__(self, *args: t.Any, **options: t.Any) -> None:
        super().__init__(*args, **options)
        self.headers.update({"Accept-Encoding": "identity", "User-Agent": "flask-userkit"})
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter(self.most_bytes))

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        if request.auth is None and self.auth is None:
            # Or a line of .netrc would take the place of the token in its headers.
            request.auth = _as_it_is
        return super().prepare_request(request)


class BoundedSession(Bounded):
    """A session of requests that gives up in time."""


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
