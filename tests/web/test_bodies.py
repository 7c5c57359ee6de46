"""Bodies that no form sends: too long, of another kind, or not to be read at all."""

from __future__ import annotations

import gzip
import json

import pytest

from tests.http.rows import snapshot
from tests.http.site import FORMS
from tests.http.site import TOKEN
from tests.http.site import is_taken
from tests.http.site import open_site
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeApp

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=xyz"
MEGABYTE = 1024 * 1024


def part(name: str, value: str, more: str = "") -> bytes:
    head = f'--xyz\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
    return head.encode() + value.encode() + b"\r\n"


def file(name: str, content: bytes) -> bytes:
    head = f'--xyz\r\nContent-Disposition: form-data; name="{name}"; filename="a"\r\n\r\n'
    return head.encode() + content + b"\r\n"


def many_parts(number: int) -> bytes:
    return b"".join(part(f"f{n}", "x") for n in range(number)) + b"--xyz--\r\n"


REFUSED: dict[str, tuple[str, bytes]] = {
    "nothing": (FORM, b""),
    "no kind": ("", b"a=b"),
    "percent signs": (FORM, b"%%%=%&%zz=%u0041"),
    "equals signs": (FORM, b"=&=&&&==="),
    "10,000 fields": (FORM, b"&".join(b"f%d=x" % n for n in range(10_000))),
    "10,000 fields of one name": (FORM, b"&".join(b"identifier=x" for _ in range(10_000))),
    "a name of a megabyte": (FORM, b"x" * MEGABYTE + b"=1"),
    "bytes": ("application/octet-stream", bytes(range(256)) * 100),
    "bytes as a form": (FORM, bytes(range(256)) * 100),
    "UTF-16": (f"{FORM}; charset=utf-16", "identifier=é".encode("utf-16")),
    "UTF-7": (f"{FORM}; charset=utf-7", b"identifier=+ADw-script+AD4-"),
    "a charset that there is not": (f"{FORM}; charset=nonsense", b"identifier=x"),
    "XML": ("application/xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
    "a list as JSON": ("application/json", b"[1, 2]"),
    "a list of pairs as JSON": ("application/json", b'[["identifier", "x"]]'),
    "a text as JSON": ("application/json", b'"text"'),
    "a number as JSON": ("application/json", b"1e999"),
    "null as JSON": ("application/json", b"null"),
    "no JSON": ("application/json", b"{"),
    "JSON of nothing": ("application/json", b""),
    "JSON with half a surrogate pair": ("application/json", b'{"identifier": "\\ud800"}'),
    "JSON with values that are no text": (
        "application/json",
        json.dumps(
            {"identifier": {"a": 1}, "code": [1], "first_name": 5, "email_address": None}
        ).encode(),
    ),
    "JSON with depth": ("application/json", b"[" * 100_000),
    "JSON of a long number": ("application/json", b"1" * 10_000),
    "JSON in UTF-16": ("application/json", '{"identifier": "x"}'.encode("utf-16")),
    "a multipart without boundary": ("multipart/form-data", part("a", "b")),
    "a multipart that stops": (MULTIPART, part("a", "b")[:-9]),
    "a multipart with nothing": (MULTIPART, b"--xyz--\r\n"),
    "300 parts": (MULTIPART, many_parts(300)),
    "10,000 parts": (MULTIPART, many_parts(10_000)),
    "a part with a long header": (MULTIPART, part("a", "b", "; x=" + "y" * MEGABYTE)),
    "5 MB": (FORM, b"identifier=" + b"x" * 5 * MEGABYTE),
    "a part of 5 MB": (MULTIPART, part("identifier", "x" * 5 * MEGABYTE) + b"--xyz--\r\n"),
    "a file of 5 MB": (
        MULTIPART,
        part("identifier", "x" * 5 * MEGABYTE, '; filename="a"') + b"--xyz--\r\n",
    ),
}
#: What a form that takes a file takes to read, and finds no token in.
FOR_FILES = {"a file of 5 MB"}
TOO_LARGE = {"300 parts", "10,000 parts", "5 MB", "a part of 5 MB", "a file of 5 MB"}


@pytest.mark.parametrize("form", FORMS)
def test_a_body_that_is_no_form_is_refused_and_changes_nothing(
    make_app: MakeApp, database: Database, form: str
) -> None:
    ready = FORMS[form][1](open_site(make_app))
    before = snapshot(database)
    too_large = TOO_LARGE - FOR_FILES if ready.files else TOO_LARGE
    for name, (content_type, body) in REFUSED.items():
        page = ready.post(body, content_type)
        assert page.status in ((413,) if name in too_large else (400, 413, 422)), (
            name,
            page.status,
        )
        assert page.header("Content-Security-Policy"), name
        assert page.html.find("h1") or page.header("Content-Type") == "application/json", name
        assert snapshot(database) == before, name
    assert is_taken(ready.send())


def test_a_body_that_says_it_is_compressed_is_not_read_as_one(make_app: MakeApp) -> None:
    site = open_site(make_app)
    bomb = gzip.compress(b"identifier=" + b"x" * 50 * MEGABYTE)
    for form in FORMS:
        ready = FORMS[form][1](site)
        page = ready.post(bomb, FORM, **{"Content-Encoding": "gzip"})
        assert page.status == 422, form
        assert is_taken(ready.send()), form


def test_too_much_is_told_on_a_page_of_its_own(make_app: MakeApp) -> None:
    ready = FORMS["sign-in by password"][1](open_site(make_app))
    content_type, body = REFUSED["5 MB"]
    page = ready.post(body, content_type)
    assert page.status == 413
    assert "This is more than can be taken." in page.words
    assert page.html.select_one("main h1") is not None
    page = ready.post(body, content_type, Accept="application/json")
    assert page.status == 413
    assert page.json["errors"][0]["code"] == "request_invalid"


def test_a_multipart_form_is_taken_like_any_other(make_app: MakeApp) -> None:
    for form in FORMS:
        ready = FORMS[form][1](open_site(make_app))
        body = b"".join(part(name, value) for name, value in ready.data.items())
        body += b"".join(file(name, content) for name, content in ready.files.items())
        assert is_taken(ready.post(body + b"--xyz--\r\n", MULTIPART)), form


def test_a_file_is_not_a_field(make_app: MakeApp) -> None:
    ready = FORMS["sign-in by password"][1](open_site(make_app))
    fields = [
        part(name, value, '; filename="a.txt"' if name == "identifier" else "")
        for name, value in ready.data.items()
    ]
    page = ready.post(b"".join(fields) + b"--xyz--\r\n", MULTIPART)
    assert page.status == 422
    assert page.alerts


def test_of_a_doubled_field_the_first_counts_everywhere(make_app: MakeApp) -> None:
    site = open_site(make_app)
    ready = FORMS["sign-in by password"][1](site)
    ready.data = {name: ready.data[name] for name in (TOKEN, "identifier", "password")}
    first = "&".join(f"{name}={_quoted(value)}" for name, value in ready.data.items())
    other = "userkit_csrf=wrong&identifier=nobody%40example.com&password=wrong"
    assert ready.post(f"{other}&{first}".encode(), FORM).status == 422
    assert ready.post(f"{first}&{other}".encode(), FORM).status == 303
    assert ready.visitor.open("/members").url == "/members"


def test_a_field_in_the_address_is_not_one_of_the_form(make_app: MakeApp) -> None:
    site = open_site(make_app)
    ready = FORMS["sign-in by password"][1](site)
    query = "&".join(f"{name}={_quoted(value)}" for name, value in ready.data.items())
    ready.url = f"{ready.url}?{query}"
    assert ready.send({TOKEN: ready.data[TOKEN]}).status == 422


def _quoted(value: str) -> str:
    return "".join(f"%{byte:02X}" for byte in value.encode())
