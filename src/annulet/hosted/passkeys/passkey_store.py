"""The passkeys of people: public keys and counters, nothing that signs."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from annulet.contract.texts import harmless
from annulet.errors import UsageError
from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.database import tables
from annulet.hosted.database.engine import ServiceDatabase
from annulet.hosted.opaque_tokens import new_id

_MAX_NAME: Final = 80
_MAX_PASSKEYS: Final = 20
_k = tables.passkeys.c


@dataclass(frozen=True, slots=True)
class Passkey:
    """One passkey of a person."""

    id: str
    person_id: str
    credential_id: bytes
    public_key: bytes
    sign_count: int
    name: str
    created_at: int
    used_at: int | None


_COLUMNS: Final = tuple(_k[name] for name in Passkey.__dataclass_fields__)


class PasskeyStore:
    """Reads and writes passkeys."""

    def __init__(self, database: ServiceDatabase, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def add(
        self, person_id: str, *, credential_id: bytes, public_key: bytes, sign_count: int, name: str
    ) -> None:
        """Add a passkey.

        Raises:
            UsageError: It belongs to an account already, or the person has very many.
        """
        count = select(func.count()).where(_k.person_id == person_id)
        try:
            async with self._database.write() as connection:
                if (await connection.execute(count)).scalar_one() >= _MAX_PASSKEYS:
                    raise UsageError(
                        f"You have {_MAX_PASSKEYS} passkeys already.", hint="Remove one first."
                    )
                await connection.execute(
                    insert(tables.passkeys).values(
                        id=new_id(),
                        person_id=person_id,
                        credential_digest=_digest(credential_id),
                        credential_id=credential_id,
                        public_key=public_key,
                        sign_count=sign_count,
                        name=harmless(name, _MAX_NAME) or "Passkey",
                        created_at=to_epoch_s(self._clock()),
                    )
                )
        except IntegrityError:
            raise UsageError(
                "This passkey belongs to an account already.", hint="Use another device or key."
            ) from None

    async def list_for(self, person_id: str) -> Sequence[Passkey]:
        """List the passkeys of one person, the oldest first."""
        query = select(*_COLUMNS).where(_k.person_id == person_id).order_by(_k.created_at, _k.id)
        return [Passkey(*row) for row in await self._database.fetch_all(query)]

    async def find(self, credential_id: bytes) -> Passkey | None:
        """Find the passkey that a browser names."""
        query = select(*_COLUMNS).where(_k.credential_digest == _digest(credential_id))
        row = await self._database.fetch_one(query)
        return Passkey(*row) if row else None

    async def record_use(self, passkey: Passkey, sign_count: int) -> bool:
        """Store the counter of a use; ``False`` if another use was stored since it was read."""
        is_unchanged = (_k.id == passkey.id) & (_k.sign_count == passkey.sign_count)
        values = {"sign_count": sign_count, "used_at": to_epoch_s(self._clock())}
        used = update(tables.passkeys).where(is_unchanged).values(**values)
        return await self._database.execute(used) > 0

    async def rename(self, person_id: str, passkey_id: str, name: str) -> bool:
        """Change the name of one passkey of one person."""
        named = update(tables.passkeys).where(_k.person_id == person_id, _k.id == passkey_id)
        values = {"name": harmless(name, _MAX_NAME) or "Passkey"}
        return await self._database.execute(named.values(**values)) > 0

    async def remove(self, person_id: str, passkey_id: str) -> bool:
        """Remove one passkey of one person."""
        own = delete(tables.passkeys).where(_k.person_id == person_id, _k.id == passkey_id)
        return await self._database.execute(own) > 0

    async def remove_all(self, person_id: str) -> None:
        """Remove every passkey of one person."""
        await self._database.execute(delete(tables.passkeys).where(_k.person_id == person_id))


def _digest(credential_id: bytes) -> str:
    return hashlib.sha256(credential_id).hexdigest()
