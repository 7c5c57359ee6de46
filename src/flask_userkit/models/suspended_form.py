from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey
from sqlalchemy import String
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from .base import Base
from .types import ID_LENGTH
from .types import key_type
from .types import long_text_type


class SuspendedForm(Base):
    """A form that waits until its sender has proven who they are; it is taken once.

    It belongs to one session and one action. The fields are encrypted; secrets and files are
    never among them.
    """

    __tablename__ = "userkit_suspended_form"

    id: Mapped[str] = mapped_column(key_type(ID_LENGTH), primary_key=True)
    session_id: Mapped[str] = mapped_column(
        key_type(ID_LENGTH), ForeignKey("userkit_session.id", ondelete="CASCADE"), index=True
    )
    action: Mapped[str] = mapped_column(String(128))
    fields: Mapped[str] = mapped_column(long_text_type())
    expire_at: Mapped[dt.datetime] = mapped_column(index=True)
    created_at: Mapped[dt.datetime]
