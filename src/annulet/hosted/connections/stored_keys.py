"""Random keys of the service that outlive a process: sealed in the database, shared by replicas."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final

from sqlalchemy import insert, select

from annulet.hosted.connections.sealing_keys import SealingKeys
from annulet.hosted.database import tables
from annulet.hosted.database.engine import Database

__all__ = ["CHAT_STATE", "EVENTS", "NAMES", "StoredKeys"]

CHAT_STATE: Final = "chat-state-key"
"""Seals what an assistant carries between two rounds."""
EVENTS: Final = "events-key"
"""Stands behind the digests of Oura's accounts and events, and our verification token."""
NAMES: Final = (CHAT_STATE, EVENTS)
_BYTES: Final = 32


class StoredKeys:
    """Makes each key when it is first needed and hands it out ever after."""

    def __init__(self, database: Database, seals: SealingKeys) -> None:
        self._database = database
        self._seals = seals
        self._opened: dict[str, bytes] = {}

    async def get(self, name: str) -> bytes:
        """The key of this name; a new one where there is none yet.

        Raises:
            VaultError: The key that sealed it is missing.
        """
        if name not in self._opened:
            self._opened[name] = await self._read_or_make(name)
        return self._opened[name]

    async def digest(self, kind: str, *parts: str) -> str:
        """A digest that nobody can make or check without the key of this service.

        Args:
            kind: What it stands for, so that digests of two kinds never meet.
            parts: What it is made of.
        """
        key = await self.get(EVENTS)
        # lengths first: ("ab", "c") and ("a", "bc") must not meet either
        encoded = [part.encode() for part in (kind, *parts)]
        text = b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
        return hmac.new(key, text, hashlib.sha256).hexdigest()

    async def _read_or_make(self, name: str) -> bytes:
        o = tables.options
        async with self._database.write() as connection:
            kept = (await connection.execute(select(o.c.value).where(o.c.name == name))).scalar()
            if kept is None:
                made = secrets.token_bytes(_BYTES)
                sealed = self._seals.seal(made, owner=name)
                await connection.execute(insert(o).values(name=name, value=sealed.hex()))
                return made
        return self._seals.open(bytes.fromhex(kept), owner=name)
