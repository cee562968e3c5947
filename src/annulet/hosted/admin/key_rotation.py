"""A new sealing key for every value; and what to do with values whose key is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Delete, Update, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from annulet.errors import VaultError
from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.connections import grant_store, orphans, pending_authorizations
from annulet.hosted.connections.sealing_keys import SealingKeys
from annulet.hosted.connections.stored_keys import KEY_NAMES
from annulet.hosted.database import tables
from annulet.hosted.service import Service
from annulet.vault.sealing import key_id

_c, _f, _o = tables.connections.c, tables.flows.c, tables.options.c
_orphan = tables.orphans.c


@dataclass(frozen=True, slots=True)
class _SealedValue:
    """A sealed value, what it is bound to, and the statements that replace and forget it."""

    sealed: bytes
    owner: str
    replace_with: Callable[[bytes], Update]
    forget: Update | Delete
    generation: int = 0


async def rotate(service: Service) -> int:
    """Make a new key, seal every value with it, and delete keys that seal no value.

    The service may run meanwhile: it reads the keys again when it meets a value of the new one. The
    old key stays until the next rotation, for values that were written in between.

    Returns:
        How many values were sealed again.

    Raises:
        VaultError: The operator gives the key, or a value cannot be unsealed.
    """
    async with service.database.read() as connection:
        values = await _read_sealed_values(connection)
    service.sealing_keys.delete_unused({key_id(value.sealed) for value in values})
    service.sealing_keys.add_key()
    return await reseal(service)


async def reseal(service: Service) -> int:
    """Seal every value with the newest key.

    Returns:
        How many values were sealed again.

    Raises:
        VaultError: A value cannot be unsealed; then nothing is changed.
    """
    keys, count = service.sealing_keys, 0
    async with service.database.write() as connection:
        for value in await _read_sealed_values(connection):
            if key_id(value.sealed) == keys.current_id:
                continue
            owner, generation = value.owner, value.generation
            plain = keys.unseal(value.sealed, owner=owner, generation=generation)
            sealed = keys.seal(plain, owner=owner, generation=generation)
            await connection.execute(value.replace_with(sealed))
            count += 1
    await service.audit.record(AuditAction.ADMIN_KEY_ROTATED, None, actor="shell")
    return count


async def forget_unreadable(service: Service, *, only_count: bool = False) -> int:
    """Forget every value that no key opens; the people concerned connect their ring again.

    Running replicas know the forgotten keys of the service, so they have to be stopped first.

    Returns:
        How many values there were.
    """
    keys = service.sealing_keys
    async with service.database.write() as connection:
        values = await _read_sealed_values(connection)
        unreadable = [value for value in values if not _opens(keys, value)]
        if only_count:
            return len(unreadable)
        keys.ensure(has_sealed_rows=len(unreadable) < len(values))
        for value in unreadable:
            await connection.execute(value.forget)
    await service.audit.record(AuditAction.ADMIN_SEALED_FORGOTTEN, None, actor="shell")
    return len(unreadable)


def _opens(keys: SealingKeys, value: _SealedValue) -> bool:
    try:
        keys.unseal(value.sealed, owner=value.owner, generation=value.generation)
    except VaultError:
        return False
    return True


async def _read_sealed_values(connection: AsyncConnection) -> list[_SealedValue]:
    grants = select(_c.person_id, _c.generation, _c.sealed).where(_c.sealed.is_not(None))
    authorizations = select(_f.digest, _f.person_id, _f.sealed)
    stored_keys = select(_o.name, _o.value).where(_o.name.in_(KEY_NAMES))
    orphan_rows = select(_orphan.id, _orphan.sealed)
    values: list[_SealedValue] = []
    forget: Update | Delete
    for person_id, generation, sealed in await connection.execute(grants.with_for_update()):
        statement = update(tables.connections).where(_c.person_id == person_id)
        forget = statement.values(grant_store.build_removal(generation))
        owner = grant_store.sealing_owner(person_id)
        values.append(_SealedValue(sealed, owner, _replace_bytes(statement), forget, generation))
    for digest, person_id, sealed in await connection.execute(authorizations):
        statement = update(tables.flows).where(_f.digest == digest)
        forget = delete(tables.flows).where(_f.digest == digest)
        owner = pending_authorizations.sealing_owner(person_id)
        values.append(_SealedValue(sealed, owner, _replace_bytes(statement), forget))
    for orphan_id, sealed in await connection.execute(orphan_rows):
        statement = update(tables.orphans).where(_orphan.id == orphan_id)
        forget = delete(tables.orphans).where(_orphan.id == orphan_id)
        owner = orphans.sealing_owner(orphan_id)
        values.append(_SealedValue(sealed, owner, _replace_bytes(statement), forget))
    for name, text in await connection.execute(stored_keys):
        statement = update(tables.options).where(_o.name == name)
        forget = delete(tables.options).where(_o.name == name)
        values.append(_SealedValue(bytes.fromhex(text), name, _replace_hex(statement), forget))
    return values


def _replace_bytes(statement: Update) -> Callable[[bytes], Update]:
    return lambda sealed: statement.values(sealed=sealed)


def _replace_hex(statement: Update) -> Callable[[bytes], Update]:
    return lambda sealed: statement.values(value=sealed.hex())
