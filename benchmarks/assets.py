"""Assets: what a browser loads for a page, compressed as a server compresses it."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

from .call import Call
from .host import Visit
from .host import visit
from .measure import Effort
from .report import Row

LEVEL = 9
_ASSET = re.compile(r'(?:href|src)="(/account/assets/[^"]+)"')


def assets(folder: Path, effort: Effort) -> Iterator[Row]:
    """Weigh every file that a page names; there is nothing to repeat."""
    with visit(folder) as visited:
        button = weights(visited, "/")
        css = sum(weight for path, weight in button.items() if path.endswith(".css"))
        every = sum(button.values())
        yield Row("assets of a page with the button, gzip", every, "bytes", budget=8000)
        yield Row("css of a page with the button, gzip", css, "bytes", budget=4000)
        account = sum(weights(visited, "/account/").values())
        yield Row("assets of the account page, gzip", account, "bytes", budget=40_000)


def weights(visited: Visit, path: str) -> dict[str, int]:
    """Return the weight of every file that a page loads."""
    page = Call(visited.app, path, cookies=visited.cookies)().text
    return {
        url: len(gzip.compress(Call(visited.app, url)().body, LEVEL, mtime=0))
        for url in dict.fromkeys(_ASSET.findall(page))
    }
