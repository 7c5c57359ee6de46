"""What can go wrong, in Clerk's vocabulary: a stable code for programs, a sentence for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self


class SetupError(RuntimeError):
    """The app is not set up; the message says what to do."""


class UserKitError(Exception):
    """Anything a caller can be told.

    :param message: one sentence for the person, already translated.
    :param code: a stable code; the class has a default.
    :param param: the name of the field that the error belongs to.
    :param retry_after: seconds to wait before trying again.
    """

    code = "request_invalid"
    status = 400

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.param = param
        self.retry_after = retry_after
        #: Written to the audit trail after the rollback that the error causes.
        self.audit: object | None = None

    def audited(self, event: object) -> Self:
        """Attach the event that this failure is."""
        self.audit = event
        return self

    def envelope(self) -> dict[str, list[dict[str, object]]]:
        """Return the error as Clerk's JSON envelope."""
        error: dict[str, object] = {
            "code": self.code,
            "message": self.message,
            "long_message": self.message,
            "meta": dict(self.meta()),
        }
        return {"errors": [error]}

    def meta(self) -> Mapping[str, object]:
        """Return what else a program is told."""
        return {"param_name": self.param} if self.param else {}


class FormError(UserKitError):
    """A value that cannot be taken."""

    code = "form_param_value_invalid"
    status = 422


class FormErrors(FormError):
    """Several values that cannot be taken, told at once."""

    def __init__(self, errors: list[FormError]) -> None:
        super().__init__(errors[0].message, code=errors[0].code, param=errors[0].param)
        self.errors = errors

    def envelope(self) -> dict[str, list[dict[str, object]]]:
        return {"errors": [entry for error in self.errors for entry in error.envelope()["errors"]]}


class NotAllowedError(FormError):
    """A value that could be taken, and that the app does not want."""

    code = "not_allowed_access"
    status = 403


class ImageError(UserKitError):
    """A file that is no picture."""

    code = "request_body_invalid"
    status = 400


class ImageTooLargeError(ImageError):
    """A picture of more bytes or pixels than are taken."""

    code = "image_too_large"
    status = 413


class VerificationError(UserKitError):
    """A verification that cannot go on: used, expired, failed or missing."""

    code = "verification_failed"
    status = 400


class AuthenticationError(UserKitError):
    """Nobody is signed in."""

    code = "authentication_invalid"
    status = 401


class ForbiddenError(UserKitError):
    """Not allowed."""

    code = "authorization_invalid"
    status = 403


class ReverificationError(ForbiddenError):
    """The person has to prove once more who they are."""

    code = "session_reverification_required"

    def __init__(self, message: str, *, reverification: Mapping[str, object]) -> None:
        """:param reverification: the level that is asked for, as Clerk's programs know it."""
        super().__init__(message)
        self.reverification = reverification

    def meta(self) -> Mapping[str, object]:
        return {"reverification": dict(self.reverification)}


class CsrfError(ForbiddenError):
    """The form is not from this browser, or from before a sign-in or sign-out."""

    code = "csrf_token_invalid"


class NotFoundError(UserKitError):
    """No such row, or not yours: the two are told alike."""

    code = "resource_not_found"
    status = 404


class RateLimitError(UserKitError):
    """Too many attempts."""

    code = "too_many_requests"
    status = 429
    #: The limit that was met.
    purpose: str | None = None


class UnavailableError(UserKitError):
    """A part that is needed, such as the database, does not answer."""

    code = "service_unavailable"
    status = 503
