"""What codes and links are sent for."""

from __future__ import annotations

from enum import StrEnum


class Purpose(StrEnum):
    """What a code is good for, and nothing else."""

    SIGN_IN = "sign_in"
    SIGN_UP = "sign_up"
    EMAIL_ADDRESS = "email_address"
    REVERIFICATION = "reverification"
