"""A new sealing key: every sealed row is unsealed with the old key and sealed with the new one."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.connections import grant_store, pending_authorizations
from annulet.hosted.connections.sealing_keys import SealingKeys
from annulet.hosted.connections.stored_keys import KEY_NAMES
from annulet.hosted.database import tables
from annulet.hosted.service import Service
from annulet.vault.sealing import key_id

__all__ = ["reseal", "rotate"]

_c, _f, _o = tables.connections.c, tables.flows.c, tables.options.c


async def rotate(service: Service) -> int:
    """Make a new key, seal every row with it, and delete keys that seal no row.

    The service may run meanwhile: it reads the keys again when it meets a row of the new one. The
    old key stays until the next rotation, for rows that were written in between.

    Returns:
        How many rows were sealed again.

    Raises:
        VaultError: The operator gives the key, or a row cannot be unsealed.
    """
    service.sealing_keys.delete_unused(await _read_used_keys(service))
    service.sealing_keys.add_key()
    return await reseal(service)


async def reseal(service: Service) -> int:
    """Seal every row with the newest key.

    Returns:
        How many rows were sealed again.

    Raises:
        VaultError: A row cannot be unsealed; then nothing is changed.
    """
    keys = service.sealing_keys
    async with service.database.write() as connection:
        count = await _reseal_connections(connection, keys)
        count += await _reseal_authorizations(connection, keys)
        count += await _reseal_stored_keys(connection, keys)
    await service.audit.record(AuditAction.ADMIN_KEY_ROTATED, None, actor="shell")
    return count


async def _reseal_connections(connection: AsyncConnection, keys: SealingKeys) -> int:
    count = 0
    query = select(_c.person_id, _c.generation, _c.sealed).where(_c.sealed.is_not(None))
    for row in (await connection.execute(query.with_for_update())).all():
        owner = grant_store.sealing_owner(row.person_id)
        sealed = _reseal_value(keys, row.sealed, owner=owner, generation=row.generation)
        if sealed is not None:
            await connection.execute(
                update(tables.connections)
                .where(_c.person_id == row.person_id)
                .values(sealed=sealed)
            )
            count += 1
    return count


async def _reseal_authorizations(connection: AsyncConnection, keys: SealingKeys) -> int:
    count = 0
    for row in (await connection.execute(select(_f.digest, _f.person_id, _f.sealed))).all():
        owner = pending_authorizations.sealing_owner(row.person_id)
        sealed = _reseal_value(keys, row.sealed, owner=owner)
        if sealed is not None:
            await connection.execute(
                update(tables.flows).where(_f.digest == row.digest).values(sealed=sealed)
            )
            count += 1
    return count


async def _reseal_stored_keys(connection: AsyncConnection, keys: SealingKeys) -> int:
    count = 0
    query = select(_o.name, _o.value).where(_o.name.in_(KEY_NAMES))
    for row in (await connection.execute(query)).all():
        sealed = _reseal_value(keys, bytes.fromhex(row.value), owner=row.name)
        if sealed is not None:
            await connection.execute(
                update(tables.options).where(_o.name == row.name).values(value=sealed.hex())
            )
            count += 1
    return count


def _reseal_value(
    keys: SealingKeys, sealed: bytes, *, owner: str, generation: int = 0
) -> bytes | None:
    """Seal a value with the newest key; ``None`` when that key has sealed it already."""
    if key_id(sealed) == keys.current_id:
        return None
    plain = keys.unseal(sealed, owner=owner, generation=generation)
    return keys.seal(plain, owner=owner, generation=generation)


async def _read_used_keys(service: Service) -> set[str]:
    async with service.database.read() as connection:
        sealed = list((await connection.execute(select(_c.sealed))).scalars())
        sealed += list((await connection.execute(select(_f.sealed))).scalars())
        values = await connection.execute(select(_o.value).where(_o.name.in_(KEY_NAMES)))
        sealed += [bytes.fromhex(value) for value in values.scalars()]
    return {key_id(value) for value in sealed if value is not None}
