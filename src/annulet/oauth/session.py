"""The token session: one person's access token, renewed early, once, and saved before use.

The protocol: read the row; while its token lives long enough, use it. Otherwise take the lock and
read again; where another session has renewed, adopt its pair. Else commit the intent, send one
request, write the new pair durably, and only then use it. A refusal is stored as a state with its
reason. A missing response leaves the intent stored and the old token in use while it lives. A
grant is never deleted here.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import Callable
from itertools import chain, repeat
from typing import TYPE_CHECKING, Final, NamedTuple

from annulet.errors import (
    AnnuletError,
    ConsentRevoked,
    NotConnected,
    OuraUnavailable,
    RenewalUnfinished,
    VaultError,
)
from annulet.oauth.cancellation import run_in_thread, run_to_completion
from annulet.oauth.exchange import TokenResponse, refresh_tokens
from annulet.oauth.grant import Grant
from annulet.oauth.grant_store import (
    ClientSecretLookup,
    Clock,
    GrantStore,
    Intent,
    ReconnectReason,
    StaleGeneration,
    StoredGrant,
)
from annulet.oura_http.error_mapping import TokenRequestRefused
from annulet.oura_http.sending import NoResponse
from annulet.vault.secret import Secret

if TYPE_CHECKING:
    import httpx2

_LOCK_WAIT_S: Final = 20.0  # as long as the lost lease of another replica
_QUESTION_S: Final = 25.0  # then the person gets a sentence, and the renewal goes on
_EARLY_WAIT_S: Final = 10.0  # then the living token is used, and the renewal goes on
_LAST_SHARE: Final = 0.05  # of the lifetime: when a doubtful refresh token is tried again
_MAX_BACKOFF_S: Final = 600.0
_SHORT_BACKOFF_S: Final = 2.0  # is waited for instead of reported
_UNSENT_PAUSES_S: Final = (0.2, 0.8)  # a request that never left may be repeated freely
_SAVE_PAUSES_S: Final = (0.05, 0.25, 1.0)
_ADOPT_PAUSES_S: Final = (0.1, 0.3)
_MAX_RENEWALS: Final = 3

_REASONS: Final[dict[ReconnectReason, str]] = {
    "revoked": "Oura no longer accepts this connection: it was revoked or has expired there.",
    "interrupted": "A renewal of this connection was interrupted before its answer arrived, "
    "and Oura does not accept the old one any more.",
    "expired": "The access token has expired, and Oura gave none to renew it with.",
}


class _UnsavedPair(NamedTuple):
    """A renewed pair of tokens that is not saved yet."""

    generation: int
    grant: Grant


class TokenSession:
    """The access tokens of one stored grant; satisfies the client's ``TokenProvider``.

    One instance belongs to one event loop. Any number of them, in any number of processes, may
    share one grant: its store's lock makes them renew one at a time.

    Args:
        store: Stores the grant.
        client_secrets: Finds the secret of the application that the grant names.
        clock: Epoch seconds.
        http: For tests; when left out, every request gets a client and a thread of its own, which
            a loop that is shutting down cannot cancel.
        connect_hint: What the person does to connect or to reconnect.
        keeps_writing: Whether to go on trying, under the lock, to write a pair that cannot be
            written: another holder of the lock would spend the old token.
    """

    def __init__(
        self,
        store: GrantStore,
        client_secrets: ClientSecretLookup,
        *,
        clock: Clock,
        http: httpx2.AsyncClient | None = None,
        connect_hint: str = "Run: annulet connect",
        keeps_writing: Callable[[], bool] = bool,
    ) -> None:
        self._store = store
        self._client_secrets = client_secrets
        self._clock = clock
        self._http = http
        self._connect_hint = connect_hint
        self._keeps_writing = keeps_writing
        self._renewals: set[asyncio.Task[StoredGrant]] = set()
        self._renewal_lock = asyncio.Lock()
        self._early_renewal: asyncio.Task[StoredGrant] | None = None
        self._early_started_at = 0.0
        self._unsaved: _UnsavedPair | None = None

    async def access_token(self) -> str:
        """Return an access token, renewed early where that is due.

        Raises:
            NotConnected: There is no connection.
            ConsentRevoked: Only a new consent helps; the message says why.
            OuraUnavailable: The token has ended and Oura did not renew it just now.
            VaultError: The store cannot be read, or the renewed pair cannot be written.
        """
        row = await self.state()
        now = self._clock()
        if not row.grant.is_alive(now):
            return await self._renew_token(row)
        if self._should_renew_early(row, now):
            row = await self._renew_early(row)
        return row.grant.access_token.reveal()

    async def renew(self, rejected: str) -> str:
        """Return another token than ``rejected``, which Oura has refused.

        Raises:
            NotConnected: There is no connection.
            ConsentRevoked: Only a new consent helps; the message says why.
            OuraUnavailable: Oura did not renew the token just now.
            VaultError: The store cannot be read, or the renewed pair cannot be written.
        """
        row = await self.state()
        current = row.grant.access_token.reveal()
        if current != rejected and row.grant.is_alive(self._clock()):
            return current
        return await self._renew_token(row)

    async def state(self) -> StoredGrant:
        """Read the stored grant with its generation, intent and reconnect reason.

        Raises:
            NotConnected: There is no connection.
        """
        row = await self._store.load()
        if row is None:
            raise NotConnected("No ring is connected to this account yet.", hint=self._connect_hint)
        return row

    async def aclose(self) -> None:
        """Wait for a renewal that is running; its pair is saved before this returns."""
        self._early_renewal = None
        for renewal in list(self._renewals):
            await run_to_completion(_wait_for_end(renewal))

    def reconnect_error(self, reason: ReconnectReason) -> ConsentRevoked:
        """Build the error for a grant that only a new consent can replace."""
        return ConsentRevoked(_REASONS[reason], hint=self._connect_hint)

    def _should_renew_early(self, row: StoredGrant, now: float) -> bool:
        if self._unsaved is not None:
            return True
        if not row.grant.is_due(now) or not row.grant.is_renewable or row.needs_reconnect:
            return False
        if row.intent is None:
            return True
        if _backoff_left_s(row.intent, now):
            return False
        # Oura may have spent the refresh token; a second attempt could end the valid access token.
        return not row.intent.doubtful or row.grant.is_due(now, share=_LAST_SHARE)

    async def _renew_early(self, row: StoredGrant) -> StoredGrant:
        """Renew while the old token is valid, and return the old one when that fails."""
        loop = asyncio.get_running_loop()
        if self._early_renewal is None or self._early_renewal.done():
            self._early_started_at = loop.time()
            self._early_renewal = self._start_renewal(row, lock_wait_s=0.0)
        renewal = self._early_renewal
        left_s = self._early_started_at + _EARLY_WAIT_S - loop.time()
        try:
            await asyncio.wait({renewal}, timeout=max(0.0, left_s))
        except asyncio.CancelledError:
            await run_to_completion(_wait_for_end(renewal))
            raise
        if not renewal.done():
            return row
        try:
            return renewal.result()
        except AnnuletError:
            return row

    async def _renew_token(self, row: StoredGrant) -> str:
        """Return the token of a later generation."""
        for _ in range(_MAX_RENEWALS):
            previous = row.generation
            row = await self._await_renewal(self._start_renewal(row, lock_wait_s=_LOCK_WAIT_S))
            if row.generation == previous or row.grant.is_alive(self._clock()):
                break
        return row.grant.access_token.reveal()

    def _start_renewal(self, row: StoredGrant, *, lock_wait_s: float) -> asyncio.Task[StoredGrant]:
        renewal = asyncio.create_task(self._renew_after(row, lock_wait_s=lock_wait_s))
        self._renewals.add(renewal)
        renewal.add_done_callback(self._renewals.discard)
        renewal.add_done_callback(_retrieve_exception)
        return renewal

    async def _await_renewal(self, renewal: asyncio.Task[StoredGrant]) -> StoredGrant:
        """Return the row of a renewal, which goes on when the question has no more time."""
        try:
            await asyncio.wait({renewal}, timeout=_QUESTION_S)
        except asyncio.CancelledError:
            await run_to_completion(_wait_for_end(renewal))
            raise
        if not renewal.done():
            raise _still_renewing()
        return renewal.result()

    async def _renew_after(self, row: StoredGrant, *, lock_wait_s: float) -> StoredGrant:
        """Return the row of a later generation, written by another session or by this one."""
        async with self._renewal_lock, self._store.lock(wait=lock_wait_s) as is_held:
            await self._write_unsaved()
            current = await self.state()
            if current.generation != row.generation:
                return current
            if current.needs_reconnect:
                raise self.reconnect_error(current.needs_reconnect)
            if not is_held:
                raise _still_renewing()
            await self._wait_for_backoff(current)
            return await run_to_completion(self._spend_refresh_token(current))

    async def _wait_for_backoff(self, row: StoredGrant) -> None:
        left_s = _backoff_left_s(row.intent, self._clock())
        if left_s > _SHORT_BACKOFF_S:
            raise _not_now(left_s)
        await asyncio.sleep(left_s)

    async def _spend_refresh_token(self, row: StoredGrant) -> StoredGrant:
        """Spend the refresh token and return the row with the new pair; runs under the lock."""
        grant, token = row.grant, row.grant.refresh_token
        try:
            if token is None:
                raise await self._store_reconnect(row, "expired")
            client_secret = await self._client_secrets(grant.client_id)
            intent = Intent(
                started_at=self._clock(),
                fingerprint=token.fingerprint,
                attempts=row.intent.attempts + 1 if row.intent else 1,
            )
            await self._store.record_intent(row.generation, intent)
            try:
                tokens = await self._request_tokens(grant, token, client_secret)
            except TokenRequestRefused as refusal:
                return await self._after_refusal(row, refusal)
            except NoResponse as failure:
                raise await self._postpone(row, intent, failure) from None
            renewed = tokens.apply_to(grant, at=intent.started_at)
            return await self._save(_UnsavedPair(row.generation, renewed))
        except StaleGeneration:
            current = await self.state()
            if current.generation == row.generation:  # the lock was lost and another one holds it
                raise _still_renewing() from None
            return current

    async def _request_tokens(
        self, grant: Grant, token: Secret, client_secret: Secret
    ) -> TokenResponse:
        async def request() -> TokenResponse:
            return await refresh_tokens(
                grant.token_url,
                refresh_token=token,
                client_id=grant.client_id,
                client_secret=client_secret,
                http=self._http,
            )

        for pause_s in (*_UNSENT_PAUSES_S, None):
            try:
                # The given HTTP client belongs to this event loop, so its requests must run in it.
                return await (run_in_thread(request) if self._http is None else request())
            except NoResponse as failure:
                if failure.is_sent or failure.retry_after_s or pause_s is None:
                    raise
            await asyncio.sleep(pause_s)
        raise AssertionError  # the last round returns or raises

    async def _after_refusal(self, row: StoredGrant, refusal: TokenRequestRefused) -> StoredGrant:
        """Return the row of another session that was faster; without one the refusal is final."""
        if refusal.error == "invalid_client":  # about the application; the token is not spent
            await self._store.record_intent(row.generation, row.intent)
            raise ConsentRevoked(
                "Oura does not accept the client id and secret of the application.",
                hint="Check them at Oura's developer page, then run: annulet connect",
            )
        for pause_s in _ADOPT_PAUSES_S:
            current = await self.state()
            if current.generation != row.generation:
                return current
            await asyncio.sleep(pause_s)
        was_interrupted = row.intent is not None and row.intent.doubtful
        raise await self._store_reconnect(row, "interrupted" if was_interrupted else "revoked")

    async def _store_reconnect(self, row: StoredGrant, reason: ReconnectReason) -> ConsentRevoked:
        """Store the reason and return the error to raise."""
        await self._store.mark(row.generation, reason)
        return self.reconnect_error(reason)

    async def _postpone(
        self, row: StoredGrant, intent: Intent, failure: NoResponse
    ) -> OuraUnavailable:
        """Store the time of the next attempt and return the error to raise."""
        backoff_s = 2.0 ** min(intent.attempts - 1, 10)
        wait_s = min(_MAX_BACKOFF_S, max(backoff_s, failure.retry_after_s or 0.0))
        was_doubtful = row.intent is not None and row.intent.doubtful
        postponed = dataclasses.replace(
            intent,
            not_before=self._clock() + wait_s,
            doubtful=failure.is_sent or was_doubtful,
        )
        await self._store.record_intent(row.generation, postponed)
        return _not_now(wait_s)

    async def _save(self, pair: _UnsavedPair) -> StoredGrant:
        """Save the pair before it is used; keep it in memory while saving fails."""
        for pause_s in chain(_SAVE_PAUSES_S, repeat(None)):
            try:
                return await self._store.save(pair.generation, pair.grant)
            except (AnnuletError, OSError):
                if pause_s is None and not self._keeps_writing():
                    self._unsaved = pair
                    raise VaultError(
                        "The renewed connection could not be written, so it is not used yet.",
                        hint="Check free space and permissions of the data folder, and ask again "
                        "while annulet keeps running: it still holds the renewed pair.",
                    ) from None
            await asyncio.sleep(_SAVE_PAUSES_S[-1] if pause_s is None else pause_s)
        raise AssertionError  # the loop has no end of its own

    async def _write_unsaved(self) -> None:
        if self._unsaved is None:
            return
        with contextlib.suppress(StaleGeneration):  # a new consent came in between
            await run_to_completion(self._save(self._unsaved))
        self._unsaved = None


async def _wait_for_end(task: asyncio.Task[StoredGrant]) -> None:
    """Wait for the end of a task, and ignore its outcome."""
    await asyncio.wait({task})


def _retrieve_exception(task: asyncio.Task[StoredGrant]) -> None:
    """Mark a task's exception as retrieved, because the store holds its state."""
    if not task.cancelled():
        task.exception()


def _backoff_left_s(intent: Intent | None, now: float) -> float:
    left_s = intent.not_before - now if intent else 0.0
    return left_s if 0.0 < left_s <= _MAX_BACKOFF_S else 0.0  # more: the clock was set back


def _still_renewing() -> RenewalUnfinished:
    return RenewalUnfinished(
        "This connection is being renewed, and that has not finished.",
        hint="Try again in a minute.",
    )


def _not_now(wait_s: float) -> OuraUnavailable:
    return OuraUnavailable(
        "Oura did not renew the access token just now. Nothing is lost.",
        hint=f"Try again in {max(1, round(wait_s))} s.",
    )
