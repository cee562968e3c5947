"""``oura_permissions``: what may be read, what is missing, and whether the connection works."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from annulet.contract.collections import (
    DAILY_READINESS,
    DAILY_RESILIENCE,
    DAILY_SPO2,
    RING_CONFIGURATION,
    SESSION,
    TAG,
    VO2_MAX,
    WORKOUT,
    AnyCollection,
)
from annulet.contract.scopes import SCOPES
from annulet.errors import OuraError, ScopeMissing
from annulet.toolkit.answer_builder import (
    COMMON_OUTPUT,
    TABLE_SCHEMA,
    Body,
    Table,
    TypedAnswer,
    compose,
)
from annulet.toolkit.context import Connection, Context
from annulet.toolkit.local_time import iso_minute
from annulet.toolkit.reading.sync_status import last_sync
from annulet.toolkit.tool import Answer, Tool, with_arguments
from annulet.toolkit.wording.missing_data import not_read

_Verdict = bool | OuraError

_PROBES: Final[dict[str, AnyCollection]] = {
    "daily": DAILY_READINESS,
    "spo2": DAILY_SPO2,
    "workout": WORKOUT,
    "session": SESSION,
    "tag": TAG,
    "ring_configuration": RING_CONFIGURATION,
    "stress": DAILY_RESILIENCE,
    "heart_health": VO2_MAX,
}
_FEW: Final = 3
_PROFILE: Final = ("age", "weight", "height", "biological_sex")


class TokenBody(Body, kw_only=True):
    """When the access token ends, and whether it is renewed."""

    expires_at: str | None = None
    renews: bool


class PermissionsAnswer(TypedAnswer, kw_only=True):
    """What may be read, what is missing, and the state of the connection."""

    connected: bool
    account: str
    granted: Table
    missing: Table
    token: TokenBody
    last_sync: str | None = None


@dataclass(frozen=True, slots=True)
class PermissionsArguments:
    """The arguments of ``oura_permissions``."""

    verify: bool


async def _run(context: Context, arguments: PermissionsArguments) -> Answer:
    connection = await context.connection()
    if arguments.verify:
        context.forget()
        connection = replace(connection, granted=None)
    sync_failures: list[OuraError] = []
    (granted, unknown), synced = await asyncio.gather(
        granted_scopes(context, connection), last_sync(context, sync_failures)
    )
    missing = [name for name in SCOPES if name not in granted and name not in unknown]
    body = PermissionsAnswer(
        connected=True,
        account=connection.account,
        granted=_table(granted),
        missing=_table(missing),
        token=TokenBody(
            expires_at=iso_minute(connection.expires_at, context.zone), renews=connection.renews
        ),
        last_sync=iso_minute(synced, context.zone),
    )
    notes = []
    if missing:
        notes.append(f"To add one, connect again. {context.connect_hint}")
    if unknown:
        notes.append(f"Could not be checked just now: {', '.join(unknown)}.")
    if synced is None and sync_failures:
        notes.append(not_read("last sync", sync_failures[0]))
    return compose(_summary(connection, granted, missing, unknown), body, notes=notes)


async def granted_scopes(context: Context, connection: Connection) -> tuple[list[str], list[str]]:
    """The granted permissions and those that could not be found out, as bare names.

    Where the grant did not say, each permission is tried with one cheap request, once while the
    process runs.

    Raises:
        OuraError: Not one of them could be tried.
    """
    if connection.granted is not None:
        return [name for name in SCOPES if name in connection.granted], []
    if context.memory.granted is not None:
        return list(context.memory.granted), []
    checks = [_probe(context, scope, collection) for scope, collection in _PROBES.items()]
    tried = await asyncio.gather(*checks, _probe_heartrate(context), _profile(context))
    verdicts = {scope: verdict for part in tried for scope, verdict in part.items()}
    failures = {name: v for name, v in verdicts.items() if isinstance(v, OuraError)}
    if len(failures) == len(verdicts):
        raise next(iter(failures.values()))
    granted = [name for name in SCOPES if verdicts.get(name) is True]
    if not failures:
        context.memory.granted = tuple(granted)
    return granted, [name for name in SCOPES if name in failures]


async def _probe(context: Context, scope: str, collection: AnyCollection) -> dict[str, _Verdict]:
    day = context.now().date() - timedelta(days=1)
    return {scope: await _verdict(context.client.collection(collection, day, day))}


async def _probe_heartrate(context: Context) -> dict[str, _Verdict]:
    return {"heartrate": await _verdict(context.client.latest_heartrate())}


async def _verdict(asked: Awaitable[object]) -> _Verdict:
    try:
        await asked
    except ScopeMissing:
        return False
    except OuraError as failure:
        return failure
    return True


async def _profile(context: Context) -> dict[str, _Verdict]:
    try:
        person = await context.client.personal_info()
    except ScopeMissing:
        return {"personal": False, "email": False}
    except OuraError as failure:
        return {"personal": failure, "email": failure}
    return {
        "personal": any(getattr(person, field) is not None for field in _PROFILE),
        "email": person.email is not None,
    }


def _table(names: Iterable[str]) -> Table:
    rows = [[name, SCOPES[name].description, SCOPES[name].unlocks] for name in names]
    return Table(["scope", "description", "unlocks"], rows)


def _summary(
    connection: Connection, granted: list[str], missing: list[str], unknown: list[str]
) -> str:
    words = f"Connected as “{connection.account}” with {len(granted)} of {len(SCOPES)} permissions"
    if unknown:
        words += f"; {len(unknown)} could not be checked"
    if not missing:
        return f"{words}."
    if len(missing) > _FEW:
        return f"{words}. {len(missing)} are missing."
    return f"{words}. Missing: {', '.join(missing)}."


TOOL: Final = Tool(
    name="oura_permissions",
    title="Permissions and connection",
    description="Granted and missing permissions with what each unlocks, token life, last sync.",
    properties={
        "verify": {
            "type": "boolean",
            "default": False,
            "description": "Ask Oura now instead of reading the grant",
        },
    },
    output={
        "type": "object",
        "properties": {
            "summary": COMMON_OUTPUT["summary"],
            "notes": COMMON_OUTPUT["notes"],
            "connected": {"type": "boolean"},
            "account": {"type": "string"},
            "granted": TABLE_SCHEMA,
            "missing": TABLE_SCHEMA,
            "token": {"type": "object"},
            "last_sync": {"type": "string"},
        },
        "required": ["summary", "connected", "account", "granted", "missing", "token"],
    },
    scopes=(),
    run=with_arguments(PermissionsArguments, _run),
)
