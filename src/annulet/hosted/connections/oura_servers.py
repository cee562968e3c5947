"""Oura's sign-in servers: discovered, and what earlier exchanges have taught about them."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from annulet.hosted.database.engine import ServiceDatabase
from annulet.hosted.database.options import read_option, write_option
from annulet.hosted.opaque_tokens import token_digest
from annulet.oauth.discovery import discover_provider
from annulet.oauth.provider import IdentityProvider, ServerHistory
from annulet.settings import Settings
from annulet.wiring import server_addresses

if TYPE_CHECKING:
    import httpx2

_DISCOVERY_LIFETIME_S: Final = 600.0


class OuraServers:
    """Discovers the servers, and keeps in ``options`` which of them works for the application.

    Args:
        http: Towards Oura's sign-in servers.
    """

    def __init__(
        self, *, database: ServiceDatabase, settings: Settings, http: httpx2.AsyncClient
    ) -> None:
        self._database = database
        self._settings = settings
        self._http = http
        self._provider: IdentityProvider | None = None
        self._discovered_at = 0.0
        self._option_name = f"oura-servers:{token_digest(settings.client_id)[:16]}"

    async def discover(self) -> IdentityProvider:
        """Return the servers; they are discovered again after ten minutes."""
        age_s = time.monotonic() - self._discovered_at
        if self._provider is None or age_s > _DISCOVERY_LIFETIME_S:
            addresses = server_addresses(self._settings)
            self._provider = await discover_provider(addresses, http=self._http)
            self._discovered_at = time.monotonic()
        return self._provider

    async def list_origins(self) -> tuple[str, ...]:
        """List the origins that a browser may visit on the way to Oura's consent page."""
        provider = await self.discover()
        servers = [server for server in (provider.legacy, provider.current) if server is not None]
        origins = {_origin(server.authorize_url) for server in servers}
        # Oura's first page redirects to other hosts of Oura, and browsers check each of them
        return (*sorted(origins), "https://*.ouraring.com")

    async def read_history(self) -> ServerHistory:
        """Read what earlier exchanges have taught about the application."""
        value = await read_option(self._database, self._option_name)
        return ServerHistory(**json.loads(value)) if value else ServerHistory()

    async def write_history(self, history: ServerHistory) -> None:
        """Store what an exchange has taught."""
        await write_option(self._database, self._option_name, json.dumps(asdict(history)))


def _origin(url: str) -> str:
    return "/".join(url.split("/", 3)[:3])
