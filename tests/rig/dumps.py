"""Every row of a database as text, the way somebody who stole it would read it."""

from __future__ import annotations

import base64
import json
import typing as t

from sqlalchemy import Connection
from sqlalchemy import text

from .artifacts import folder
from .artifacts import worker


def write_dump(backend: str, connection: Connection, tables: list[str]) -> list[str]:
    """Append the rows of the tables to this process's dump, and return the tables that have any."""
    filled = []
    quote = connection.dialect.identifier_preparer.quote
    path = folder("dumps") / f"{backend}-{worker()}.txt"
    with path.open("a", encoding="utf-8", errors="backslashreplace") as out:
        for table in tables:
            rows = connection.execute(text(f"SELECT * FROM {quote(table)}"))
            for number, row in enumerate(rows.mappings()):
                if number == 0:
                    filled.append(table)
                cells = (f"{name}={_cell(value)}" for name, value in row.items())
                out.write("\t".join((table, *cells)) + "\n")
    return filled


def _cell(value: t.Any) -> str:
    if isinstance(value, bytes | memoryview):
        raw = bytes(value)
        return f"{raw.hex()} {base64.b64encode(raw).decode()} {raw.decode('utf-8', 'replace')}"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
