from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from .base import Base
from .types import ADDRESS_LENGTH
from .types import ID_LENGTH
from .types import key_type
from .types import long_text_type
from .types import text_type


class SignIn(Base):
    """An unfinished sign-in of a client.

    It exists for known and unknown identifiers alike; ``user_id`` is empty for the unknown.
    """

    __tablename__ = "userkit_sign_in"

    id: Mapped[str] = mapped_column(key_type(ID_LENGTH), primary_key=True)
    client_id: Mapped[str] = mapped_column(
        key_type(ID_LENGTH), ForeignKey("userkit_client.id", ondelete="CASCADE"), index=True
    )
    user_id: Mapped[str | None] = mapped_column(
        key_type(ID_LENGTH), ForeignKey("userkit_user.id", ondelete="CASCADE"), index=True
    )
    identifier: Mapped[str] = mapped_column(text_type(ADDRESS_LENGTH))
    verification_id: Mapped[str] = mapped_column(
        key_type(ID_LENGTH), ForeignKey("userkit_verification.id", ondelete="CASCADE"), index=True
    )
    return_to: Mapped[str | None] = mapped_column(long_text_type())
    expire_at: Mapped[dt.datetime] = mapped_column(index=True)
    created_at: Mapped[dt.datetime]
