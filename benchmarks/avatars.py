"""A picture made small, against Pillow alone; and the memory that it takes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from io import BytesIO
from pathlib import Path

from PIL import Image
from PIL import ImageOps

from flask_userkit.security.images import QUALITY
from flask_userkit.security.images import SIZE
from flask_userkit.security.images import square

from .measure import Effort
from .measure import Work
from .measure import take_turns
from .report import Row
from .report import ratio

WIDTH, WIDEST = 2_000, 5_000
MEGABYTE = 1024 * 1024
#: Says by how many kB the most memory ever held has grown; a small picture loads the decoders.
PROGRAM = """
import re, sys
from pathlib import Path
from flask_userkit.security.images import square

def most():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

small, large = (Path(name).read_bytes() for name in sys.argv[1:])
square(small)
before = most()
square(large)
print(most() - before)
"""


def avatars(folder: Path, effort: Effort) -> Iterator[Row]:
    """Measure pictures of people as a phone takes them, and the largest that is read."""
    effort = effort.for_slow_things()
    for kind in ("JPEG", "PNG", "WEBP"):
        data = _picture(WIDTH, kind)
        cases: dict[str, Work] = {
            "kit": partial(square, data),
            "pillow": partial(_by_hand, data),
        }
        times = take_turns(cases, effort)
        yield ratio(
            f"{WIDTH:,}-pixel avatar, {kind} / Pillow alone", times["kit"], times["pillow"], 1.25
        )
    for width, kind, budget in ((WIDTH, "JPEG", 20), (WIDTH, "PNG", 50), (WIDEST, "PNG", 150)):
        what = f"{width:,}-pixel avatar, {kind}: memory"
        yield Row(what, _memory(folder, _picture(width, kind)), "bytes", budget=budget * MEGABYTE)


def _picture(width: int, kind: str) -> bytes:
    """Return something between a plain colour and noise, as a photo is."""
    shades = [
        Image.radial_gradient("L"),
        Image.linear_gradient("L"),
        Image.effect_noise((256, 256), 20),
    ]
    made = BytesIO()
    Image.merge("RGB", shades).resize((width, width)).save(made, kind)
    return made.getvalue()


def _by_hand(data: bytes) -> bytes:
    """Do the same without a look at what the file holds."""
    made = BytesIO()
    with Image.open(BytesIO(data)) as image:
        image.draft("RGB", (SIZE, SIZE))
        small = ImageOps.fit(ImageOps.exif_transpose(image).convert("RGB"), (SIZE, SIZE))
    small.save(made, "WEBP", quality=QUALITY)
    return made.getvalue()


def _memory(folder: Path, data: bytes) -> int:
    """Return the bytes that a process of its own has held at most, more than before."""
    files = {"small": _picture(8, "PNG"), "large": data}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    command = [sys.executable, "-c", PROGRAM, *(str(folder / name) for name in files)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return 1024 * int(done.stdout)
