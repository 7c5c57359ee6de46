"""What codes and links are sent for, and providers asked."""

from __future__ import annotations

from enum import StrEnum


class Purpose(StrEnum):
    """What a code, a link or the answer of a provider is good for, and nothing else."""

    SIGN_IN = "sign_in"
    SIGN_UP = "sign_up"
    PASSWORD_RESET = "password_reset"
    EMAIL_ADDRESS = "email_address"
    PHONE_NUMBER = "phone_number"
    REVERIFICATION = "reverification"
    OAUTH_SIGN_IN = "oauth_sign_in"
    OAUTH_SIGN_UP = "oauth_sign_up"
    OAUTH_CONNECTION = "oauth_connection"
    OAUTH_REVERIFICATION = "oauth_reverification"
