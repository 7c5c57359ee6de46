"""Writes the floors, after a page of the kit has changed: ``python -m benchmarks.write_floors``.

A floor is the kit's own answer with the person, the token and the addresses put back in.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from .call import Call
from .host import visit

FOLDER = Path(__file__).parent / "templates" / "floor"
PAGES = {"home": "/", "account": "/account/", "security": "/account/security"}
_REPLACEMENTS = (
    (r"Ada Lovelace", "{{ person.name }}"),
    (r"ada@example\.com", "{{ person.email_address }}"),
    (r'value="Ada"', 'value="{{ person.first_name }}"'),
    (r'value="Lovelace"', 'value="{{ person.last_name }}"'),
    (r">AL<", ">{{ person.initials }}<"),
    (r"--hue-\d+", "--hue-{{ person.hue }}"),
    (r'(?<=name="userkit_csrf" value=")[^"]+', "{{ csrf_token() }}"),
    (r'"/account/"', '''"{{ url_for('account') }}"'''),
    (r'"/account/assets/([^"]+)"', r'''"{{ url_for('asset', path='\1') }}"'''),
    (r'"/account/([a-z-]+)"', r'''"{{ url_for('\1') }}"'''),
    (r"<h1>Home", "<h1>{{ title }}"),
)


def by_hand(page: str) -> str:
    """Return a page of the kit as a template that a person would have written."""
    for pattern, replacement in _REPLACEMENTS:
        page = re.sub(pattern, replacement, page)
    return page


def main() -> None:
    """Ask the kit for each page and write its floor."""
    with tempfile.TemporaryDirectory() as folder, visit(Path(folder)) as visited:
        for name, path in PAGES.items():
            page = by_hand(Call(visited.app, path, cookies=visited.cookies)().text)
            (FOLDER / f"{name}.html").write_text(page + "\n", "utf-8")


if __name__ == "__main__":
    main()
