from __future__ import annotations

import datetime as dt
from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy import String
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from .base import Base
from .types import ID_LENGTH
from .types import key_type


class DataExportStatus(StrEnum):
    PREPARING = "preparing"
    READY = "ready"
    FAILED = "failed"


class DataExport(Base):
    """A copy of what is stored about a user: one each, of which the next takes the place.

    Its file is in pieces of its own, encrypted, and goes with it.
    """

    __tablename__ = "userkit_data_export"

    id: Mapped[str] = mapped_column(key_type(ID_LENGTH), primary_key=True)
    user_id: Mapped[str] = mapped_column(
        key_type(ID_LENGTH), ForeignKey("userkit_user.id", ondelete="CASCADE"), unique=True
    )
    status: Mapped[str] = mapped_column(String(16))
    #: Of the file, in bytes.
    size: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[dt.datetime]
    ready_at: Mapped[dt.datetime | None]
    expire_at: Mapped[dt.datetime] = mapped_column(index=True)

    def __repr__(self) -> str:
        return f"<DataExport {self.id}>"
