"""The token session: one person's access token, renewed early, once, and saved before use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from annulet.oauth.ports import ClientSecrets, Clock, GrantStore, StoredGrant

if TYPE_CHECKING:
    import httpx2

__all__ = ["TokenSession"]


class TokenSession:
    """Hands out access tokens of one stored grant; satisfies the client's ``TokenProvider``.

    One instance belongs to one event loop. Any number of them, in any number of processes, may
    share one grant: its store's lock makes them renew one at a time.

    Args:
        store: Keeps the grant.
        client_secrets: Finds the secret of the application that the grant names.
        clock: Epoch seconds.
        http: For tests and pools; a client of its own for every request when left out.
        reconnect_hint: What the person does when only a new consent helps.
    """

    def __init__(
        self,
        store: GrantStore,
        client_secrets: ClientSecrets,
        *,
        clock: Clock,
        http: httpx2.AsyncClient | None = None,
        reconnect_hint: str = "Connect again with: annulet connect",
    ) -> None:
        self._store = store
        self._client_secrets = client_secrets
        self._clock = clock
        self._http = http
        self._reconnect_hint = reconnect_hint

    async def access_token(self) -> str:
        """An access token that is expected to work now; renews it early where that is due.

        Raises:
            NotConnected: Nobody has connected.
            ConsentRevoked: Only a new consent helps; the message says why.
            OuraUnavailable: The token has ended and Oura did not renew it just now.
            VaultError: The store cannot be read, or the renewed pair cannot be written.
        """
        raise NotImplementedError

    async def renew(self, rejected: str) -> str:
        """A token other than ``rejected``, which Oura has just refused as expired or revoked.

        Raises:
            NotConnected: Nobody has connected.
            ConsentRevoked: Only a new consent helps; the message says why.
            OuraUnavailable: Oura did not renew the token just now.
            VaultError: The store cannot be read, or the renewed pair cannot be written.
        """
        raise NotImplementedError

    async def state(self) -> StoredGrant:
        """The stored grant with its generation, intent and need to reconnect, for status pages.

        Raises:
            NotConnected: Nobody has connected.
        """
        raise NotImplementedError

    async def aclose(self) -> None:
        """Wait for a renewal that is under way; its pair is saved before this returns."""
