"""The toolkit desk: register, connect, disconnect, each checked against the state machine."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

from annulet.client import OuraClient
from annulet.contract.documents import PersonalInfo
from annulet.contract.scopes import SCOPES
from annulet.errors import AnnuletError
from annulet.hosted.audit.journal import Journal
from annulet.hosted.audit.words import Word
from annulet.hosted.connections.contexts import Contexts
from annulet.hosted.connections.oura_accounts import OuraAccounts
from annulet.hosted.connections.pending_authorizations import Arrival, Flows
from annulet.hosted.connections.read_health import Outcomes
from annulet.hosted.connections.toolkit_status import Journeys, Standing
from annulet.hosted.registrations.queue import Queue
from annulet.hosted.registrations.states import Event, Registration, advance
from annulet.oauth.grant import Grant
from annulet.oauth.grant_store import StoredGrant
from annulet.oauth.revoke import Revocation, revoke
from annulet.settings import Settings

if TYPE_CHECKING:
    import httpx2

__all__ = ["REQUESTED", "Desk"]

REQUESTED: Final = tuple(SCOPES)
"""Everything Oura offers; the person may untick at Oura what is not to be shared."""


class Desk:
    """What a person does with the toolkit row."""

    def __init__(
        self,
        *,
        settings: Settings,
        queue: Queue,
        journeys: Journeys,
        flows: Flows,
        contexts: Contexts,
        outcomes: Outcomes,
        accounts: OuraAccounts,
        journal: Journal,
        http: httpx2.AsyncClient,
    ) -> None:
        self._settings = settings
        self._queue = queue
        self._journeys = journeys
        self._flows = flows
        self._contexts = contexts
        self._outcomes = outcomes
        self._accounts = accounts
        self._journal = journal
        self._http = http

    async def register(self, person_id: str) -> Registration:
        """Register for the toolkit.

        Raises:
            Forbidden: The person is registered already.
        """
        standing = await self._journeys.of(person_id)
        advance(standing.journey, Event.REGISTER)
        state = await self._queue.register(person_id)
        await self._journal.record(Word.REGISTERED, person_id)
        if state is Registration.APPROVED:
            await self._journal.record(Word.REGISTRATION_APPROVED, person_id)
        return state

    async def withdraw(self, person_id: str) -> None:
        """Leave the queue.

        Raises:
            Forbidden: The person does not wait.
        """
        standing = await self._journeys.of(person_id)
        advance(standing.journey, Event.WITHDRAW)
        await self.tell_approved(await self._queue.withdraw(person_id))
        await self._journal.record(Word.REGISTRATION_WITHDRAWN, person_id)

    async def tell_approved(self, person_ids: list[str]) -> None:
        """Note who got a place."""
        for person_id in person_ids:
            await self._journal.record(Word.REGISTRATION_APPROVED, person_id)

    async def connect(self, person_id: str, session_id: str) -> str:
        """Begin the journey to Oura's consent page.

        Returns:
            Where the browser goes.

        Raises:
            Forbidden: The person is not approved.
        """
        standing = await self._journeys.of(person_id)
        advance(standing.journey, Event.CONSENT)
        url = await self._flows.begin(person_id, session_id, REQUESTED)
        await self._journal.record(Word.CONNECT_STARTED, person_id)
        return url

    async def arrived(self, person_id: str, session_id: str, query: str) -> Arrival | None:
        """Receive the browser back from Oura; a new grant is sealed before anything else.

        Raises:
            Forbidden: The approval was taken back in the meantime; nothing is exchanged.
        """
        standing = await self._journeys.of(person_id)
        advance(standing.journey, Event.CONSENT)
        arrival = await self._flows.arrived(person_id, session_id, query)
        if arrival is None or arrival.again:
            return arrival
        if arrival.grant is None:
            denied = getattr(arrival.failure, "reason", "") == "denied"
            word = Word.CONNECT_DENIED if denied else Word.CONNECT_FAILED
            await self._journal.record(word, person_id, status="refused" if denied else "error")
            return arrival
        await self._keep(person_id, arrival.grant)
        await self._journal.record(Word.CONNECTED, person_id)
        return arrival

    async def disconnect(self, person_id: str) -> Revocation:
        """Remove the tokens here at once, then revoke the grant at Oura.

        Raises:
            Forbidden: There is no connection.
        """
        standing = await self._journeys.of(person_id)
        advance(standing.journey, Event.DISCONNECT)
        outcome = await self.drop(person_id)
        await self._journal.record(Word.DISCONNECTED, person_id, status=outcome)
        return outcome

    async def drop(self, person_id: str) -> Revocation:
        """Remove whatever connection there is, quietly."""
        store = self._contexts.store(person_id)
        grant: Grant | None = None
        try:
            # a renewal under way ends first, else its new pair would outlive the disconnection
            async with store.lock(wait=30):
                stored = await store.load()
                grant = stored.grant if stored else None
                await store.remove()
        except AnnuletError:
            # a row that cannot be opened (lost key) is removed all the same
            await store.remove()
        self._contexts.forget(person_id)
        self._outcomes.forget(person_id)
        if grant is None:
            return "unsupported"
        known = grant.client_id == self._settings.client_id
        return await revoke(grant, self._settings.client_secret if known else None, http=self._http)

    async def check(self, person_id: str) -> Standing:
        """Ask Oura whether reads work again."""
        store = self._contexts.store(person_id)
        stored = await store.load()
        if stored is not None and stored.needs_reconnect is None:
            self._outcomes.forget(person_id)
            outcome, info = await self._probe(stored.grant)
            await self._outcomes.learn(person_id, outcome)
            await self._recognise(person_id, stored, info)
        return await self._journeys.of(person_id)

    async def _keep(self, person_id: str, grant: Grant) -> None:
        store = self._contexts.store(person_id)
        stored = await store.replace(grant)
        self._contexts.forget(person_id)
        self._outcomes.forget(person_id)
        outcome, info = await self._probe(grant)
        await self._outcomes.learn(person_id, outcome)
        await self._recognise(person_id, stored, info)
        if info is not None and info.email:
            named = dataclasses.replace(grant, oura_account=info.email)
            await store.save(stored.generation, named)

    async def recognise(self, person_id: str) -> None:
        """Find out which events of Oura's are this person's, where that is not known yet."""
        stored = await self._contexts.store(person_id).load()
        if stored is not None and stored.needs_reconnect is None:
            await self._recognise(person_id, stored, (await self._probe(stored.grant))[1])

    async def _recognise(
        self, person_id: str, stored: StoredGrant, info: PersonalInfo | None
    ) -> None:
        if info is not None and info.id:
            await self._accounts.remember(person_id, stored.generation, info.id)

    async def _probe(self, grant: Grant) -> tuple[str, PersonalInfo | None]:
        """One cheap read: how it ended, and whose account it is."""
        client = OuraClient(
            grant.access_token.reveal(),
            api_url=self._settings.oura_api_url,
            http=self._http,
            deadline_s=15,
            cache_s=0,
        )
        try:
            info = await client.personal_info()
        except AnnuletError as error:
            return error.code, None
        finally:
            await client.aclose()
        return "ok", info
