from __future__ import annotations

import datetime as dt
import typing as t

from sqlalchemy import ForeignKey
from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy import literal
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column
from sqlalchemy.orm import relationship

from ..errors import SetupError
from .avatar import DIGEST_LENGTH
from .base import Base
from .person import Person
from .types import ID_LENGTH
from .types import json_type
from .types import key_type
from .types import text_type

if t.TYPE_CHECKING:
    from .email_address import EmailAddress
    from .external_account import ExternalAccount
    from .phone_number import PhoneNumber
    from .session import Session

NAME_LENGTH = 100
USERNAME_LENGTH = 64


class User(Person, Base):
    """A person with an account.

    An app adds columns by subclassing it once; every row then loads as the subclass, also one
    that is reached through a relationship of the kit.
    """

    __tablename__ = "userkit_user"
    __table_args__ = (Index("ix_userkit_user_created_at_id", "created_at", "id"),)
    # One identity for every row, and no column for it: a subclass takes it over.
    __mapper_args__ = {
        "polymorphic_on": literal("user"),
        "polymorphic_identity": "user",
    }
    _subclass: t.ClassVar[type[User] | None] = None

    id: Mapped[str] = mapped_column(key_type(ID_LENGTH), primary_key=True)
    external_id: Mapped[str | None] = mapped_column(key_type(255), unique=True)
    username: Mapped[str | None] = mapped_column(text_type(USERNAME_LENGTH))
    username_key: Mapped[str | None] = mapped_column(key_type(USERNAME_LENGTH), unique=True)
    first_name: Mapped[str | None] = mapped_column(text_type(NAME_LENGTH))
    last_name: Mapped[str | None] = mapped_column(text_type(NAME_LENGTH))
    #: Names the picture in its address; the picture itself is in a table of its own.
    avatar_digest: Mapped[str | None] = mapped_column(key_type(DIGEST_LENGTH))
    password_digest: Mapped[str | None] = mapped_column(key_type(255))
    password_updated_at: Mapped[dt.datetime | None]
    # A pointer, not a flag per address: it cannot name two at once, in no order of writes.
    primary_email_address_id: Mapped[str | None] = mapped_column(
        key_type(ID_LENGTH),
        ForeignKey("userkit_email_address.id", ondelete="SET NULL", use_alter=True),
        index=True,
    )
    primary_phone_number_id: Mapped[str | None] = mapped_column(
        key_type(ID_LENGTH),
        ForeignKey("userkit_phone_number.id", ondelete="SET NULL", use_alter=True),
        index=True,
    )
    public_metadata: Mapped[dict[str, t.Any]] = mapped_column(json_type(), default=dict)
    private_metadata: Mapped[dict[str, t.Any]] = mapped_column(json_type(), default=dict)
    unsafe_metadata: Mapped[dict[str, t.Any]] = mapped_column(json_type(), default=dict)
    banned: Mapped[bool] = mapped_column(default=False)
    #: Whether this person may delete their account by themselves, where people may at all.
    delete_self_enabled: Mapped[bool] = mapped_column(default=True)
    #: Providers that this person has disconnected: none of them is connected by itself again.
    disconnected_providers: Mapped[list[str] | None] = mapped_column(json_type())
    #: Until when no password signs in, after too many that were wrong.
    locked_until: Mapped[dt.datetime | None]
    #: What makes devices known: with another, none is. None until the first change.
    device_key: Mapped[str | None] = mapped_column(String(32))
    last_sign_in_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]

    email_addresses: Mapped[list[EmailAddress]] = relationship(
        "flask_userkit.models.email_address.EmailAddress",
        back_populates="user",
        foreign_keys="flask_userkit.models.email_address.EmailAddress.user_id",
        order_by="flask_userkit.models.email_address.EmailAddress.id",
        passive_deletes=True,
    )
    phone_numbers: Mapped[list[PhoneNumber]] = relationship(
        "flask_userkit.models.phone_number.PhoneNumber",
        back_populates="user",
        foreign_keys="flask_userkit.models.phone_number.PhoneNumber.user_id",
        order_by="flask_userkit.models.phone_number.PhoneNumber.id",
        passive_deletes=True,
    )
    external_accounts: Mapped[list[ExternalAccount]] = relationship(
        "flask_userkit.models.external_account.ExternalAccount",
        back_populates="user",
        order_by="flask_userkit.models.external_account.ExternalAccount.id",
        passive_deletes=True,
    )
    sessions: Mapped[list[Session]] = relationship(
        "flask_userkit.models.session.Session", back_populates="user", passive_deletes=True
    )

    def __init_subclass__(cls, **kwargs: t.Any) -> None:
        if User._subclass is not None:
            raise SetupError(
                f"{cls.__qualname__} is a second subclass of flask_userkit.models.User; "
                f"{User._subclass.__qualname__} is the first, and a process has one."
            )
        User._subclass = cls
        User.__mapper__.polymorphic_map.pop("user")
        cls.__mapper_args__ = {"polymorphic_identity": "user", "polymorphic_load": "inline"}
        super().__init_subclass__(**kwargs)

    @property
    def password_enabled(self) -> bool:
        return self.password_digest is not None

    @property
    def primary_email_address(self) -> EmailAddress | None:
        wanted = self.primary_email_address_id
        return next((email for email in self.email_addresses if email.id == wanted), None)

    @property
    def primary_phone_number(self) -> PhoneNumber | None:
        wanted = self.primary_phone_number_id
        return next((phone for phone in self.phone_numbers if phone.id == wanted), None)

    @property
    def identifier(self) -> str:
        if self.username:
            return self.username
        email, phone = self.primary_email_address, self.primary_phone_number
        if email is not None:
            return email.email_address
        return phone.phone_number if phone is not None else self.id

    @property
    def _names(self) -> tuple[str | None, str | None]:
        return self.first_name, self.last_name

    @property
    def _id(self) -> str:
        return self.id

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id}>"
