from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey
from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from .base import Base
from .types import ADDRESS_LENGTH
from .types import ID_LENGTH
from .types import digest_type
from .types import key_type
from .types import long_text_type
from .types import text_type


class Verification(Base):
    """One code that was sent, for one purpose, to one address, from one client.

    The row never changes but for its count of attempts and the moment it is used up, or to be
    right for nobody or no address any more: a code can only ever prove the address that it was
    sent to. It holds a keyed digest; six digits are too few for that alone to help, so it lives
    ten minutes and five attempts.
    """

    __tablename__ = "userkit_verification"
    __table_args__ = (Index("ix_userkit_verification_user_id_purpose", "user_id", "purpose"),)

    id: Mapped[str] = mapped_column(key_type(ID_LENGTH), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(32))
    strategy: Mapped[str] = mapped_column(String(32))
    client_id: Mapped[str] = mapped_column(
        key_type(ID_LENGTH), ForeignKey("userkit_client.id", ondelete="CASCADE"), index=True
    )
    user_id: Mapped[str | None] = mapped_column(
        key_type(ID_LENGTH), ForeignKey("userkit_user.id", ondelete="CASCADE")
    )
    #: The address or number of a user that it proves, if it is one. Once that is removed, the
    #: row goes on to count the guesses at it.
    email_address_id: Mapped[str | None] = mapped_column(
        key_type(ID_LENGTH),
        ForeignKey("userkit_email_address.id", ondelete="CASCADE"),
        index=True,
    )
    phone_number_id: Mapped[str | None] = mapped_column(
        key_type(ID_LENGTH),
        ForeignKey("userkit_phone_number.id", ondelete="CASCADE"),
        index=True,
    )
    address: Mapped[str] = mapped_column(text_type(ADDRESS_LENGTH))
    code_digest: Mapped[bytes] = mapped_column(digest_type())
    #: What the flow that made it goes on with, encrypted.
    payload: Mapped[str | None] = mapped_column(long_text_type())
    attempts: Mapped[int] = mapped_column(default=0)
    expire_at: Mapped[dt.datetime] = mapped_column(index=True)
    consumed_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime]
