from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from .base import Base
from .types import digest_type


class LimitHit(Base):
    """A counter of the rate limits; the key is a digest, since it holds addresses."""

    __tablename__ = "userkit_limit_hit"

    key: Mapped[bytes] = mapped_column(digest_type(), primary_key=True)
    hits: Mapped[int]
    expire_at: Mapped[dt.datetime] = mapped_column(index=True)
