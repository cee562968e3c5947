"""A small SMTP server that keeps what it receives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP


class Mailbox:
    """What the server has received, and how it treats the next message.

    Attributes:
        reply: What it says to each recipient; ``250 OK`` accepts.
        attempts: How many recipients it was told.
    """

    def __init__(self) -> None:
        self._received: asyncio.Queue[EmailMessage] = asyncio.Queue()
        self.reply, self.attempts, self.url = "250 OK", 0, ""

    async def handle_RCPT(self, _server, _session, envelope, address, _options) -> str:  # noqa: N802 - SMTP's
        self.attempts += 1
        if self.reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.reply

    async def handle_DATA(self, _server, _session, envelope) -> str:  # noqa: N802 - SMTP's
        message = message_from_bytes(envelope.content, policy=policy.default)
        message["X-Envelope-To"] = ",".join(envelope.rcpt_tos)
        self._received.put_nowait(message)
        return "250 OK"

    async def receive(self) -> EmailMessage:
        """Wait for the next message."""
        async with asyncio.timeout(60):
            return await self._received.get()

    @property
    def is_empty(self) -> bool:
        """Whether every message was received by the test."""
        return self._received.empty()


@asynccontextmanager
async def running_smtp_server(**options: Any) -> AsyncIterator[Mailbox]:
    """Run the server on a free port of this machine."""
    mailbox, loop = Mailbox(), asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(mailbox, hostname="localhost", enable_SMTPUTF8=False, loop=loop, **options),
        "127.0.0.1",
        0,
    )
    mailbox.url = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield mailbox
    finally:
        server.close()


def plain_text(message: EmailMessage) -> str:
    """The text part of a message."""
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())
