"""The outbox: what other rooms want to have sent."""

from __future__ import annotations

from collections.abc import Sequence

from annulet.hosted.jobs.job import Enqueue
from annulet.hosted.mail.mail_texts import MailKind

MAIL_JOB = "mail"


class Outbox:
    """Enqueues mail, where the service has a mail server.

    Attributes:
        is_on: Whether mail is sent at all; without a mail server every `post` does nothing.
    """

    def __init__(self, enqueue: Enqueue, *, is_on: bool) -> None:
        self._enqueue = enqueue
        self.is_on = is_on

    async def post(self, kind: MailKind, person_id: str, **facts: str) -> None:
        """Enqueue a mail to a person.

        Args:
            kind: What the mail says.
            person_id: Who receives it; an unknown one costs the same time and sends nothing.
            facts: What the text needs besides; never a secret.
        """
        if self.is_on:
            await self._enqueue(MAIL_JOB, {"mail": kind, "person": person_id, **facts})

    async def post_all(self, kind: MailKind, person_ids: Sequence[str]) -> None:
        """Enqueue the same mail to many people."""
        for person_id in person_ids:
            await self.post(kind, person_id)

    async def invite_all(self, link_ids: Sequence[str]) -> None:
        """Enqueue invitations, each to the address in the note of its link."""
        for link_id in link_ids if self.is_on else ():
            await self._enqueue(MAIL_JOB, {"mail": MailKind.INVITED, "link": link_id})
