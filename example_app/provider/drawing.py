"""The pictures of people at Meadow ID: the sun over three hills, in colours of their own."""

from __future__ import annotations

import io
from functools import cache

from PIL import Image
from PIL import ImageDraw

SIZE = 192
#: It is drawn so many times larger, and made small: that smooths the edges.
FINE = 4


@cache
def draw(hues: tuple[int, int, int]) -> bytes:
    """Return a picture as PNG.

    :param hues: of the sky, the sun and the hills, in degrees.
    """
    sky, sun, hills = hues
    picture = Image.new("RGB", (100, 100))
    pen = ImageDraw.Draw(picture)
    for line in range(100):
        pen.line([(0, line), (99, line)], fill=f"hsl({sky}, 70%, {70 + line // 4}%)")
    picture = picture.resize((SIZE * FINE, SIZE * FINE), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(picture)
    _disc(pen, 66, 38, 15, f"hsl({sun}, 90%, 66%)")
    _disc(pen, 12, 118, 62, f"hsl({hills}, 32%, 62%)")
    _disc(pen, 92, 132, 66, f"hsl({hills}, 36%, 48%)")
    _disc(pen, 34, 152, 66, f"hsl({hills}, 42%, 34%)")
    small = picture.resize((SIZE, SIZE), Image.Resampling.LANCZOS)
    content = io.BytesIO()
    small.save(content, "PNG", optimize=True)
    return content.getvalue()


def _disc(pen: ImageDraw.ImageDraw, x: int, y: int, radius: int, colour: str) -> None:
    """Draw a disc; all in hundredths of the picture."""
    unit = SIZE * FINE / 100
    corners = [(x - radius) * unit, (y - radius) * unit, (x + radius) * unit, (y + radius) * unit]
    pen.ellipse(corners, fill=colour)
