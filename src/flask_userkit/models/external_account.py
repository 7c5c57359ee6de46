from __future__ import annotations

import datetime as dt
import typing as t

from sqlalchemy import ForeignKey
from sqlalchemy import String
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column
from sqlalchemy.orm import relationship

from .base import Base
from .types import ADDRESS_LENGTH
from .types import ID_LENGTH
from .types import key_type
from .types import long_text_type
from .types import text_type
from .user import NAME_LENGTH

if t.TYPE_CHECKING:
    from .user import User

PROVIDER_LENGTH = 24
#: The longest subject that a provider may give out (OpenID Connect Core section 2).
SUBJECT_LENGTH = 255


class ExternalAccount(Base):
    """An account at a provider that a user signs in with.

    It is known by who issued it and what it is called there, which never changes. What else is
    here is what the provider said last, and proves nothing. Tokens are encrypted.
    """

    __tablename__ = "userkit_external_account"
    # The index decides whose it is where two connect it at once.
    __table_args__ = (UniqueConstraint("provider", "issuer", "provider_user_id"),)

    id: Mapped[str] = mapped_column(key_type(ID_LENGTH), primary_key=True)
    user_id: Mapped[str] = mapped_column(
        key_type(ID_LENGTH), ForeignKey("userkit_user.id", ondelete="CASCADE"), index=True
    )
    provider: Mapped[str] = mapped_column(key_type(PROVIDER_LENGTH))
    issuer: Mapped[str] = mapped_column(key_type(255))
    provider_user_id: Mapped[str] = mapped_column(key_type(SUBJECT_LENGTH))
    email_address: Mapped[str | None] = mapped_column(text_type(ADDRESS_LENGTH))
    username: Mapped[str | None] = mapped_column(text_type(NAME_LENGTH))
    first_name: Mapped[str | None] = mapped_column(text_type(NAME_LENGTH))
    last_name: Mapped[str | None] = mapped_column(text_type(NAME_LENGTH))
    image_url: Mapped[str | None] = mapped_column(long_text_type())
    #: What the provider lets the app do, a space between each.
    approved_scopes: Mapped[str] = mapped_column(long_text_type())
    access_token: Mapped[str | None] = mapped_column(long_text_type())
    refresh_token: Mapped[str | None] = mapped_column(long_text_type())
    token_expire_at: Mapped[dt.datetime | None]
    #: Until when one process has the refreshing of the token to itself.
    refresh_lease_expire_at: Mapped[dt.datetime | None]
    #: What was wrong with it when it was last used; None while it works.
    error_code: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]

    user: Mapped[User] = relationship(
        "flask_userkit.models.user.User", back_populates="external_accounts"
    )

    def __repr__(self) -> str:
        return f"<ExternalAccount {self.id}>"
