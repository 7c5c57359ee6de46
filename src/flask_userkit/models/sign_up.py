from __future__ import annotations

import datetime as dt
import typing as t

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from .base import Base
from .types import ADDRESS_LENGTH
from .types import ID_LENGTH
from .types import PHONE_LENGTH
from .types import json_type
from .types import key_type
from .types import long_text_type
from .types import text_type
from .user import NAME_LENGTH
from .user import USERNAME_LENGTH


class SignUp(Base):
    """An unfinished sign-up of a client; a user row exists only once it is complete."""

    __tablename__ = "userkit_sign_up"

    id: Mapped[str] = mapped_column(key_type(ID_LENGTH), primary_key=True)
    client_id: Mapped[str] = mapped_column(
        key_type(ID_LENGTH), ForeignKey("userkit_client.id", ondelete="CASCADE"), index=True
    )
    email_address: Mapped[str | None] = mapped_column(text_type(ADDRESS_LENGTH))
    phone_number: Mapped[str | None] = mapped_column(key_type(PHONE_LENGTH))
    #: When each was proven: where both are asked for, one after the other.
    email_address_verified_at: Mapped[dt.datetime | None]
    phone_number_verified_at: Mapped[dt.datetime | None]
    username: Mapped[str | None] = mapped_column(text_type(USERNAME_LENGTH))
    first_name: Mapped[str | None] = mapped_column(text_type(NAME_LENGTH))
    last_name: Mapped[str | None] = mapped_column(text_type(NAME_LENGTH))
    password_digest: Mapped[str | None] = mapped_column(key_type(255))
    unsafe_metadata: Mapped[dict[str, t.Any]] = mapped_column(json_type(), default=dict)
    verification_id: Mapped[str] = mapped_column(
        key_type(ID_LENGTH), ForeignKey("userkit_verification.id", ondelete="CASCADE"), index=True
    )
    #: The account at a provider that it began with, encrypted.
    payload: Mapped[str | None] = mapped_column(long_text_type())
    return_to: Mapped[str | None] = mapped_column(long_text_type())
    expire_at: Mapped[dt.datetime] = mapped_column(index=True)
    created_at: Mapped[dt.datetime]
