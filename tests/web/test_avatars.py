"""Pictures over HTTP: hostile files, hostile names, and how a picture is served (B61 to B66)."""

from __future__ import annotations

import pytest

from tests.http.cookies import in_process
from tests.http.rows import column
from tests.http.rows import counts
from tests.http.rows import scalar
from tests.http.rows import snapshot
from tests.http.site import FORMS
from tests.http.site import Ready
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig import pictures
from tests.rig.clients import request
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeApp
from tests.rig.pages import Page
from tests.rig.pictures import BLUE
from tests.rig.pictures import picture

NO_PICTURE = "This is no picture that can be read. Choose a PNG, JPEG, WebP or GIF."
TOO_MANY_PIXELS = "This picture has too many pixels. Choose a smaller one."
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
BOUNDARY = "xyz"


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    return open_site(make_app)


@pytest.fixture
def ready(site: Site) -> Ready:
    return FORMS["picture"][1](site)


def address(database: Database) -> str:
    digest = scalar(database, "SELECT avatar_digest FROM userkit_user")
    return f"/account/avatars/{digest}.webp"


def upload(ready: Ready, content: bytes, name: bytes = b"a.png", kind: str = "image/png") -> Page:
    """Send a file under any name and any type, as no browser would let one."""
    token = "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in ready.data.items()
    )
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="'.encode()
    middle = f'"\r\nContent-Type: {kind}\r\n\r\n'.encode()
    body = token.encode() + head + name + middle + content + f"\r\n--{BOUNDARY}--\r\n".encode()
    return ready.post(body, f"multipart/form-data; boundary={BOUNDARY}")


@pytest.mark.usefixtures("backend")
def test_a_picture_is_served_to_everybody_and_for_ever(
    site: Site, ready: Ready, database: Database
) -> None:
    assert ready.send().status == 303
    page = request(site.visitor().client, "GET", address(database))
    assert page.status == 200
    assert page.body[:4] + page.body[8:12] == b"RIFFWEBP"
    assert page.header("Content-Type") == "image/webp"
    assert page.header("X-Content-Type-Options") == "nosniff"
    assert page.header("Content-Security-Policy") == "default-src 'none'; sandbox"
    assert page.header("Cache-Control") == "public, immutable, max-age=31536000"
    assert page.header("Vary") is None
    assert page.cookies == []


def test_a_picture_is_sent_once(site: Site, ready: Ready, database: Database) -> None:
    ready.send()
    client, url = site.visitor().client, address(database)
    tag = request(client, "GET", url).header("ETag") or ""
    again = request(client, "GET", url, headers={"If-None-Match": tag})
    assert (again.status, again.body) == (304, b"")
    assert again.header("Cache-Control") == "public, immutable, max-age=31536000"


def test_the_address_of_a_picture_asks_nobody_who_they_are(
    ready: Ready, database: Database
) -> None:
    ready.send()
    page = request(ready.visitor.client, "GET", address(database))
    assert (page.status, page.cookies, page.header("Vary")) == (200, [], None)


def test_an_old_picture_is_gone(site: Site, ready: Ready, database: Database) -> None:
    ready.send()
    old = address(database)
    ready.files = {"file": picture(BLUE)}
    ready.send()
    assert request(site.visitor().client, "GET", old).status == 404
    assert request(site.visitor().client, "GET", address(database)).status == 200


def test_a_removed_picture_is_gone(site: Site, database: Database) -> None:
    ready = FORMS["removal of a picture"][1](site)
    old = address(database)
    assert request(site.visitor().client, "GET", old).status == 200
    assert ready.send().status == 303
    assert request(site.visitor().client, "GET", old).status == 404
    assert column(database, "SELECT digest FROM userkit_avatar") == []
    assert ready.send().status == 303, "who removes it twice is told that it is removed"


@pytest.mark.parametrize(
    "name",
    ["..%2f..%2fetc%2fpasswd", "%2e%2e%5cx", "%00", "%ff", "C:%5Cx", "0" * 5000, "%2fetc%2fpasswd"],
)
def test_no_other_address_serves_anything(site: Site, name: str) -> None:
    client = in_process(site.visitor())
    for url in (f"/account/avatars/{name}.webp", f"/account/avatars/{name}"):
        assert client.get(url).status_code in (400, 404), url


HOSTILE_FILES: dict[str, tuple[bytes, str, str]] = {
    "a text": (b"not a picture", "image/png", NO_PICTURE),
    "an SVG": (SVG, "image/svg+xml", NO_PICTURE),
    "an SVG that says it is a PNG": (SVG, "image/png", NO_PICTURE),
    "a page": (b"<!doctype html><script>alert(1)</script>", "image/gif", NO_PICTURE),
    "a script that begins as a GIF": (b"GIF89a=1;alert(1)", "image/gif", NO_PICTURE),
    "a PDF": (b"%PDF-1.7\n", "application/pdf", NO_PICTURE),
    "half a picture": (pictures.photo(100)[:1000], "image/jpeg", NO_PICTURE),
    "a PNG bomb": (pictures.png_bomb(), "image/png", TOO_MANY_PIXELS),
    "a GIF bomb": (pictures.gif_bomb(), "image/gif", TOO_MANY_PIXELS),
    "a WebP bomb": (pictures.webp_bomb(), "image/webp", TOO_MANY_PIXELS),
    "ten megabytes and one byte": (
        picture() + b"\x00" * 10_000_000,
        "image/png",
        "A picture has up to 10 MB.",
    ),
    "an empty file": (b"", "image/png", "Choose a picture first."),
}


@pytest.mark.parametrize("name", HOSTILE_FILES)
def test_what_is_no_picture_is_told_at_the_field_and_changes_nothing(
    ready: Ready, database: Database, name: str
) -> None:
    content, kind, message = HOSTILE_FILES[name]
    ready.send()
    before = snapshot(database)
    page = upload(ready, content, kind=kind)
    assert page.status in (400, 413)
    assert page.alerts == [message]
    field = page.html.select_one("input[type=file]")
    assert field is not None
    assert field["aria-invalid"] == "true"
    described = str(field["aria-describedby"]).split()
    assert message in [
        tag.get_text(strip=True) for name in described for tag in page.html.select(f"#{name}")
    ]
    changed = {"userkit_limit_hit"}
    assert {table: rows for table, rows in snapshot(database).items() if table not in changed} == {
        table: rows for table, rows in before.items() if table not in changed
    }


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_an_animation_of_a_hundred_thousand_frames_is_its_first_one(
    ready: Ready, database: Database, kind: str
) -> None:
    assert upload(ready, pictures.animated(kind, 100_000)).status == 303
    assert request(ready.visitor.client, "GET", address(database)).status == 200


def test_a_picture_is_known_by_its_content_alone(ready: Ready, database: Database) -> None:
    for name, kind in ((b"a.html", "text/html"), (b"a.svg", "image/svg+xml"), (b"a", "x/y")):
        assert upload(ready, picture() + b"<script>evil()</script>", name, kind).status == 303
        page = request(ready.visitor.client, "GET", address(database))
        assert page.header("Content-Type") == "image/webp"
        assert b"evil()" not in page.body


NAMES = {
    "a path": b"../../../etc/passwd",
    "a path of another system": b"..\\..\\evil.exe",
    "a drive": b"C:\\windows\\evil.png",
    "a device": b"con",
    "NUL": b"a\x00.png",
    "5,000 letters": b"x" * 5_000,
    "a right-to-left override": "a\u202egpj.exe".encode(),
    "half a character": b"\xff\xfe",
    "a quote": b'a\\"b.png',
    "markup": b"<img src=x onerror=alert(1)>.png",
    "nothing but dots": b"..",
}


@pytest.mark.parametrize("name", NAMES)
def test_the_name_of_a_file_means_nothing(ready: Ready, database: Database, name: str) -> None:
    page = upload(ready, picture(), NAMES[name])
    if name == "half a character":
        # A form with such a name cannot be read at all, its token included.
        assert page.status == 422
        return
    assert page.status == 303
    assert len(address(database)) == len("/account/avatars/.webp") + 32
    rows = str(snapshot(database))
    assert "passwd" not in rows
    assert "evil" not in rows
    assert "onerror" not in ready.visitor.open("/account/").text


def test_a_thousand_uploads_leave_one_picture(ready: Ready, database: Database) -> None:
    for number in range(25):
        ready.files = {"file": picture((number, 0, 0))}
        assert ready.send().status == 303
    assert counts(database)["userkit_avatar"] == 1


def test_nobody_gives_another_a_picture(site: Site, ready: Ready, database: Database) -> None:
    grace = site.person()
    victim = scalar(
        database,
        "SELECT user_id FROM userkit_email_address WHERE email_address = :a",
        a=grace.email_address,
    )
    ready.data |= {"user_id": victim, "digest": "0" * 32, "avatar_digest": "0" * 32}
    assert ready.send().status == 303
    statement = "SELECT avatar_digest FROM userkit_user WHERE id = :id"
    assert scalar(database, statement, id=victim) is None
    assert column(database, "SELECT user_id FROM userkit_avatar") != [victim]


def test_a_stranger_gets_no_further_than_sign_in(site: Site, database: Database) -> None:
    site.person()
    client = site.visitor().client
    page = request(client, "POST", "/account/avatar", {}, {}, {"file": picture()})
    assert (page.status, page.location) == (303, "/account/sign-in")
    assert counts(database).get("userkit_avatar") is None


def test_without_its_token_a_file_is_not_taken(ready: Ready, database: Database) -> None:
    ready.data = {}
    assert ready.send().status == 422
    assert counts(database).get("userkit_avatar") is None


def test_so_many_pictures_are_taken_and_then_one_has_to_wait(make_app: MakeApp) -> None:
    site = open_site(make_app, USERKIT_RATE_LIMITS={"avatar:account": "2/hour"})
    ready = FORMS["picture"][1](site)
    assert [ready.send().status for _ in range(3)] == [303, 303, 429]
    refused = ready.send()
    assert int(refused.header("Retry-After") or "0") > 0
    assert refused.alerts == ["Too many attempts. Try again in 60 minutes."]
