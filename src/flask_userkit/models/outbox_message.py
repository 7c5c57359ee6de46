from __future__ import annotations

import datetime as dt

from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from .base import Base
from .types import ID_LENGTH
from .types import key_type
from .types import long_text_type


class OutboxMessage(Base):
    """A message that leaves the app, written in the transaction of what caused it.

    The payload is encrypted, and erased once the message is sent or given up.
    """

    __tablename__ = "userkit_outbox_message"
    __table_args__ = (
        Index("ix_userkit_outbox_message_done_at_available_at", "done_at", "available_at"),
    )

    id: Mapped[str] = mapped_column(key_type(ID_LENGTH), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    # Whom it is about; no foreign key, since a notice may outlive its user.
    user_id: Mapped[str | None] = mapped_column(key_type(ID_LENGTH), index=True)
    payload: Mapped[str | None] = mapped_column(long_text_type())
    attempts: Mapped[int] = mapped_column(default=0)
    available_at: Mapped[dt.datetime]
    # Who claimed it last, and until when: another sender takes it over after that.
    lease: Mapped[str | None] = mapped_column(key_type(ID_LENGTH))
    done_at: Mapped[dt.datetime | None]
    sent: Mapped[bool] = mapped_column(default=False)
    last_error: Mapped[str | None] = mapped_column(String(255))
    created_at: Mapped[dt.datetime]
