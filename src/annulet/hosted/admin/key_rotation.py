"""A new sealing key: every sealed row is opened with the old one and sealed with the new one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.connections.grant_store import owner_name
from annulet.hosted.connections.pending_authorizations import flow_owner
from annulet.hosted.connections.sealing_keys import SealingKeys
from annulet.hosted.connections.stored_keys import NAMES
from annulet.hosted.database import tables
from annulet.hosted.service import Service
from annulet.vault.sealing import key_id

__all__ = ["reseal", "rotate"]


async def rotate(service: Service) -> int:
    """Make a new key, seal everything with it, and forget keys that seal nothing any more.

    The service may run meanwhile: it reads the key again when it meets a row of the new one. The
    old key stays in the file until the next rotation, for rows that were written in between.

    Returns:
        How many rows were sealed anew.

    Raises:
        VaultError: The operator keeps the key, or a row cannot be opened.
    """
    service.sealing_keys.keep_only(await _keys_in_use(service))
    service.sealing_keys.add_key()
    return await reseal(service)


async def reseal(service: Service) -> int:
    """Seal every row with the newest key.

    Returns:
        How many rows were sealed anew.

    Raises:
        VaultError: A row cannot be opened; nothing is changed then.
    """
    seals = service.sealing_keys
    async with service.database.write() as connection:
        count = await _connections(connection, seals)
        count += await _flows(connection, seals)
        count += await _kept_keys(connection, seals)
    await service.audit.record(AuditAction.ADMIN_KEY_ROTATED, None, actor="shell")
    return count


async def _connections(connection: Any, seals: SealingKeys) -> int:
    c, count = tables.connections.c, 0
    query = (
        select(c.person_id, c.generation, c.sealed).where(c.sealed.is_not(None)).with_for_update()
    )
    for person_id, generation, sealed in (await connection.execute(query)).all():
        if key_id(sealed) == seals.current:
            continue
        owner = owner_name(person_id)
        plain = seals.open(sealed, owner=owner, generation=generation)
        anew = seals.seal(plain, owner=owner, generation=generation)
        await connection.execute(
            update(tables.connections).where(c.person_id == person_id).values(sealed=anew)
        )
        count += 1
    return count


async def _flows(connection: Any, seals: SealingKeys) -> int:
    f, count = tables.flows.c, 0
    for row in (await connection.execute(select(f.digest, f.person_id, f.sealed))).all():
        if key_id(row.sealed) == seals.current:
            continue
        owner = flow_owner(row.person_id)
        anew = seals.seal(seals.open(row.sealed, owner=owner), owner=owner)
        await connection.execute(
            update(tables.flows).where(f.digest == row.digest).values(sealed=anew)
        )
        count += 1
    return count


async def _kept_keys(connection: Any, seals: SealingKeys) -> int:
    o, count = tables.options.c, 0
    query = select(o.name, o.value).where(o.name.in_(NAMES))
    for name, value in (await connection.execute(query)).all():
        sealed = bytes.fromhex(value)
        if key_id(sealed) == seals.current:
            continue
        anew = seals.seal(seals.open(sealed, owner=name), owner=name)
        await connection.execute(
            update(tables.options).where(o.name == name).values(value=anew.hex())
        )
        count += 1
    return count


async def _keys_in_use(service: Service) -> set[str]:
    c, f, o = tables.connections.c, tables.flows.c, tables.options.c
    async with service.database.read() as connection:
        rows = list((await connection.execute(select(c.sealed))).scalars())
        rows += list((await connection.execute(select(f.sealed))).scalars())
        kept = await connection.execute(select(o.value).where(o.name.in_(NAMES)))
        rows += [bytes.fromhex(value) for value in kept.scalars()]
    return {key_id(sealed) for sealed in rows if sealed is not None}
