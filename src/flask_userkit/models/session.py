from __future__ import annotations

import datetime as dt
import typing as t
from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column
from sqlalchemy.orm import relationship

from .base import Base
from .types import ID_LENGTH
from .types import key_type
from .types import text_type

if t.TYPE_CHECKING:
    from .user import User


class SessionStatus(StrEnum):
    ACTIVE = "active"
    ENDED = "ended"
    EXPIRED = "expired"
    REPLACED = "replaced"
    REVOKED = "revoked"


class Session(Base):
    """One user signed in at one client; the row exists only after every factor is proven."""

    __tablename__ = "userkit_session"
    __table_args__ = (
        Index(
            "ix_userkit_session_user_id_status_last_active_at",
            "user_id",
            "status",
            "last_active_at",
        ),
    )

    id: Mapped[str] = mapped_column(key_type(ID_LENGTH), primary_key=True)
    user_id: Mapped[str] = mapped_column(
        key_type(ID_LENGTH), ForeignKey("userkit_user.id", ondelete="CASCADE")
    )
    client_id: Mapped[str] = mapped_column(
        key_type(ID_LENGTH), ForeignKey("userkit_client.id", ondelete="CASCADE"), index=True
    )
    status: Mapped[str] = mapped_column(String(16), default=SessionStatus.ACTIVE)
    strategy: Mapped[str] = mapped_column(String(32))
    ip_address: Mapped[str | None] = mapped_column(String(45))
    user_agent: Mapped[str | None] = mapped_column(text_type(512))
    #: What the user agent names, read once; None is what nobody knows.
    browser: Mapped[str | None] = mapped_column(String(32))
    system: Mapped[str | None] = mapped_column(String(32))
    #: When its user last proved to be who they are: at sign-in, or by reverification since.
    first_factor_verified_at: Mapped[dt.datetime | None]
    second_factor_verified_at: Mapped[dt.datetime | None]
    last_active_at: Mapped[dt.datetime]
    expire_at: Mapped[dt.datetime] = mapped_column(index=True)
    ended_at: Mapped[dt.datetime | None] = mapped_column(index=True)
    created_at: Mapped[dt.datetime]

    user: Mapped[User] = relationship("flask_userkit.models.user.User", back_populates="sessions")

    def __repr__(self) -> str:
        return f"<Session {self.id}>"
