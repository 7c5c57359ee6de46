from __future__ import annotations

import datetime as dt
import typing as t

from sqlalchemy import ForeignKey
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column
from sqlalchemy.orm import relationship

from .base import Base
from .types import ADDRESS_LENGTH
from .types import ID_LENGTH
from .types import key_type
from .types import text_type

if t.TYPE_CHECKING:
    from .user import User


class EmailAddress(Base):
    """An address that a user claims, and since ``verified_at`` owns."""

    __tablename__ = "userkit_email_address"
    __table_args__ = (UniqueConstraint("user_id", "email_key"),)

    id: Mapped[str] = mapped_column(key_type(ID_LENGTH), primary_key=True)
    user_id: Mapped[str] = mapped_column(
        key_type(ID_LENGTH), ForeignKey("userkit_user.id", ondelete="CASCADE")
    )
    # Mail goes to the spelling that was typed; look-ups go by the key (never the other way
    # round: a key may fold two people's addresses into one).
    email_address: Mapped[str] = mapped_column(text_type(ADDRESS_LENGTH))
    email_key: Mapped[str] = mapped_column(key_type(ADDRESS_LENGTH), index=True)
    # The key again once it is verified: unique, so an address has one owner on every database,
    # while an unverified claim blocks nobody.
    verified_key: Mapped[str | None] = mapped_column(key_type(ADDRESS_LENGTH), unique=True)
    verified_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime]

    user: Mapped[User] = relationship(
        "flask_userkit.models.user.User",
        back_populates="email_addresses",
        foreign_keys=[user_id],
    )

    @property
    def verified(self) -> bool:
        return self.verified_at is not None

    def __repr__(self) -> str:
        return f"<EmailAddress {self.id}>"
