"""Random keys that outlive a process: sealed in the database and shared by all replicas."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final

from sqlalchemy import select

from annulet.hosted.connections.sealing_keys import SealingKeys
from annulet.hosted.database import tables
from annulet.hosted.database.engine import ServiceDatabase

CHAT_STATE_KEY: Final = "chat-state-key"
"""Seals the state that an assistant carries between two rounds."""
_DIGEST_KEY: Final = "events-key"
"""The key of every keyed digest: Oura's accounts and events, known browsers, successors."""
KEY_NAMES: Final = (CHAT_STATE_KEY, _DIGEST_KEY)
_KEY_BYTES: Final = 32
_o = tables.options.c


class StoredKeys:
    """Makes each key when it is first needed, and returns the same key from then on."""

    def __init__(self, database: ServiceDatabase, sealing_keys: SealingKeys) -> None:
        self._database = database
        self._sealing_keys = sealing_keys
        self._keys: dict[str, bytes] = {}

    async def get(self, name: str) -> bytes:
        """Read the key of this name, or make it.

        Raises:
            VaultError: The key that sealed it is missing.
        """
        if name not in self._keys:
            self._keys[name] = await self._read_or_create(name)
        return self._keys[name]

    async def digest(self, kind: str, *parts: str) -> str:
        """Compute a digest that only this service can compute or check.

        Args:
            kind: What it stands for, so that digests of two kinds never collide.
            parts: What it is computed from.
        """
        key = await self.get(_DIGEST_KEY)
        # each part after its length: ("ab", "c") and ("a", "bc") must not collide either
        encoded = [part.encode() for part in (kind, *parts)]
        message = b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
        return hmac.new(key, message, hashlib.sha256).hexdigest()

    async def _read_or_create(self, name: str) -> bytes:
        query = select(_o.value).where(_o.name == name)
        value = await self._database.fetch_value(query)
        if value is None:
            sealed = self._sealing_keys.seal(secrets.token_bytes(_KEY_BYTES), owner=name)
            row = self._database.insert(tables.options).values(name=name, value=sealed.hex())
            # of two replicas that start at once, both go on with the key of the first
            await self._database.execute(row.on_conflict_do_nothing())
            value = await self._database.fetch_value(query)
        return self._sealing_keys.unseal(bytes.fromhex(value), owner=name)
