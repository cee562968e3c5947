"""``oura_permissions``: what may be read, what is missing, and whether the connection works."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from annulet.contract.collections import (
    DAILY_CARDIOVASCULAR_AGE,
    DAILY_READINESS,
    DAILY_RESILIENCE,
    DAILY_SLEEP,
    DAILY_SPO2,
    ENHANCED_TAG,
    RING_CONFIGURATION,
    SESSION,
    TAG,
    VO2_MAX,
    WORKOUT,
    AnyCollection,
)
from annulet.contract.scopes import SCOPES
from annulet.errors import AccountRefused, AnnuletError, OuraError, ScopeMissing
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
from annulet.toolkit.reading.gather import worst
from annulet.toolkit.reading.sync_status import last_sync
from annulet.toolkit.tool import Answer, Tool, with_arguments
from annulet.toolkit.wording.missing_data import not_read

_Verdict = bool | None | AnnuletError
"""Whether a permission was granted; ``None`` where Oura's answer does not tell."""

_PROBES: Final[dict[str, tuple[AnyCollection, ...]]] = {
    "daily": (DAILY_READINESS, DAILY_SLEEP),
    "spo2": (DAILY_SPO2,),
    "workout": (WORKOUT,),
    "session": (SESSION,),
    "tag": (TAG, ENHANCED_TAG),
    "ring_configuration": (RING_CONFIGURATION,),
    "stress": (DAILY_RESILIENCE,),
    "heart_health": (VO2_MAX, DAILY_CARDIOVASCULAR_AGE),
}
"""What each permission is tried with: the first, and others where it alone may be refused."""
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
    sync_failures: list[AnnuletError] = []
    (granted, unchecked, unknown), synced = await asyncio.gather(
        granted_scopes(context, connection), last_sync(context, sync_failures)
    )
    missing = [name for name in SCOPES if name not in {*granted, *unchecked, *unknown}]
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
        notes.append(f"To add one, connect again: {_command(context.connect_hint)}")
    if unchecked:
        notes.append(f"Could not be checked just now: {', '.join(unchecked)}.")
    if unknown:
        notes.append(
            f"Not permitted, or not filled in in the Oura app: {', '.join(unknown)}. Oura sends "
            "nothing in either case."
        )
    if synced is None and sync_failures:
        notes.append(not_read("last sync", sync_failures[0]))
    words = _summary(connection, granted, missing, unchecked=unchecked, unknown=unknown)
    return compose(words, body, notes=notes)


async def granted_scopes(
    context: Context, connection: Connection
) -> tuple[list[str], list[str], list[str]]:
    """The granted permissions, those that could not be checked, and those that nothing tells.

    Where the grant did not say, each permission is tried with one cheap request, once while the
    process runs.

    Raises:
        OuraError: Not one of them could be tried.
    """
    if connection.granted is not None:
        return [name for name in SCOPES if name in connection.granted], [], []
    if context.memory.granted is not None:
        return list(context.memory.granted), [], list(context.memory.unclear)
    checks = [_probe(context, scope, collections) for scope, collections in _PROBES.items()]
    tried = await asyncio.gather(*checks, _probe_heartrate(context), _profile(context))
    verdicts = {scope: verdict for part in tried for scope, verdict in part.items()}
    failures = {name: v for name, v in verdicts.items() if isinstance(v, AnnuletError)}
    if failures and not any(verdict is True for verdict in verdicts.values()):
        raise worst(failures.values())
    granted = [name for name in SCOPES if verdicts.get(name) is True]
    unknown = [name for name in SCOPES if verdicts.get(name) is None]
    if not failures:
        context.memory.granted, context.memory.unclear = tuple(granted), tuple(unknown)
    return granted, [name for name in SCOPES if name in failures], unknown


async def _probe(
    context: Context, scope: str, collections: Iterable[AnyCollection]
) -> dict[str, _Verdict]:
    day = context.now().date() - timedelta(days=1)
    verdict: _Verdict = False
    for collection in collections:
        verdict = await _verdict(context.client.collection(collection, day, day))
        if verdict is not False:
            break
    return {scope: verdict}


async def _probe_heartrate(context: Context) -> dict[str, _Verdict]:
    return {"heartrate": await _verdict(context.client.latest_heartrate())}


async def _verdict(asked: Awaitable[object]) -> _Verdict:
    try:
        await asked
    except ScopeMissing:
        return False
    except (AccountRefused, OuraError) as failure:
        return failure
    return True


async def _profile(context: Context) -> dict[str, _Verdict]:
    try:
        person = await context.client.personal_info()
    except ScopeMissing:
        return {"personal": False, "email": False}
    except (AccountRefused, OuraError) as failure:
        return {"personal": failure, "email": failure}
    # Oura leaves out what is not permitted; what the person has not filled in is null.
    has_profile = any(getattr(person, field) is not None for field in _PROFILE)
    return {
        "personal": True if has_profile else None,
        "email": True if person.email is not None else None,
    }


def _command(hint: str) -> str:
    """What the person does to connect, without the words before it."""
    return hint.rpartition(": ")[2]


def _table(names: Iterable[str]) -> Table:
    rows = [[name, SCOPES[name].description, SCOPES[name].unlocks] for name in names]
    return Table(["scope", "description", "unlocks"], rows)


def _summary(
    connection: Connection,
    granted: list[str],
    missing: list[str],
    *,
    unchecked: list[str],
    unknown: list[str],
) -> str:
    words = f"Connected as “{connection.account}” with {len(granted)} of {len(SCOPES)} permissions"
    if unchecked:
        words += f"; {len(unchecked)} could not be checked"
    if unknown:
        words += f"; {len(unknown)} not known"
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
