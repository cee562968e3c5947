"""The ways out for a message: an SMTP server, or the terminal for trying out."""

from __future__ import annotations

import sys
from email.message import EmailMessage
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

from annulet.hosted.jobs.job import JobAbandonedError
from annulet.vault.secret import Secret

_TIMEOUT_S: Final = 20
_PERMANENT: Final = 500
_PORTS: Final = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


class MailTransport(Protocol):
    """Sends a message or raises."""

    async def send(self, message: EmailMessage) -> None:
        """Send a message.

        Raises:
            JobAbandonedError: The server refuses this message for good.
        """


class ConsoleTransport:
    """Shows messages on standard error, with their one-time links; for trying out."""

    async def send(self, message: EmailMessage) -> None:
        """Show a message."""
        text = message.get_body(("plain",))
        words = text.get_content() if text is not None else ""
        sys.stderr.write(f"\nMail to {message['To']}: {message['Subject']}\n{words}\n")


class SmtpTransport:
    """Sends messages to an SMTP server, one connection each.

    Args:
        url: ``smtp+tls://user:password@host:587`` (STARTTLS), ``smtps://`` (TLS from the start), or
            ``smtp://`` on this machine.
    """

    def __init__(self, url: Secret) -> None:
        self._url = url

    async def send(self, message: EmailMessage) -> None:
        """Send a message; certificates are checked.

        Raises:
            JobAbandonedError: The server refuses this message for good.
            SMTPException: Anything else that another attempt may mend.
        """
        import aiosmtplib

        parts = urlsplit(self._url.reveal())
        try:
            await aiosmtplib.send(
                message,
                hostname=parts.hostname,
                port=parts.port or _PORTS[parts.scheme],
                username=unquote(parts.username) if parts.username else None,
                password=unquote(parts.password) if parts.password else None,
                use_tls=parts.scheme == "smtps",
                start_tls=parts.scheme == "smtp+tls",
                local_hostname="localhost",
                timeout=_TIMEOUT_S,
            )
        except aiosmtplib.SMTPRecipientsRefused as refused:
            if all(recipient.code >= _PERMANENT for recipient in refused.recipients):
                raise JobAbandonedError("the mail server refuses the recipient") from None
            raise


def open_transport(url: Secret | None) -> MailTransport:
    """Choose the transport of an ``ANNULET_SMTP_URL``; without one nothing is ever sent."""
    is_smtp = url is not None and url.reveal() != "console:"
    return SmtpTransport(url) if url is not None and is_smtp else ConsoleTransport()
