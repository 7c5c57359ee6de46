"""What an image file says of itself, read before a decoder is trusted with it.

A decoder holds what it meets: a JPEG of ten megabytes can bring two million comments, or a
thousand scans of the whole picture. Here a file is walked once, without unpacking anything, and
only the parts that make up its first picture are kept.
"""

from __future__ import annotations

import re
import struct
import typing as t

#: More parts than any program writes, and so few that to walk them takes no time.
MAX_PARTS = 20_000
#: Encoders write about ten; each one is a pass over the whole picture.
MAX_SCANS = 40
MAX_EXIF = 65_536

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_PARTS = (b"IHDR", b"PLTE", b"tRNS", b"eXIf")
_MARKER = re.compile(rb"\xff+([^\x00\xff])")
#: The end of a scan: within one, FF is followed by 00 or is a restart (ITU-T T.81, B.1.1.5).
_SCAN_END = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")


class NotAnImage(Exception):
    """A file of another kind, or one that no program would write."""


class ImageFile(t.NamedTuple):
    """A file whose kind and size are known by its content.

    :param data: its first picture, with the orientation and the profile of none but itself.
    :param passes: how often its pixels are gone over.
    """

    format: str
    width: int
    height: int
    data: bytes
    passes: int = 1


def read_image(data: bytes) -> ImageFile:
    """Return what a file is by its content, whatever its name says.

    :raises NotAnImage: no PNG, JPEG, WebP or GIF.
    """
    try:
        if data.startswith(_PNG):
            return _png(data)
        if data.startswith(b"\xff\xd8\xff"):
            return _jpeg(data)
        if data.startswith((b"GIF87a", b"GIF89a")):
            return _gif(data)
        if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
            return _webp(data)
    except (IndexError, struct.error) as error:
        raise NotAnImage from error
    raise NotAnImage


def _png(data: bytes) -> ImageFile:
    """Keep the chunks of the first picture (PNG, third edition, section 5)."""
    width, height = struct.unpack_from(">II", data, 16)
    kept, at, seen = [_PNG], 8, False
    for _ in range(MAX_PARTS):
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if seen and kind != b"IDAT":
            kept.append(b"\x00\x00\x00\x00IEND\xaeB`\x82")
            return ImageFile("PNG", width, height, b"".join(kept))
        seen = kind == b"IDAT"
        if seen or (kind in _PNG_PARTS and length <= MAX_EXIF):
            kept.append(data[at:end])
        at = end
    raise NotAnImage


def _jpeg(data: bytes) -> ImageFile:
    """Keep tables, frame and scans, and the orientation (ITU-T T.81, annex B)."""
    kept, at, scans, size, oriented = [b"\xff\xd8"], 2, 0, (0, 0), False
    for _ in range(MAX_PARTS):
        marker = _MARKER.match(data, at)
        if marker is None:
            break
        kind, at = marker[1][0], marker.end()
        if kind == 0xD9:
            kept.append(b"\xff\xd9")
            return ImageFile("JPEG", *size, b"".join(kept), scans)
        end = at + struct.unpack_from(">H", data, at)[0]
        if kind == 0xDA:
            scans += 1
            last = _SCAN_END.search(data, end)
            if last is None or scans > MAX_SCANS:
                break
            end = last.start()
        elif 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", data, at + 3)
            size = (width, height)
        exif = kind == 0xE1 and not oriented and data[at + 2 : at + 8] == b"Exif\x00\x00"
        oriented = oriented or exif
        if exif or 0xC0 <= kind <= 0xDF or kind in (0xE0, 0xEE):
            kept.append(b"\xff" + bytes([kind]) + data[at:end])
        at = end
    raise NotAnImage


def _gif(data: bytes) -> ImageFile:
    """Keep the first frame and what says which of its colours is none (GIF89a, section 17)."""
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    at = 13 + _palette(flags)
    kept = [data[:at]]
    for _ in range(MAX_PARTS):
        begin = at
        if data[at] == 0x21:
            at = _after_blocks(data, at + 2)
            if data[begin + 1] == 0xF9:
                kept.append(data[begin:at])
        elif data[at] == 0x2C:
            left, top, wide, high, flags = struct.unpack_from("<HHHHB", data, at + 1)
            at = _after_blocks(data, at + 11 + _palette(flags))
            kept += [data[begin:at], b"\x3b"]
            size = max(width, left + wide), max(height, top + high)
            return ImageFile("GIF", *size, b"".join(kept))
        else:
            break
    raise NotAnImage


def _palette(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _after_blocks(data: bytes, at: int) -> int:
    while data[at]:
        at += data[at] + 1
    return at + 1


def _webp(data: bytes) -> ImageFile:
    """Read the canvas, which a decoder sets memory aside for as it opens the file (RFC 9649)."""
    kind = data[12:16]
    if kind == b"VP8X":
        width, height = (1 + int.from_bytes(data[at : at + 3], "little") for at in (24, 27))
    elif kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        width, height = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    elif kind == b"VP8 ":
        width, height = (size & 0x3FFF for size in struct.unpack_from("<HH", data, 26))
    else:
        raise NotAnImage
    (length,) = struct.unpack_from("<I", data, 4)
    return ImageFile("WEBP", width, height, data[: 8 + length])
