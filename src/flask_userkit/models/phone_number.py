from __future__ import annotations

import datetime as dt
import typing as t

from sqlalchemy import ForeignKey
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column
from sqlalchemy.orm import relationship

from .base import Base
from .types import ID_LENGTH
from .types import PHONE_LENGTH
from .types import key_type

if t.TYPE_CHECKING:
    from .user import User


class PhoneNumber(Base):
    """A number that a user claims, and since ``verified_at`` owns; in E.164 (ITU-T E.164)."""

    __tablename__ = "userkit_phone_number"
    __table_args__ = (UniqueConstraint("user_id", "phone_number"),)

    id: Mapped[str] = mapped_column(key_type(ID_LENGTH), primary_key=True)
    user_id: Mapped[str] = mapped_column(
        key_type(ID_LENGTH), ForeignKey("userkit_user.id", ondelete="CASCADE")
    )
    phone_number: Mapped[str] = mapped_column(key_type(PHONE_LENGTH), index=True)
    # The number again once it is verified: unique, so it has one owner on every database, while
    # an unverified claim blocks nobody.
    verified_key: Mapped[str | None] = mapped_column(key_type(PHONE_LENGTH), unique=True)
    verified_at: Mapped[dt.datetime | None]
    #: Whether it is kept for the second factor, and whether that asks for it first.
    reserved_for_second_factor: Mapped[bool] = mapped_column(default=False)
    default_second_factor: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[dt.datetime]

    user: Mapped[User] = relationship(
        "flask_userkit.models.user.User",
        back_populates="phone_numbers",
        foreign_keys=[user_id],
    )

    @property
    def verified(self) -> bool:
        return self.verified_at is not None

    def __repr__(self) -> str:
        return f"<PhoneNumber {self.id}>"
