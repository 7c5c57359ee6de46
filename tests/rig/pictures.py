"""Pictures as people send them, and files that merely say they are."""

from __future__ import annotations

import struct
import typing as t
import zlib
from io import BytesIO

from PIL import Image

RED, BLUE = (220, 30, 30), (30, 60, 200)


def halves(width: int = 60, height: int = 60) -> Image.Image:
    """Return a picture that is red above and blue below."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (0, height // 2, width, height))
    return image


def encoded(image: Image.Image, kind: str = "PNG", **options: t.Any) -> bytes:
    """Return a picture as a file."""
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def picture(colour: tuple[int, int, int] = RED, side: int = 40) -> bytes:
    """Return a small PNG of one colour."""
    return encoded(Image.new("RGB", (side, side), colour))


def photo(side: int) -> bytes:
    """Return a JPEG of noise, which cannot be packed as tightly as a plain colour."""
    noise = Image.effect_noise((side, side), 60)
    return encoded(Image.merge("RGB", [noise, noise.rotate(90), noise]), "JPEG", quality=85)


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG."""
    check = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)


def png(width: int, height: int, data: bytes = b"") -> bytes:
    """Return a PNG of one bit a pixel that claims a size."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def png_bomb() -> bytes:
    """Return 109 kB that unpack to 900 million pixels."""
    row = b"\x00" * (1 + 30_000 // 8)
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(row) for _ in range(30_000)) + packer.flush()
    return png(30_000, 30_000, packed)


def gif_bomb() -> bytes:
    """Return a GIF whose one frame is larger than its screen says."""
    frame = struct.pack("<BHHHHB", 0x2C, 0, 0, 65_535, 65_535, 0)
    return b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0, 0, 0) + frame + b"\x02\x02\x44\x01\x00;"


def webp_bomb() -> bytes:
    """Return a WebP of a few bytes whose canvas would take 16 GB."""
    still = encoded(Image.new("RGB", (1, 1)), "WEBP", lossless=True)[12:]
    canvas = b"\x02\x00\x00\x00" + (65_534).to_bytes(3, "little") + (65_534).to_bytes(3, "little")
    frame = b"\x00" * 6 + b"\x00" * 6 + b"\x0a\x00\x00\x00" + still
    parts = b"WEBP" + _riff(b"VP8X", canvas) + _riff(b"ANIM", b"\x00" * 6) + _riff(b"ANMF", frame)
    return b"RIFF" + struct.pack("<I", len(parts)) + parts


def animated(kind: str, frames: int) -> bytes:
    """Return an animation: its first frame is red, all that follow are blue."""
    first, later = (Image.new("RGB", (2, 2), colour) for colour in (RED, BLUE))
    whole = encoded(first, kind, save_all=True, append_images=[later, first], duration=50)
    repeated = {"GIF": _gif_frame, "PNG": _png_frame, "WEBP": _webp_frame}[kind](whole)
    begin = whole.index(repeated)
    made = whole[:begin] + repeated * frames + whole[begin + len(repeated) :]
    return made if kind != "WEBP" else b"RIFF" + struct.pack("<I", len(made) - 8) + made[8:]


def scans(number: int) -> bytes:
    """Return a JPEG whose last scan is there so many times."""
    whole = encoded(halves(64, 64), "JPEG", progressive=True)
    last = whole[whole.rindex(b"\xff\xda") : -2]
    return whole[:-2] + last * number + whole[-2:]


def _riff(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + b"\x00" * (len(data) % 2)


def _gif_frame(whole: bytes) -> bytes:
    """Return the second frame, with the block that stands before it."""
    begin = whole.index(b"!\xf9", whole.index(b"!\xf9") + 2)
    return whole[begin : whole.index(b"!\xf9", begin + 2)]


def _png_frame(whole: bytes) -> bytes:
    begin = whole.index(b"fcTL", whole.index(b"fcTL") + 4) - 4
    return whole[begin : whole.index(b"fcTL", begin + 8) - 4]


def _webp_frame(whole: bytes) -> bytes:
    begin = whole.index(b"ANMF", whole.index(b"ANMF") + 4)
    return whole[begin : whole.index(b"ANMF", begin + 4)]
