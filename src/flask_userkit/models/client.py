from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from .base import Base
from .types import ID_LENGTH
from .types import digest_type
from .types import key_type


class Client(Base):
    """One browser.

    Only the digest of its token is stored, so a leaked table signs nobody in.
    """

    __tablename__ = "userkit_client"

    id: Mapped[str] = mapped_column(key_type(ID_LENGTH), primary_key=True)
    token_digest: Mapped[bytes] = mapped_column(digest_type(), unique=True)
    active_session_id: Mapped[str | None] = mapped_column(
        key_type(ID_LENGTH),
        ForeignKey("userkit_session.id", ondelete="SET NULL", use_alter=True),
        index=True,
    )
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime] = mapped_column(index=True)

    def __repr__(self) -> str:
        return f"<Client {self.id}>"
