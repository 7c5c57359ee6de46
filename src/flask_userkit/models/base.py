"""The declarative base, and with it the one metadata of the kit's tables."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.orm import registry

from .types import UtcDateTime
from .types import text_type


class Base(DeclarativeBase):
    """Base of every model; an app may put its own tables on it."""

    # One attribute for both: Flask-SQLAlchemy copies the body of this class.
    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={dt.datetime: UtcDateTime(), str: text_type(255)},
    )
