"""Pictures of people: one small square, made anew from whatever was sent."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from io import BytesIO

from .image_files import ImageFile
from .image_files import NotAnImage
from .image_files import read_image
from .slots import Slots

if t.TYPE_CHECKING:
    from PIL import Image
    from PIL.ImageFile import ImageFile as Decoder

#: What Clerk takes, in bytes.
MAX_BYTES = 10_000_000
MAX_PIXELS = 25_000_000
#: By how much a kind differs. A JPEG of one pass is made smaller while it is read; a decoder of
#: WebP holds the picture four times.
LIGHT, HEAVY = 4, 0.5
SIZE = 512
QUALITY = 85
#: Each picture takes up to 100 MB and a core: more at a time starve the other pages.
PARALLEL_IMAGES = 2
#: Who waits holds a thread that other pages need.
WAIT_SECONDS = 2
ORIENTATION = 0x0112

_slots = Slots(PARALLEL_IMAGES, WAIT_SECONDS)


class TooManyBytes(Exception):
    """A file that is larger than is taken."""


class TooManyPixels(Exception):
    """A picture that would take too much memory to read."""


def square(data: bytes) -> bytes:
    """Return the middle of a picture as a WebP without any metadata.

    Its kind is told by its content alone. Of an animation the first frame is taken.

    :raises NotAnImage: no PNG, JPEG, WebP or GIF, or a broken one.
    :raises TooManyBytes: the file is too large.
    :raises TooManyPixels: the picture is; nothing was unpacked.
    :raises Busy: no slot came free in time.
    """
    if len(data) > MAX_BYTES:
        raise TooManyBytes
    file = read_image(data)
    if file.width * file.height > _most_pixels(file):
        raise TooManyPixels
    with _slots:
        try:
            return _encode(_decode(file))
        except Exception as error:
            # A hostile file makes a decoder fail in any way there is; each is a refusal.
            raise NotAnImage from error


def _most_pixels(file: ImageFile) -> float:
    if file.format == "JPEG" and file.passes == 1:
        return MAX_PIXELS * LIGHT
    return MAX_PIXELS * HEAVY if file.format == "WEBP" else MAX_PIXELS


def _decode(file: ImageFile) -> Image.Image:
    """Return the middle of a picture, the right way up."""
    from PIL import Image

    with _open(file) as image:
        if image.size != (file.width, file.height):
            raise NotAnImage
        image.draft(None, (SIZE, SIZE))
        turn = _TURNS.get(image.getexif().get(ORIENTATION))
        image.load()
        small = _shrink(image)
    side = min(SIZE, *small.size)
    small = small.resize((side, side), Image.Resampling.LANCZOS)  # pyright: ignore[reportUnknownMemberType] # Pillow types in part the sizes that it takes
    return small.transpose(Image.Transpose[turn]) if turn else small


def _open(file: ImageFile) -> Decoder:
    """Open a file by its own kind: a decoder of any other is never reached."""
    from PIL.GifImagePlugin import GifImageFile
    from PIL.JpegImagePlugin import JpegImageFile
    from PIL.PngImagePlugin import PngImageFile
    from PIL.WebPImagePlugin import WebPImageFile

    kinds: dict[str, Callable[[t.IO[bytes]], Decoder]] = {
        "GIF": GifImageFile,
        "JPEG": JpegImageFile,
        "PNG": PngImageFile,
        "WEBP": WebPImageFile,
    }
    return kinds[file.format](BytesIO(file.data))


def _shrink(image: Image.Image) -> Image.Image:
    """Return the middle in opaque colours, strip by strip: a whole copy would take 100 MB more."""
    from PIL import Image

    side = min(image.size)
    factor = max(1, side // (2 * SIZE))
    small = side // factor
    side = small * factor
    left, top = ((length - side) // 2 for length in image.size)
    made = Image.new("RGB", (small, small), "white")
    rows = max(1, 256 // factor)
    for row in range(0, small, rows):
        count = min(rows, small - row)
        begin = top + row * factor
        strip = image.crop((left, begin, left + side, begin + count * factor))
        made.paste(_opaque(strip).reduce(factor), (0, row))
    return made


def _opaque(strip: Image.Image) -> Image.Image:
    """Return a strip in colours, on white where one can see through it."""
    from PIL import Image

    if strip.mode == "I;16":
        strip = strip.point(lambda value: value / 256).convert("L")  # pyright: ignore[reportUnknownMemberType] # Pillow types in part the functions that it takes
    if not strip.has_transparency_data:
        return strip.convert("RGB")
    white = Image.new("RGBA", strip.size, "white")
    return Image.alpha_composite(white, strip.convert("RGBA")).convert("RGB")


def _encode(image: Image.Image) -> bytes:
    made = BytesIO()
    image.save(made, "WEBP", quality=QUALITY, method=4, exif=b"", icc_profile=b"", xmp=b"")
    return made.getvalue()


#: What undoes each orientation of a camera (Exif 2.32, tag 0112).
_TURNS: dict[t.Any, str] = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
