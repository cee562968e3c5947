"""``oura_permissions``: what may be read, what is missing, and whether the connection works."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from annulet.contract.documents import PersonalInfo
from annulet.contract.scopes import SCOPES
from annulet.errors import OuraError, ScopeMissing
from annulet.toolkit.answer_builder import COMMON_OUTPUT, TABLE_SCHEMA, compose, table
from annulet.toolkit.context import Connection, Context
from annulet.toolkit.local_time import local_time
from annulet.toolkit.reading.sync_status import last_sync
from annulet.toolkit.tool import Answer, Arguments, Tool
from annulet.toolkit.wording.missing_data import not_read

__all__ = ["TOOL", "granted_scopes"]

_Verdict = bool | OuraError

_PROBES: Final = {
    "daily": "daily_readiness",
    "spo2": "daily_spo2",
    "workout": "workout",
    "session": "session",
    "tag": "tag",
    "ring_configuration": "ring_configuration",
    "stress": "daily_resilience",
    "heart_health": "vO2_max",
}
_FEW: Final = 3
_PROFILE: Final = ("age", "weight", "height", "biological_sex")


async def _run(context: Context, arguments: Arguments) -> Answer:
    del arguments
    connection = await context.connection()
    unsynced: list[OuraError] = []
    (granted, unknown), synced = await asyncio.gather(
        granted_scopes(context, connection), last_sync(context, unsynced)
    )
    missing = [name for name in SCOPES if name not in granted and name not in unknown]
    body = {
        "connected": True,
        "account": connection.account,
        "granted": _table(granted),
        "missing": _table(missing),
        "token": _token(connection),
        "last_sync": local_time(synced, context.zone),
    }
    notes = []
    if missing:
        notes.append(f"To add one, connect again. {context.connect_hint}")
    if unknown:
        notes.append(f"Could not be checked just now: {', '.join(unknown)}.")
    if synced is None and unsynced:
        notes.append(not_read("last sync", unsynced[0]))
    return compose(_summary(connection, granted, missing, unknown), body, notes=notes)


async def granted_scopes(context: Context, connection: Connection) -> tuple[list[str], list[str]]:
    """The granted permissions and those that could not be found out, as bare names.

    Where the grant did not say, each permission is tried with one cheap request, once in the
    life of the process.

    Raises:
        OuraError: Not one of them could be tried.
    """
    if connection.granted is not None:
        return [name for name in SCOPES if name in connection.granted], []
    known = context.memory.get("granted")
    if isinstance(known, tuple):
        return list(known), []
    checks = [_probe(context, scope, name) for scope, name in _PROBES.items()]
    tried = await asyncio.gather(*checks, _probe_heartrate(context), _profile(context))
    verdicts = {scope: verdict for found in tried for scope, verdict in found.items()}
    failures = {name: v for name, v in verdicts.items() if isinstance(v, OuraError)}
    if len(failures) == len(verdicts):
        raise next(iter(failures.values()))
    granted = [name for name in SCOPES if verdicts.get(name) is True]
    if not failures:
        context.memory["granted"] = tuple(granted)
    return granted, [name for name in SCOPES if name in failures]


async def _probe(context: Context, scope: str, collection: str) -> dict[str, _Verdict]:
    day = context.now().date() - timedelta(days=1)
    return {scope: await _verdict(context.client.collection(collection, day, day))}


async def _probe_heartrate(context: Context) -> dict[str, _Verdict]:
    return {"heartrate": await _verdict(context.client.latest_heartrate())}


async def _verdict(asked: Awaitable[Any]) -> _Verdict:
    try:
        await asked
    except ScopeMissing:
        return False
    except OuraError as failure:
        return failure
    return True


async def _profile(context: Context) -> dict[str, _Verdict]:
    try:
        person: PersonalInfo = await context.client.personal_info()
    except ScopeMissing:
        return {"personal": False, "email": False}
    except OuraError as failure:
        return {"personal": failure, "email": failure}
    return {
        "personal": any(getattr(person, field) is not None for field in _PROFILE),
        "email": person.email is not None,
    }


def _table(names: Iterable[str]) -> dict[str, Any]:
    rows = [[name, SCOPES[name].description, SCOPES[name].unlocks] for name in names]
    return table(["scope", "description", "unlocks"], rows)


def _token(connection: Connection) -> dict[str, Any]:
    token: dict[str, Any] = {}
    if connection.expires_at is not None:
        token["expires_at"] = _utc(connection.expires_at)
    token["renews"] = connection.renews
    return token


def _utc(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="minutes").replace("+00:00", "Z")


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
    properties={},
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
    run=_run,
)
