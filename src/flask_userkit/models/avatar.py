from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from .base import Base
from .types import ID_LENGTH
from .types import content_type
from .types import key_type

DIGEST_LENGTH = 32


class Avatar(Base):
    """The picture of a user, as it is served; apart from the user, who is read far more often."""

    __tablename__ = "userkit_avatar"

    user_id: Mapped[str] = mapped_column(
        key_type(ID_LENGTH), ForeignKey("userkit_user.id", ondelete="CASCADE"), primary_key=True
    )
    digest: Mapped[str] = mapped_column(key_type(DIGEST_LENGTH), unique=True)
    content: Mapped[bytes] = mapped_column(content_type())

    def __repr__(self) -> str:
        return f"<Avatar {self.user_id}>"
