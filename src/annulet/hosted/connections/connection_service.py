"""What a person does with the toolkit: register, withdraw, connect, check, disconnect.

Each action is checked against the stage of the person before anything is written.
"""

from __future__ import annotations

import dataclasses
import logging
from typing import TYPE_CHECKING, Final

from annulet.client import OuraClient
from annulet.contract.documents import PersonalInfo
from annulet.contract.scopes import SCOPES
from annulet.errors import AnnuletError
from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.audit.audit_log import AuditLog
from annulet.hosted.connections.contexts import Contexts
from annulet.hosted.connections.orphans import Orphans
from annulet.hosted.connections.oura_accounts import OuraAccounts
from annulet.hosted.connections.oura_authorization import CallbackResult, OuraAuthorization
from annulet.hosted.connections.read_health import ReadHealth
from annulet.hosted.connections.toolkit_status import ToolkitStatus, ToolkitStatuses
from annulet.hosted.mail.mail_texts import MailKind
from annulet.hosted.mail.outbox import Outbox
from annulet.hosted.registrations.registration_queue import RegistrationQueue
from annulet.hosted.registrations.stages import Action, Registration, check_allowed
from annulet.hosted.web.json_log import LOGGER
from annulet.oauth.connect_errors import ConnectFailed
from annulet.oauth.grant import Grant
from annulet.oauth.grant_store import StoredGrant
from annulet.oauth.revoke import Revocation, revoke
from annulet.settings import Settings

if TYPE_CHECKING:
    import httpx2

_REQUESTED_SCOPES: Final = tuple(SCOPES)
"""Everything Oura offers; at Oura the person can untick what is not to be shared."""
_PROBE_DEADLINE_S: Final = 15
_LOCK_WAIT_S: Final = 30


class ConnectionService:
    """The actions of the toolkit row.

    Args:
        http: Towards Oura.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        queue: RegistrationQueue,
        statuses: ToolkitStatuses,
        authorization: OuraAuthorization,
        contexts: Contexts,
        read_health: ReadHealth,
        oura_accounts: OuraAccounts,
        orphans: Orphans,
        audit: AuditLog,
        outbox: Outbox,
        http: httpx2.AsyncClient,
    ) -> None:
        self._settings = settings
        self._queue = queue
        self._statuses = statuses
        self._authorization = authorization
        self._contexts = contexts
        self._read_health = read_health
        self._oura_accounts = oura_accounts
        self._orphans = orphans
        self._audit = audit
        self._outbox = outbox
        self._http = http

    async def register(self, person_id: str) -> Registration:
        """Register a person for the toolkit.

        Raises:
            ActionNotAllowedError: The person is registered already.
        """
        await self._check_allowed(person_id, Action.REGISTER)
        registration = await self._queue.register(person_id)
        await self._audit.record(AuditAction.REGISTERED, person_id)
        if registration is Registration.APPROVED:
            await self._audit.record(AuditAction.REGISTRATION_APPROVED, person_id)
        return registration

    async def withdraw(self, person_id: str) -> None:
        """Take a person out of the queue.

        Raises:
            ActionNotAllowedError: The person is not in the queue.
        """
        await self._check_allowed(person_id, Action.WITHDRAW)
        await self.record_approvals(await self._queue.remove(person_id))
        await self._audit.record(AuditAction.REGISTRATION_WITHDRAWN, person_id)

    async def record_approvals(self, person_ids: list[str]) -> None:
        """Record in the audit log that waiting people were approved, and tell them by mail."""
        for person_id in person_ids:
            self._audit.add(AuditAction.REGISTRATION_APPROVED, person_id)
        await self._audit.try_flush()
        await self._outbox.post_all(MailKind.APPROVED, person_ids)

    async def start_authorization(self, person_id: str, session_id: str) -> str:
        """Start an authorization at Oura.

        Returns:
            Oura's consent page, where the browser goes next.

        Raises:
            ActionNotAllowedError: The person is not approved.
        """
        await self._check_allowed(person_id, Action.CONNECT)
        url = await self._authorization.start(person_id, session_id, _REQUESTED_SCOPES)
        await self._audit.record(AuditAction.CONNECT_STARTED, person_id)
        return url

    async def finish_authorization(
        self, person_id: str, session_id: str, query: str
    ) -> CallbackResult | None:
        """Handle the callback from Oura; a new grant is stored before anything else is done.

        Returns:
            ``None`` when the callback belongs to no authorization of this browser.

        Raises:
            ActionNotAllowedError: The approval ended meanwhile; nothing is exchanged.
        """
        await self._check_allowed(person_id, Action.CONNECT)
        result = await self._authorization.finish(person_id, session_id, query)
        if result is None or result.next_consent_url:
            return result
        if result.grant is None:
            is_denied = getattr(result.failure, "reason", "") == "denied"
            if isinstance(result.failure, ConnectFailed) and result.failure.is_about_application:
                # The person can do nothing about it: the operator has to learn it from the log.
                logging.getLogger(LOGGER).error("connect failed: %s", result.failure.message)
            await self._audit.record(
                AuditAction.CONNECT_DENIED if is_denied else AuditAction.CONNECT_FAILED,
                person_id,
                status="refused" if is_denied else "error",
            )
            return result
        await self._store_new_grant(person_id, result.grant)
        await self._audit.record(AuditAction.CONNECTED, person_id)
        return result

    async def disconnect(self, person_id: str) -> Revocation:
        """Delete the tokens here at once, then revoke the grant at Oura.

        Raises:
            ActionNotAllowedError: There is no connection.
        """
        await self._check_allowed(person_id, Action.DISCONNECT)
        revocation = await self.delete_connection(person_id)
        await self._audit.record(AuditAction.DISCONNECTED, person_id, status=revocation)
        return revocation

    async def check_reads(self, person_id: str) -> ToolkitStatus:
        """Ask Oura whether reads work again.

        Raises:
            ActionNotAllowedError: There is no connection.
        """
        await self._check_allowed(person_id, Action.CHECK)
        stored = await self._contexts.grant_store(person_id).load()
        if stored is not None and stored.needs_reconnect is None:
            await self._probe_and_record(person_id, stored)
        return await self._statuses.read(person_id)

    async def delete_connection(self, person_id: str) -> Revocation:
        """Delete the connection, if there is one, and revoke its grant at Oura.

        A job goes on trying to revoke it where Oura does not answer now.
        """
        store = self._contexts.grant_store(person_id)
        grant: Grant | None = None
        try:
            # a renewal under way ends first, else its new tokens would outlive the disconnection
            async with store.lock(wait=_LOCK_WAIT_S):
                stored = await store.load()
                grant = stored.grant if stored else None
                await store.remove()
        except AnnuletError:
            # a row that cannot be unsealed (lost key) is removed all the same
            await store.remove()
        self._contexts.close_person(person_id)
        if grant is None:
            return "unsupported"
        is_ours = grant.client_id == self._settings.client_id
        client_secret = self._settings.client_secret if is_ours else None
        outcome = await revoke(grant, client_secret, http=self._http)
        if outcome == "unreachable":
            await self._orphans.add(person_id, grant)
        return outcome

    async def delete_person(self, person_id: str) -> None:
        """Delete the connection and the registration of a person who leaves the service."""
        await self.delete_connection(person_id)
        await self.record_approvals(await self._queue.remove(person_id))

    async def identify_oura_account(self, person_id: str) -> None:
        """Ask Oura whose account a connection belongs to, so that events find the person."""
        stored = await self._contexts.grant_store(person_id).load()
        if stored is not None and stored.needs_reconnect is None:
            _, info = await self._probe(stored.grant)
            await self._remember_oura_account(person_id, stored, info)

    async def _check_allowed(self, person_id: str, action: Action) -> None:
        status = await self._statuses.read(person_id)
        check_allowed(status.stage, action)

    async def _store_new_grant(self, person_id: str, grant: Grant) -> None:
        store = self._contexts.grant_store(person_id)
        stored = await store.replace(grant)
        await self._orphans.forget(person_id)
        self._contexts.close_person(person_id)
        info = await self._probe_and_record(person_id, stored)
        if info is not None and info.email:
            named = dataclasses.replace(grant, oura_account=info.email)
            await store.save(stored.generation, named)

    async def _probe_and_record(self, person_id: str, stored: StoredGrant) -> PersonalInfo | None:
        before = await self._statuses.read_state(person_id)
        outcome, info = await self._probe(stored.grant)
        await self._read_health.record(person_id, outcome, before)
        await self._remember_oura_account(person_id, stored, info)
        return info

    async def _remember_oura_account(
        self, person_id: str, stored: StoredGrant, info: PersonalInfo | None
    ) -> None:
        if info is not None and info.id:
            await self._oura_accounts.remember(person_id, stored.generation, info.id)

    async def _probe(self, grant: Grant) -> tuple[str, PersonalInfo | None]:
        """Read once, cheaply: ``ok`` or the code of the failure, and whose account it is."""
        client = OuraClient(
            grant.access_token.reveal(),
            api_url=self._settings.oura_api_url,
            http=self._http,
            deadline_s=_PROBE_DEADLINE_S,
            cache_s=0,
        )
        try:
            info = await client.personal_info()
        except AnnuletError as error:
            return error.code, None
        finally:
            await client.aclose()
        return "ok", info
