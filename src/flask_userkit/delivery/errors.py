"""What a sender raises, whatever it sends."""

from __future__ import annotations


class DeliveryError(Exception):
    """A message that was not taken.

    :param permanent: trying again is of no use, or might send the message twice.
    :param recipient: it is this recipient who gets nothing; others do.
    :param retry_after: seconds that the receiver asks to be left alone.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool,
        recipient: bool = False,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.recipient = recipient
        self.retry_after = retry_after
