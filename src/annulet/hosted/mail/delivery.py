"""Delivers a mail: reads its recipient, makes its one-time link, and hands it to the transport."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from zoneinfo import ZoneInfo

from sqlalchemy import select

from annulet.hosted.clock import Clock, from_epoch_s
from annulet.hosted.database import tables
from annulet.hosted.database.engine import ServiceDatabase
from annulet.hosted.mail.mail_texts import LINK_KINDS, MailKind, MailLinkKind, build_message
from annulet.hosted.mail.transports import MailTransport


class MailDelivery:
    """The handler of mail jobs.

    Args:
        create_link: Makes a one-time link of a kind for a person and returns its token.
        renew_invitation: Makes another token of an invitation and returns it with the address.
        sender: The address in ``From``.
        public_url: The address of the service.
    """

    def __init__(
        self,
        *,
        database: ServiceDatabase,
        clock: Clock,
        transport: MailTransport,
        create_link: Callable[[MailLinkKind, str], Awaitable[str]],
        renew_invitation: Callable[[str], Awaitable[tuple[str, str] | None]],
        sender: str,
        public_url: str,
    ) -> None:
        self._database = database
        self._clock = clock
        self._transport = transport
        self._create_link = create_link
        self._renew_invitation = renew_invitation
        self._sender = sender
        self._public_url = public_url

    async def deliver(self, arguments: Mapping[str, str]) -> None:
        """Send the mail of a job; a person who is gone or disabled gets none."""
        kind = MailKind(arguments["mail"])
        if kind is MailKind.INVITED:
            if invitation := await self._renew_invitation(arguments["link"]):
                await self._send(kind, invitation[1], {"token": invitation[0]})
            return
        person_id, p = arguments["person"], tables.people.c
        row = await self._database.fetch_one(
            select(p.login, p.timezone).where(p.id == person_id, p.disabled_at.is_(None))
        )
        if row is None:
            return
        facts = dict(arguments)
        if "at" in facts:
            moment = from_epoch_s(int(facts["at"])).astimezone(ZoneInfo(row.timezone))
            facts["when"] = f"{moment:%Y-%m-%d %H:%M} ({row.timezone})"
        if kind in LINK_KINDS:
            facts["token"] = await self._create_link(LINK_KINDS[kind], person_id)
        await self._send(kind, row.login, facts)

    async def _send(self, kind: MailKind, recipient: str, facts: Mapping[str, str]) -> None:
        message = build_message(
            kind,
            sender=self._sender,
            recipient=recipient,
            public_url=self._public_url,
            sent_at=self._clock(),
            facts=facts,
        )
        await self._transport.send(message)
