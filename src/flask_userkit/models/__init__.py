"""The tables. SQLAlchemy only, one class a file."""

from __future__ import annotations

from .avatar import Avatar
from .base import Base
from .client import Client
from .data_export import DataExport
from .data_export import DataExportStatus
from .data_export_chunk import DataExportChunk
from .email_address import EmailAddress
from .event import Event
from .external_account import ExternalAccount
from .limit_hit import LimitHit
from .outbox_message import OutboxMessage
from .phone_number import PhoneNumber
from .session import Session
from .session import SessionStatus
from .sign_in import SignIn
from .sign_up import SignUp
from .suspended_form import SuspendedForm
from .user import User
from .verification import Verification

__all__ = [
    "Avatar",
    "Base",
    "Client",
    "DataExport",
    "DataExportChunk",
    "DataExportStatus",
    "EmailAddress",
    "Event",
    "ExternalAccount",
    "LimitHit",
    "OutboxMessage",
    "PhoneNumber",
    "Session",
    "SessionStatus",
    "SignIn",
    "SignUp",
    "SuspendedForm",
    "User",
    "Verification",
]
