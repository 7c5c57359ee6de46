from __future__ import annotations

import datetime as dt
import typing as t

from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from .base import Base
from .types import ID_LENGTH
from .types import json_type
from .types import key_type
from .types import text_type


class Event(Base):
    """One line of the audit trail; it outlives the user, so no foreign key ties it."""

    __tablename__ = "userkit_event"
    __table_args__ = (
        Index("ix_userkit_event_user_id_id", "user_id", "id"),
        Index("ix_userkit_event_created_at_id", "created_at", "id"),
        Index("ix_userkit_event_actor_id", "actor_id"),
    )

    id: Mapped[str] = mapped_column(key_type(ID_LENGTH), primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[str | None] = mapped_column(key_type(ID_LENGTH))
    actor_id: Mapped[str | None] = mapped_column(key_type(ID_LENGTH))
    session_id: Mapped[str | None] = mapped_column(key_type(ID_LENGTH))
    ip_address: Mapped[str | None] = mapped_column(String(45))
    user_agent: Mapped[str | None] = mapped_column(text_type(512))
    request_id: Mapped[str | None] = mapped_column(String(64))
    data: Mapped[dict[str, t.Any]] = mapped_column(json_type(), default=dict)
    created_at: Mapped[dt.datetime]
