"""What an admin can do, the same from the page and from the shell."""

from __future__ import annotations

from annulet.errors import UsageError
from annulet.hosted.accounts.people import Person
from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.service import Service
from annulet.hosted.webhooks.subscription_status import check_possible

__all__ = ["AdminActions"]

_LARGEST_CAPACITY = 1_000_000


class AdminActions:
    """The admin's actions.

    Args:
        service: The service.
        actor: Who acts, for the audit log of the people concerned.
    """

    def __init__(self, service: Service, actor: str) -> None:
        self._service = service
        self._actor = actor

    async def approve(self, person_id: str) -> None:
        """Approve somebody who waits, also beyond the capacity.

        Raises:
            UsageError: The person does not wait.
        """
        if not await self._service.toolkit.queue.approve(person_id):
            raise UsageError("This person does not wait for approval.", hint="Load the page again.")
        await self._record(AuditAction.ADMIN_APPROVED, person_id)

    async def set_capacity(self, capacity: int) -> int:
        """Change the capacity; new places go to who waits longest.

        Returns:
            How many were approved by that.

        Raises:
            UsageError: The number is out of range.
        """
        if not 0 <= capacity <= _LARGEST_CAPACITY:
            raise UsageError("The capacity is out of range.", hint="Give a number from 0 up.")
        approved = await self._service.toolkit.queue.set_capacity(capacity)
        await self._service.toolkit.connections.tell_approved(approved)
        await self._record(AuditAction.ADMIN_CAPACITY, None)
        return len(approved)

    async def invite(self, note: str) -> str:
        """An invitation link."""
        token = await self._service.accounts.links.create("invite", note=note)
        await self._record(AuditAction.ADMIN_INVITED, None)
        return f"{self._service.settings.public_url}/sign-up?invitation={token}"

    async def reset_link(self, person_id: str) -> str:
        """A link with which a person sets a new password."""
        person = await self._service.accounts.people.get(person_id)
        token = await self._service.accounts.links.create("reset", person_id=person.id)
        await self._record(AuditAction.ADMIN_RESET_LINK, person.id)
        return f"{self._service.settings.public_url}/reset?link={token}"

    async def disable(self, person_id: str) -> None:
        """Lock an account: browsers, tokens and keys stop working at once; nothing is deleted.

        Raises:
            UsageError: It is the last admin.
        """
        person = await self._other_than_last_admin(person_id)
        now = int(self._service.clock().timestamp())
        await self._service.accounts.people.change(person.id, disabled_at=now)
        await self._service.accounts.sessions.end_others(person.id)
        self._service.toolkit.contexts.forget(person.id)
        self._service.authorization.bearers.forget()
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
        person = await self._other_than_last_admin(person_id)
        await self._service.toolkit.connections.drop(person.id)
        await self._service.toolkit.connections.tell_approved(
            await self._service.toolkit.queue.withdraw(person.id)
        )
        await self._service.accounts.people.delete(person.id)
        self._service.authorization.bearers.forget()
        await self._record(AuditAction.ADMIN_DELETED, None)

    async def revoke_key(self, key_id: str) -> None:
        """End anybody's API key.

        Raises:
            UsageError: There is no such key.
        """
        if not await self._service.authorization.api_keys.revoke_any(key_id):
            raise UsageError("There is no such key.", hint="It may have been revoked already.")
        self._service.authorization.bearers.forget()
        await self._record(AuditAction.ADMIN_KEY_REVOKED, None)

    async def updates_on(self) -> None:
        """Let Oura tell of new data; the keeper makes the subscriptions.

        Raises:
            UsageError: There is no application, or Oura cannot reach this service.
        """
        check_possible(self._service.settings)
        await self._service.webhooks.settings.turn(on=True)
        await self._record(AuditAction.ADMIN_UPDATES_ON, None)

    async def updates_off(self) -> None:
        """Let Oura tell no longer; the keeper ends the subscriptions."""
        await self._service.webhooks.settings.turn(on=False)
        await self._record(AuditAction.ADMIN_UPDATES_OFF, None)

    async def person(self, login: str) -> Person:
        """The person with this e-mail address.

        Raises:
            UsageError: There is none.
        """
        person = await self._service.accounts.people.find_by_login(login)
        if person is None:
            raise UsageError(
                "There is no account with this e-mail address.", hint="See: annulet admin people"
            )
        return person

    async def _other_than_last_admin(self, person_id: str) -> Person:
        person = await self._service.accounts.people.get(person_id)
        admins = [
            p
            for p in await self._service.accounts.people.list_all()
            if p.is_admin and not p.disabled_at
        ]
        if person.is_admin and len(admins) <= 1:
            raise UsageError(
                "This is the last admin.", hint="Make another one: annulet admin create"
            )
        return person

    async def _record(self, word: AuditAction, person_id: str | None) -> None:
        await self._service.audit.record(word, person_id, actor=self._actor)
