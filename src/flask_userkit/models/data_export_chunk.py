from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from .base import Base
from .types import ID_LENGTH
from .types import content_type
from .types import key_type


class DataExportChunk(Base):
    """A piece of the file of a data export, encrypted: no row is larger than a database takes."""

    __tablename__ = "userkit_data_export_chunk"

    export_id: Mapped[str] = mapped_column(
        key_type(ID_LENGTH),
        ForeignKey("userkit_data_export.id", ondelete="CASCADE"),
        primary_key=True,
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(content_type())
