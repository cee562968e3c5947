"""The token session: one person's access token, renewed early, once, and saved before use.

The protocol: read the row; while its token lives long enough, use it. Otherwise take the lock,
read again and adopt what somebody else has written; commit the intent; send one request; write
the new pair durably; only then use it. A refusal is kept as a state with its reason, a silence
leaves the intent behind and the old token in use while it lives. A grant is never deleted here.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Final

from annulet.errors import AnnuletError, ConsentRevoked, NotConnected, OuraUnavailable, VaultError
from annulet.oauth import exchange
from annulet.oauth.cancellation import beside_the_loop, finished
from annulet.oauth.grant import Grant
from annulet.oauth.grant_store import (
    ClientSecrets,
    Clock,
    GenerationMoved,
    GrantStore,
    Intent,
    Reconnect,
    StoredGrant,
)
from annulet.oura_http.error_mapping import TokenRequestRefused
from annulet.oura_http.sending import NoResponse
from annulet.vault.secret import Secret

if TYPE_CHECKING:
    import httpx2

__all__ = ["TokenSession"]

_LOCK_WAIT: Final = 150.0  # seconds: longer than a lost lease of another replica
_EARLY_PATIENCE: Final = 10.0  # seconds: then the living token is used, and the renewal goes on
_LAST_SHARE: Final = 0.05  # of the life: when a doubtful refresh token is tried again
_LONGEST_BACKOFF: Final = 600.0
_WORTH_WAITING: Final = 2.0  # seconds of back-off that are sat out instead of reported
_UNSENT_PAUSES: Final = (0.2, 0.8)  # a request that never left may be repeated freely
_SAVE_PAUSES: Final = (0.05, 0.25, 1.0)
_ADOPT_PAUSES: Final = (0.1, 0.3)
_ADOPTIONS: Final = 3

_REASONS: Final[dict[Reconnect, str]] = {
    "revoked": "Oura no longer accepts this connection: it was revoked or has expired there.",
    "interrupted": "A renewal of this connection was interrupted before its answer arrived, "
    "and Oura does not accept the old one any more.",
    "expired": "The access token has expired, and Oura gave none to renew it with.",
}


class TokenSession:
    """Hands out access tokens of one stored grant; satisfies the client's ``TokenProvider``.

    One instance belongs to one event loop. Any number of them, in any number of processes, may
    share one grant: its store's lock makes them renew one at a time.

    Args:
        store: Keeps the grant.
        client_secrets: Finds the secret of the application that the grant names.
        clock: Epoch seconds.
        http: For tests; when left out, every request gets a client and a thread of its own, which
            a loop that is shutting down cannot cancel.
        connect_hint: What the person does to connect or to reconnect.
    """

    def __init__(
        self,
        store: GrantStore,
        client_secrets: ClientSecrets,
        *,
        clock: Clock,
        http: httpx2.AsyncClient | None = None,
        connect_hint: str = "Run: annulet connect",
    ) -> None:
        self._store = store
        self._client_secrets = client_secrets
        self._clock = clock
        self._http = http
        self._connect_hint = connect_hint
        self._turn = asyncio.Lock()
        self._early: asyncio.Task[StoredGrant] | None = None
        self._early_since = 0.0
        self._unsaved: tuple[int, Grant] | None = None

    async def access_token(self) -> str:
        """An access token that is expected to work now; renews it early where that is due.

        Raises:
            NotConnected: Nobody has connected.
            ConsentRevoked: Only a new consent helps; the message says why.
            OuraUnavailable: The token has ended and Oura did not renew it just now.
            VaultError: The store cannot be read, or the renewed pair cannot be written.
        """
        row = await self.state()
        now = self._clock()
        if not row.grant.alive(now):
            return await self._token_after(row)
        if self._worth_renewing(row, now):
            row = await self._renewed_early(row)
        return row.grant.access_token.reveal()

    async def renew(self, rejected: str) -> str:
        """A token other than ``rejected``, which Oura has just refused as expired or revoked.

        Raises:
            NotConnected: Nobody has connected.
            ConsentRevoked: Only a new consent helps; the message says why.
            OuraUnavailable: Oura did not renew the token just now.
            VaultError: The store cannot be read, or the renewed pair cannot be written.
        """
        row = await self.state()
        current = row.grant.access_token.reveal()
        if current != rejected and row.grant.alive(self._clock()):
            return current
        return await self._token_after(row)

    async def state(self) -> StoredGrant:
        """The stored grant with its generation, intent and need to reconnect, for status pages.

        Raises:
            NotConnected: Nobody has connected.
        """
        row = await self._store.load()
        if row is None:
            raise NotConnected("No ring is connected to this account yet.", hint=self._connect_hint)
        return row

    async def aclose(self) -> None:
        """Wait for a renewal that is under way; its pair is saved before this returns."""
        early, self._early = self._early, None
        if early is not None:
            await finished(_quietly(early))

    def explain(self, reason: Reconnect) -> ConsentRevoked:
        """The error that tells a person why only a new consent helps."""
        return ConsentRevoked(_REASONS[reason], hint=self._connect_hint)

    def _worth_renewing(self, row: StoredGrant, now: float) -> bool:
        if self._unsaved is not None:
            return True
        if not row.grant.due(now) or not row.grant.renews or row.needs_reconnect:
            return False
        if row.intent is None:
            return True
        if _backoff_left(row.intent, now):
            return False
        # Oura may have spent the token: trying it again may cost the living access token.
        return not row.intent.doubtful or row.grant.due(now, share=_LAST_SHARE)

    async def _renewed_early(self, row: StoredGrant) -> StoredGrant:
        """Renew while the old token lives; whatever goes wrong, the old one is still good."""
        loop = asyncio.get_running_loop()
        if self._early is None or self._early.done():
            self._early_since = loop.time()
            self._early = asyncio.create_task(self._renewed(row, wait=0.0))
            self._early.add_done_callback(_seen)
        task = self._early
        left = self._early_since + _EARLY_PATIENCE - loop.time()
        try:
            await asyncio.wait({task}, timeout=max(0.0, left))
        except asyncio.CancelledError:
            await finished(_quietly(task))
            raise
        if not task.done():
            return row
        try:
            return task.result()
        except AnnuletError:
            return row

    async def _token_after(self, row: StoredGrant) -> str:
        """The token of a generation after this one."""
        for _ in range(_ADOPTIONS):
            before = row.generation
            row = await self._renewed(row, wait=_LOCK_WAIT)
            if row.generation == before or row.grant.alive(self._clock()):
                break
        return row.grant.access_token.reveal()

    async def _renewed(self, seen: StoredGrant, *, wait: float) -> StoredGrant:
        """The row after ``seen``: written by somebody else, or by us."""
        async with self._turn, self._store.lock(wait=wait) as held:
            await self._write_unsaved()
            row = await self.state()
            if row.generation != seen.generation:
                return row
            if row.needs_reconnect:
                raise self.explain(row.needs_reconnect)
            if not held:
                raise OuraUnavailable(
                    "Another program is renewing this connection and has not finished.",
                    hint="Try again in a minute.",
                )
            await self._sit_out_backoff(row)
            return await finished(self._spend(row))

    async def _sit_out_backoff(self, row: StoredGrant) -> None:
        left = _backoff_left(row.intent, self._clock())
        if left > _WORTH_WAITING:
            raise _not_now(left)
        await asyncio.sleep(left)

    async def _spend(self, row: StoredGrant) -> StoredGrant:
        """Spend the refresh token; runs under the lock and to its end."""
        grant, token = row.grant, row.grant.refresh_token
        try:
            if token is None:
                await self._store.mark(row.generation, "expired")
                raise self.explain("expired")
            secret = await self._client_secrets(grant.client_id)
            before = row.intent
            intent = Intent(
                started_at=self._clock(),
                fingerprint=token.fingerprint,
                attempts=before.attempts + 1 if before else 1,
            )
            await self._store.record_intent(row.generation, intent)
            try:
                tokens = await self._post(grant, token, secret)
            except TokenRequestRefused as refusal:
                return await self._after_refusal(row, refusal)
            except NoResponse as silence:
                return await self._after_silence(row, intent, silence)
            renewed = tokens.applied_to(grant, at=intent.started_at)
            return await self._saved(row.generation, renewed)
        except GenerationMoved:
            return await self.state()

    async def _post(self, grant: Grant, token: Secret, secret: Secret) -> exchange.TokenResponse:
        def work() -> Coroutine[Any, Any, exchange.TokenResponse]:
            return exchange.refresh_tokens(
                grant.token_url,
                refresh_token=token,
                client_id=grant.client_id,
                client_secret=secret,
                http=self._http,
            )

        for pause in (*_UNSENT_PAUSES, None):
            try:
                # A client that was handed in belongs to this loop, and so do its requests.
                return await (beside_the_loop(work) if self._http is None else work())
            except NoResponse as silence:
                if silence.is_sent or silence.retry_after_s or pause is None:
                    raise
            await asyncio.sleep(pause)
        raise AssertionError  # the last round returns or raises

    async def _after_refusal(self, row: StoredGrant, refusal: TokenRequestRefused) -> StoredGrant:
        if refusal.error == "invalid_client":  # about the application; the token is not spent
            await self._store.record_intent(row.generation, row.intent)
            raise ConsentRevoked(
                "Oura does not accept the client id and secret of the application.",
                hint="Check them at Oura's developer page, then run: annulet connect",
            )
        for pause in _ADOPT_PAUSES:
            newer = await self.state()
            if newer.generation != row.generation:
                return newer
            await asyncio.sleep(pause)
        interrupted = row.intent is not None and row.intent.doubtful
        reason: Reconnect = "interrupted" if interrupted else "revoked"
        await self._store.mark(row.generation, reason)
        raise self.explain(reason)

    async def _after_silence(
        self, row: StoredGrant, intent: Intent, silence: NoResponse
    ) -> StoredGrant:
        wait = min(_LONGEST_BACKOFF, 2.0 ** min(intent.attempts - 1, 10))
        wait = min(_LONGEST_BACKOFF, max(wait, silence.retry_after_s or 0.0))
        earlier_doubt = row.intent is not None and row.intent.doubtful
        after = dataclasses.replace(
            intent,
            not_before=self._clock() + wait,
            doubtful=silence.is_sent or earlier_doubt,
        )
        await self._store.record_intent(row.generation, after)
        raise _not_now(wait)

    async def _saved(self, generation: int, grant: Grant) -> StoredGrant:
        """Write the pair before anybody uses it; keep it in memory while that fails."""
        for pause in (*_SAVE_PAUSES, None):
            try:
                return await self._store.save(generation, grant)
            except (AnnuletError, OSError):
                if pause is None:
                    self._unsaved = (generation, grant)
                    raise VaultError(
                        "The renewed connection could not be written, so it is not used yet.",
                        hint="Check free space and permissions of the data folder, and ask again "
                        "while annulet keeps running: it still holds the renewed pair.",
                    ) from None
            await asyncio.sleep(pause)
        raise AssertionError  # the last round returns or raises

    async def _write_unsaved(self) -> None:
        if self._unsaved is None:
            return
        generation, grant = self._unsaved
        with contextlib.suppress(GenerationMoved):  # a new consent came in between
            await finished(self._saved(generation, grant))
        self._unsaved = None


async def _quietly(task: asyncio.Task[StoredGrant]) -> None:
    await asyncio.wait({task})


def _seen(task: asyncio.Task[StoredGrant]) -> None:
    """Look at a failure nobody waits for: the next caller meets the state it left behind."""
    if not task.cancelled():
        task.exception()


def _backoff_left(intent: Intent | None, now: float) -> float:
    left = intent.not_before - now if intent else 0.0
    return left if 0.0 < left <= _LONGEST_BACKOFF else 0.0  # more: the clock was set back


def _not_now(seconds: float) -> OuraUnavailable:
    return OuraUnavailable(
        "Oura did not renew the access token just now. Nothing is lost.",
        hint=f"Try again in {max(1, round(seconds))} s.",
    )
