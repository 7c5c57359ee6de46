"""Pictures: whatever is sent, one small square without a past comes of it, or a refusal."""

from __future__ import annotations

import struct
import threading
import typing as t
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO

import pytest
from PIL import Image
from PIL import ImageOps

from flask_userkit.security import images
from flask_userkit.security.image_files import MAX_SCANS
from flask_userkit.security.image_files import NotAnImage
from flask_userkit.security.images import MAX_BYTES
from flask_userkit.security.images import PARALLEL_IMAGES
from flask_userkit.security.images import SIZE
from flask_userkit.security.images import TooManyBytes
from flask_userkit.security.images import TooManyPixels
from flask_userkit.security.images import square
from flask_userkit.security.slots import Busy
from flask_userkit.security.slots import Slots
from tests.rig import pictures
from tests.rig.pictures import BLUE
from tests.rig.pictures import RED
from tests.rig.pictures import encoded
from tests.rig.pictures import halves

KINDS = ("PNG", "JPEG", "WEBP", "GIF")
SECRET = b"51.5074 N, somewhere"


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data), formats=["WEBP"])
    image.load()
    return image


def is_near(found: t.Any, wanted: tuple[int, int, int]) -> bool:
    return all(abs(one - other) < 12 for one, other in zip(found, wanted, strict=True))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "size", [(1200, 900), (900, 1200), (3000, 600), (40, 30), (1, 1), (1, 700)]
)
def test_the_middle_of_a_picture_becomes_a_square(kind: str, size: tuple[int, int]) -> None:
    made = opened(square(encoded(halves(*size), kind)))
    side = min(SIZE, *size)
    assert made.size == (side, side)
    assert made.format == "WEBP"
    if side > 20:
        assert is_near(made.getpixel((side // 2, 2)), RED)
        assert is_near(made.getpixel((side // 2, side - 3)), BLUE)


def test_what_lies_outside_of_the_middle_is_cut_off() -> None:
    image = Image.new("RGB", (300, 100), "white")
    image.paste(RED, (100, 0, 200, 100))
    made = opened(square(encoded(image)))
    assert all(is_near(made.getpixel((x, 50)), RED) for x in (2, 50, 97))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_stands_as_its_camera_was_held(kind: str, orientation: int) -> None:
    stored = halves(80, 80)
    stored.paste("white", (0, 0, 30, 20))
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(stored, kind, exif=exif)
    with Image.open(BytesIO(data)) as image:
        upright = ImageOps.exif_transpose(image).convert("RGB")
    made = opened(square(data))
    for place in ((5, 5), (70, 10), (10, 70), (70, 70)):
        assert is_near(made.getpixel(place), t.cast(t.Any, upright.getpixel(place)))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_of_the_past_is_left(kind: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    exif.get_ifd(0x8825)[1] = "N"
    more: dict[str, t.Any] = {"exif": exif, "icc_profile": SECRET * 20, "xmp": SECRET}
    data = encoded(halves(), kind, **more) + SECRET
    assert SECRET in data
    made = square(data)
    assert SECRET not in made
    assert set(opened(made).info) <= {"loop", "background", "timestamp", "duration"}


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_way_of_writing_colours_is_read(mode: str) -> None:
    grey = {"I;16": 128 * 257, "LA": (128, 255), "RGB": (128,) * 3, "RGBA": (128, 128, 128, 255)}
    image = Image.new(mode, (60, 60), t.cast(t.Any, grey.get(mode, 128)))
    if mode == "P":
        image.putpalette([128] * 768)
    wanted = (255,) * 3 if mode == "1" else (128,) * 3
    assert is_near(opened(square(encoded(image))).getpixel((30, 30)), t.cast(t.Any, wanted))


def test_the_colours_of_print_are_read() -> None:
    image = halves().convert("CMYK")
    assert is_near(opened(square(encoded(image, "JPEG"))).getpixel((30, 5)), RED)


def test_what_one_can_see_through_is_white() -> None:
    seen = Image.new("RGBA", (60, 60), (0, 0, 0, 0))
    for kind in ("PNG", "WEBP", "GIF"):
        assert is_near(opened(square(encoded(seen, kind))).getpixel((30, 30)), (255, 255, 255))


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_of_a_hundred_thousand_frames_the_first_is_taken(kind: str) -> None:
    made = opened(square(pictures.animated(kind, 100_000)))
    assert getattr(made, "n_frames", 1) == 1
    assert is_near(made.getpixel((1, 1)), RED)


def test_the_frames_are_as_many_as_they_say() -> None:
    for kind in ("GIF", "PNG", "WEBP"):
        with Image.open(BytesIO(pictures.animated(kind, 50))) as image:
            assert getattr(image, "n_frames", 1) > 2


TOO_MANY_PIXELS: dict[str, t.Callable[[], bytes]] = {
    "a PNG that unpacks to 900 million pixels": pictures.png_bomb,
    "a PNG of 100,000 by 100,000 pixels": lambda: pictures.png(100_000, 100_000),
    "a GIF with a frame beyond its screen": pictures.gif_bomb,
    "a WebP with a canvas of 16 GB": pictures.webp_bomb,
    "a PNG of 26 million pixels": lambda: pictures.png(5_200, 5_000),
    "a WebP of 13 million pixels": lambda: encoded(Image.new("RGB", (3_700, 3_600)), "WEBP"),
    "a JPEG of 25 million pixels in several passes": lambda: encoded(
        Image.new("L", (5_010, 5_000)), "JPEG", progressive=True
    ),
}


@pytest.mark.parametrize("name", TOO_MANY_PIXELS)
def test_a_bomb_is_refused_before_it_is_unpacked(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "_decode", None)
    with pytest.raises(TooManyPixels):
        square(TOO_MANY_PIXELS[name]())


def test_a_photo_of_a_large_camera_is_taken() -> None:
    assert opened(square(encoded(Image.new("L", (9_000, 9_000)), "JPEG"))).size == (SIZE, SIZE)


def test_a_file_has_ten_megabytes_and_no_more() -> None:
    whole = encoded(halves())
    assert square(whole + b"\x00" * (MAX_BYTES - len(whole)))
    with pytest.raises(TooManyBytes):
        square(whole + b"\x00" * (MAX_BYTES - len(whole) + 1))


def comments(kind: str) -> bytes:
    """Return a file of ten megabytes that is all comments."""
    whole = encoded(halves(), kind)
    if kind == "JPEG":
        return whole[:2] + b"\xff\xfe\x00\x02" * 2_400_000 + whole[2:]
    if kind == "PNG":
        return whole[:33] + pictures.chunk(b"teSt", b"") * 800_000 + whole[33:]
    begin = 13 + (6 << (whole[10] & 7))
    return whole[:begin] + (b"!\xfe\x01x\x00") * 1_900_000 + whole[begin:]


NO_IMAGES: dict[str, t.Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "one byte": lambda: b"\x89",
    "an SVG": lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "HTML": lambda: b"<!doctype html><script>alert(1)</script>",
    "a PDF": lambda: encoded(halves(), "PDF"),
    "an ICO": lambda: encoded(halves(), "ICO"),
    "a TIFF": lambda: encoded(halves(), "TIFF"),
    "a BMP": lambda: encoded(halves(), "BMP"),
    "an EPS": lambda: encoded(halves(), "EPS"),
    "a PSD": lambda: b"8BPS\x00\x01" + b"\x00" * 40,
    "a FITS": lambda: b"SIMPLE  =                    T" + b" " * 2850,
    "an AVIF": lambda: b"\x00\x00\x00\x20ftypavif" + b"\x00" * 60,
    "script that begins as a GIF": lambda: b"GIF89a=1;alert(1)//" + b"x" * 60,
    "half a PNG": lambda: encoded(Image.effect_noise((200, 200), 90))[:9_000],
    "half a JPEG": lambda: pictures.photo(200)[:9_000],
    "half a WebP": lambda: encoded(halves(600, 600), "WEBP", lossless=True)[:60],
    "half a GIF": lambda: encoded(Image.effect_noise((200, 200), 90), "GIF")[:9_000],
    "the beginning of a PNG": lambda: b"\x89PNG\r\n\x1a\n",
    "the beginning of a JPEG": lambda: b"\xff\xd8\xff",
    "the beginning of a WebP": lambda: b"RIFF\x00\x00\x00\x00WEBPVP8X",
    "a PNG without pixels": lambda: pictures.png(8, 8),
    "a PNG of no width": lambda: pictures.png(0, 8, b"x"),
    "a JPEG of comments": lambda: comments("JPEG"),
    "a PNG of comments": lambda: comments("PNG"),
    "a GIF of comments": lambda: comments("GIF"),
    "a JPEG of a thousand scans": lambda: pictures.scans(1_000),
}


@pytest.mark.parametrize("name", NO_IMAGES)
def test_what_is_no_picture_is_refused(name: str) -> None:
    with pytest.raises(NotAnImage):
        square(NO_IMAGES[name]())


def test_a_file_that_changes_its_mind_about_its_size_is_refused() -> None:
    whole = bytearray(encoded(halves(40, 40), "WEBP", exif=Image.Exif().tobytes() + b"x"))
    assert whole[12:16] == b"VP8X"
    whole[24:27] = (100).to_bytes(3, "little")
    with pytest.raises(NotAnImage):
        square(bytes(whole))


POLYGLOTS = {
    "a ZIP at the end": lambda kind: encoded(halves(), kind) + b"PK\x03\x04 evil",
    "a page at the end": lambda kind: encoded(halves(), kind) + b"<script>evil()</script>",
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", POLYGLOTS)
def test_of_two_things_in_one_file_only_the_picture_is_left(kind: str, name: str) -> None:
    made = square(POLYGLOTS[name](kind))
    assert b"evil" not in made
    assert made.startswith(b"RIFF")


@pytest.mark.parametrize("place", ["comment", "exif"])
def test_a_program_in_what_a_photo_says_of_itself_is_gone(place: str) -> None:
    evil = b"<?php system($_GET['evil']); ?>"
    exif = Image.Exif()
    exif[0x010E] = evil.decode()
    more: dict[str, t.Any] = {"comment": evil} if place == "comment" else {"exif": exif}
    data = encoded(halves(), "JPEG", **more)
    assert b"evil" in data
    assert b"evil" not in square(data)


def test_as_many_scans_as_a_program_writes_are_read() -> None:
    assert square(pictures.scans(MAX_SCANS - 20))


def test_any_damage_is_a_picture_or_a_refusal() -> None:
    for kind in KINDS:
        whole = encoded(halves(30, 30), kind)
        for at in range(0, len(whole), max(1, len(whole) // 60)):
            for byte in (0, 255, whole[at] ^ 1):
                broken = whole[:at] + struct.pack("B", byte) + whole[at + 1 :]
                with suppress(NotAnImage, TooManyPixels):
                    assert square(broken).startswith(b"RIFF")


class Watched:
    """Counts who is at it at the same time, and lets the first two wait for each other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._together = threading.Barrier(PARALLEL_IMAGES)
        self._decode = images._decode
        self._now = 0
        self.most = 0

    def __call__(self, file: t.Any) -> Image.Image:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        self._together.wait(20)
        try:
            return self._decode(file)
        finally:
            with self._lock:
                self._now -= 1


def test_never_more_are_read_than_there_are_slots(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched()
    monkeypatch.setattr(images, "_decode", watched)
    monkeypatch.setattr(images, "_slots", Slots(PARALLEL_IMAGES, 60))
    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(lambda _: square(pictures.picture()), range(6)))
    assert len(made) == 6
    assert watched.most == PARALLEL_IMAGES


def test_who_finds_no_slot_is_told_so_and_a_bomb_needs_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slots = Slots(1, 0.01)
    monkeypatch.setattr(images, "_slots", slots)
    with slots:
        with pytest.raises(Busy):
            square(pictures.picture())
        with pytest.raises(TooManyPixels):
            square(pictures.png_bomb())
    with pytest.raises(NotAnImage):
        square(pictures.png(8, 8))
    assert square(pictures.picture())
