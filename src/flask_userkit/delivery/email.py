"""Mail: what a message is, and the senders that take it."""

from __future__ import annotations

import datetime as dt
import smtplib
import ssl
import typing as t
from contextlib import suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import parse_qs
from urllib.parse import unquote
from urllib.parse import urlsplit

from ..errors import SetupError
from ..security.addresses import parse_email_address
from .errors import DeliveryError as DeliveryError

TIMEOUT = 10


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one address."""

    to: str
    sender: str
    subject: str
    text: str
    html: str
    message_id: str
    sent_at: dt.datetime


class EmailSender(t.Protocol):
    """Anything that takes mail."""

    def send(self, mail: Mail, /) -> None:
        """Hand one mail over.

        :raises DeliveryError: it was not taken.
        """


def to_message(mail: Mail) -> EmailMessage:
    """Return the mail as a message (RFC 5322); a line break in a header raises ValueError."""
    message = EmailMessage(policy=SMTP)
    message["From"] = _sender(mail)
    message["To"] = to_ascii_domain(mail.to)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.sent_at)
    message["Message-ID"] = mail.message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


def to_ascii_domain(address: str) -> str:
    """Return an address with its domain in ASCII, as a server without SMTPUTF8 takes it.

    Where the name before it is not ASCII, it needs such a server anyway and stays as it is.
    """
    name, _at, domain = address.rpartition("@")
    if domain.isascii() or not name.isascii():
        return address
    # Made as the key of the address is, or mail could go to another domain than that.
    known = parse_email_address(address)
    return f"{name}@{known.domain}" if known else address


def _sender(mail: Mail) -> str | Address:
    name, address = parseaddr(mail.sender)
    written = to_ascii_domain(address)
    return mail.sender if written == address else Address(name, addr_spec=written)


class SmtpSender:
    """Sends by SMTP: ``smtp://`` with STARTTLS where it is offered, ``smtps://`` inside TLS.

    ``?starttls=required`` refuses a server that does not offer it; with a user name that is
    the rule, so that no password travels in the open.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if not parts.hostname:
            raise ValueError("no host")
        self._host = parts.hostname
        self._inside_tls = parts.scheme == "smtps"
        self._port = parts.port or (465 if self._inside_tls else 25)
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password or "")
        asked = parse_qs(parts.query).get("starttls", [""])[0] == "required"
        self._starttls_required = asked or self._user is not None

    def send(self, mail: Mail) -> None:
        try:
            message = to_message(mail)
            smtp = self._connect()
            try:
                smtp.send_message(message, to_addrs=[to_ascii_domain(mail.to)])
                # The mail is taken: a farewell that fails must not send it again.
                with suppress(smtplib.SMTPException, OSError):
                    smtp.quit()
            finally:
                smtp.close()
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise DeliveryError(f"refused: {codes}", permanent=min(codes) >= 500) from error
        except smtplib.SMTPNotSupportedError as error:
            raise DeliveryError("the server lacks SMTPUTF8", permanent=True) from error
        except smtplib.SMTPResponseException as error:
            # Wrong credentials are the operator's to mend; the mail waits for that.
            permanent = error.smtp_code >= 500 and not isinstance(
                error, smtplib.SMTPAuthenticationError | smtplib.SMTPConnectError
            )
            raise DeliveryError(f"answered {error.smtp_code}", permanent=permanent) from error
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryError(type(error).__name__, permanent=False) from error
        except ValueError as error:
            raise DeliveryError("a header cannot be written", permanent=True) from error

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self._inside_tls:
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, timeout=TIMEOUT, context=context
            )
        else:
            smtp = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT)
        try:
            smtp.ehlo_or_helo_if_needed()
            if not self._inside_tls and smtp.has_extn("starttls"):
                smtp.starttls(context=context)
            elif not self._inside_tls and self._starttls_required:
                raise DeliveryError("the server does not offer STARTTLS", permanent=False)
            if self._user is not None:
                smtp.login(self._user, self._password)
        except BaseException:
            smtp.close()
            raise
        return smtp


class FileSender:
    """Writes each mail into a folder, as one ``.eml`` file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, mail: Mail) -> None:
        name = f"{mail.sent_at:%Y%m%dT%H%M%S%f}-{mail.message_id.strip('<>').partition('@')[0]}"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            partial = self._folder / f".{name}.partial"
            partial.write_bytes(to_message(mail).as_bytes())
            partial.replace(self._folder / f"{name}.eml")
        except ValueError as error:
            raise DeliveryError("a header cannot be written", permanent=True) from error
        except OSError as error:
            raise DeliveryError(type(error).__name__, permanent=False) from error


def sender_from_url(url: str) -> EmailSender:
    """Return the sender that ``USERKIT_MAIL_URL`` names.

    :raises SetupError: no such kind of sender.
    """
    with suppress(ValueError):
        parts = urlsplit(url)
        if parts.scheme in ("smtp", "smtps"):
            return SmtpSender(url)
        if parts.scheme == "file" and parts.path:
            return FileSender(Path(unquote(parts.path)))
    # Without what could not be read, which may be a part of the password.
    raise SetupError(
        "USERKIT_MAIL_URL is smtp://user:password@host:587, smtps://… or file:///folder, "
        "with %40 for an @ inside."
    )
