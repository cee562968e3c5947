"""What an admin can do, the same from the page and from the shell."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from annulet.errors import UsageError
from annulet.hosted.accounts.people import ADMIN, ROLES, Person
from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.errors import NotFoundError
from annulet.hosted.mail.mail_texts import MailKind
from annulet.hosted.service import Service

_MAX_CAPACITY: Final = 1_000_000
_AT_ONCE: Final = 8


class AdminActions:
    """The admin's actions, each recorded in the audit log of the person concerned.

    Args:
        service: The service.
        actor: Who acts: the login of the admin, or ``shell``.
    """

    def __init__(self, service: Service, actor: str) -> None:
        self._service = service
        self._actor = actor

    async def approve(self, person_id: str) -> None:
        """Approve a person in the queue, also beyond the capacity.

        Raises:
            UsageError: The person is not in the queue.
        """
        if not await self._service.toolkit.queue.approve(person_id):
            raise UsageError("This person does not wait for approval.", hint="Load the page again.")
        await self._record(AuditAction.ADMIN_APPROVED, person_id)
        await self._service.outbox.post(MailKind.APPROVED, person_id)

    async def approve_many(self, person_ids: Sequence[str]) -> int:
        """Approve people in the queue, also beyond the capacity.

        Returns:
            How many of them had waited.
        """
        approved = await self._service.toolkit.queue.approve_many(person_ids)
        for person_id in approved:
            self._service.audit.add(AuditAction.ADMIN_APPROVED, person_id, actor=self._actor)
        await self._service.audit.try_flush()
        await self._service.outbox.post_all(MailKind.APPROVED, approved)
        return len(approved)

    async def set_role(self, person_id: str, role: str) -> None:
        """Make a person a member, support or an admin; it counts from their next request on.

        Raises:
            UsageError: There is no such role, or it is the last admin.
        """
        person = await self._service.accounts.people.get(person_id)
        if role not in ROLES:
            raise UsageError("There is no such role.", hint=f"Choose one of {', '.join(ROLES)}.")
        if role == ADMIN:
            await self._service.accounts.people.change(person.id, role=role)
        elif not await self._service.accounts.people.demote(person.id, role):
            raise _last_admin()
        await self._record(AuditAction.ADMIN_ROLE, person.id)

    async def invite_all(self, addresses: Sequence[str]) -> list[str]:
        """Create an invitation for each address; with mail they are sent.

        Returns:
            The links, in the order of the addresses.
        """
        made = await self._service.accounts.links.invite_all(addresses)
        await self._service.outbox.invite_all([link_id for link_id, _ in made])
        await self._record(AuditAction.ADMIN_INVITED, None)
        url = f"{self._service.settings.public_url}/sign-up?invitation="
        return [url + token for _, token in made]

    async def set_capacity(self, capacity: int) -> int:
        """Change the capacity; new places go to the people who wait longest.

        Returns:
            How many people were approved by that.

        Raises:
            UsageError: The number is out of range.
        """
        if not 0 <= capacity <= _MAX_CAPACITY:
            raise UsageError("The capacity is out of range.", hint="Give a number from 0 up.")
        approved = await self._service.toolkit.queue.set_capacity(capacity)
        await self._service.toolkit.connections.record_approvals(approved)
        await self._record(AuditAction.ADMIN_CAPACITY, None)
        return len(approved)

    async def create_invitation(self, note: str) -> str:
        """Create an invitation and return its link."""
        token = await self._service.accounts.links.create("invite", note=note)
        await self._record(AuditAction.ADMIN_INVITED, None)
        return f"{self._service.settings.public_url}/sign-up?invitation={token}"

    async def withdraw_invitation(self, link_id: str) -> None:
        """Withdraw an invitation, so that its link no longer works.

        Raises:
            NotFoundError: There is no such invitation, or it was used.
        """
        if not await self._service.accounts.links.withdraw_invitation(link_id):
            raise NotFoundError(
                "There is no such invitation.", hint="It may have been used or withdrawn already."
            )
        await self._record(AuditAction.ADMIN_INVITATION_WITHDRAWN, None)

    async def create_reset_link(self, person_id: str) -> str:
        """Create a link with which a person sets a new password, and return it.

        Raises:
            NotFoundError: There is no such person.
        """
        person = await self._service.accounts.people.get(person_id)
        token = await self._service.accounts.links.create("reset", person_id=person.id)
        await self._record(AuditAction.ADMIN_RESET_LINK, person.id)
        return f"{self._service.settings.public_url}/reset?link={token}"

    async def disable(self, person_id: str) -> None:
        """Lock an account: browsers, keys and assistants stop at once; nothing is deleted.

        Raises:
            UsageError: It is the last admin.
        """
        person = await self._service.accounts.people.get(person_id)
        await self._disable_unless_last_admin(person)
        await self._record(AuditAction.ADMIN_DISABLED, person.id)

    async def enable(self, person_id: str) -> None:
        """Unlock an account."""
        person = await self._service.accounts.people.get(person_id)
        await self._service.accounts.people.change(person.id, disabled_at=None)
        await self._record(AuditAction.ADMIN_ENABLED, person.id)

    async def delete(self, person_id: str) -> None:
        """Delete an account; its grant at Oura is revoked first.

        Raises:
            UsageError: It is the last admin.
        """
        person = await self._service.accounts.people.get(person_id)
        # disabled first: of two admins who delete each other at once, one stays
        await self._disable_unless_last_admin(person)
        await self._service.delete_person(person.id)
        await self._record(AuditAction.ADMIN_DELETED, None)

    async def disconnect(self, person_id: str) -> None:
        """End a person's connection, and revoke its grant at Oura, now or by a job."""
        await self._service.toolkit.connections.delete_connection(person_id)
        await self._record(AuditAction.ADMIN_DISCONNECTED, person_id)

    async def disconnect_everyone(self) -> int:
        """End every connection, and revoke each grant at Oura; returns how many there were."""
        people = await self._service.toolkit.connection_statuses.list_connected()
        limit = asyncio.Semaphore(_AT_ONCE)

        async def end(person_id: str) -> None:
            async with limit:
                await self.disconnect(person_id)

        await asyncio.gather(*(end(person_id) for person_id in people))
        return len(people)

    async def revoke_key(self, key_id: str) -> None:
        """Revoke the API key of any person.

        Raises:
            UsageError: There is no such key.
        """
        if not await self._service.authorization.api_keys.revoke_any(key_id):
            raise UsageError("There is no such key.", hint="It may have been revoked already.")
        await self._record(AuditAction.ADMIN_KEY_REVOKED, None)

    async def switch_updates(self, *, on: bool) -> None:
        """Decide whether Oura shall send events; the reconciler changes the subscriptions.

        Raises:
            UsageError: There is no application at Oura that could receive them.
        """
        settings = self._service.settings
        if on and (not settings.client_id or settings.client_secret is None):
            raise UsageError(
                "This service has no application at Oura yet, so Oura has no events for it.",
                hint="Set ANNULET_CLIENT_ID and ANNULET_CLIENT_SECRET, and restart the service.",
            )
        before = await self._service.webhooks.settings.read_desired()
        await self._service.webhooks.settings.decide(on=on)
        if before.on != on:
            await self._record(
                AuditAction.ADMIN_UPDATES_ON if on else AuditAction.ADMIN_UPDATES_OFF, None
            )

    async def find_person(self, login: str) -> Person:
        """Find the person with this e-mail address.

        Raises:
            UsageError: There is no such person.
        """
        person = await self._service.accounts.people.find_by_login(login)
        if person is None:
            raise UsageError(
                "There is no account with this e-mail address.", hint="See: annulet admin show"
            )
        return person

    async def _disable_unless_last_admin(self, person: Person) -> None:
        if not await self._service.accounts.people.disable(person.id):
            raise _last_admin()
        await self._service.accounts.sessions.end_others(person.id)

    async def _record(self, action: AuditAction, person_id: str | None) -> None:
        await self._service.audit.record(action, person_id, actor=self._actor)


def _last_admin() -> UsageError:
    return UsageError("This is the last admin.", hint="Make another one: annulet admin create")
