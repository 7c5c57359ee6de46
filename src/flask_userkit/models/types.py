"""Column types that behave alike on SQLite, PostgreSQL and MariaDB."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import JSON
from sqlalchemy import DateTime
from sqlalchemy import Dialect
from sqlalchemy import LargeBinary
from sqlalchemy import String
from sqlalchemy import Text
from sqlalchemy.dialects import mysql
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator
from sqlalchemy.types import TypeEngine

ID_LENGTH = 48
#: Byte by byte, spaces at the end included: with padding, 'bob ' would find 'bob'.
_BINARY = "utf8mb4_nopad_bin"
#: The longest address that mail can carry (RFC 5321 section 4.5.3.1.3, less the brackets).
ADDRESS_LENGTH = 254
#: The longest number (ITU-T E.164 section 6), with its plus sign.
PHONE_LENGTH = 16


class UtcDateTime(TypeDecorator[dt.datetime]):
    """An aware datetime in UTC, to the microsecond."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[dt.datetime]:
        if dialect.name in ("mysql", "mariadb"):
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A datetime without a time zone cannot be stored.")
        value = value.astimezone(dt.UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(
        self, value: dt.datetime | None, dialect: Dialect
    ) -> dt.datetime | None:
        if value is None:
            return None
        return value.astimezone(dt.UTC) if value.tzinfo else value.replace(tzinfo=dt.UTC)


def key_type(length: int) -> String:
    """Text that is compared byte by byte.

    MariaDB's default collation holds 'a', 'A' and 'á' for equal, so that one person's
    address would find another's.
    """
    return (
        String(length)
        .with_variant(
            mysql.VARCHAR(length, charset="utf8mb4", collation=_BINARY), "mysql", "mariadb"
        )
        .with_variant(postgresql.VARCHAR(length, collation="C"), "postgresql")
    )


def text_type(length: int) -> String:
    """Text that people wrote, emoji included."""
    return String(length).with_variant(
        mysql.VARCHAR(length, charset="utf8mb4", collation=_BINARY), "mysql", "mariadb"
    )


def digest_type() -> LargeBinary:
    """A SHA-256 digest."""
    return LargeBinary(32).with_variant(mysql.BINARY(32), "mysql", "mariadb")


def content_type() -> LargeBinary:
    """What a file holds, up to 16 MB."""
    return LargeBinary().with_variant(mysql.MEDIUMBLOB(), "mysql", "mariadb")


def long_text_type() -> Text:
    """Text without a length of its own."""
    return Text().with_variant(
        mysql.MEDIUMTEXT(charset="utf8mb4", collation=_BINARY), "mysql", "mariadb"
    )


def json_type() -> JSON:
    """A JSON document; JSONB on PostgreSQL, so that it can be searched."""
    return JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
