"""``oura_device``: the ring itself, and the wearer's profile where it was asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, TypeVar

from annulet.contract.documents import PersonalInfo, RingBatterySample, RingConfiguration
from annulet.contract.texts import code_of
from annulet.errors import AccountRefused, AnnuletError, NoDataError, OuraError, ScopeMissing
from annulet.toolkit.answer_builder import COMMON_OUTPUT, Body, Number, TypedAnswer, compose
from annulet.toolkit.context import Context
from annulet.toolkit.reading.sync_status import last_sync
from annulet.toolkit.tool import Answer, Tool, with_arguments
from annulet.toolkit.wording.missing_data import unread_notes
from annulet.toolkit.wording.number_format import counted, rounded
from annulet.toolkit.wording.person_texts import text_notes

T = TypeVar("T")

_NEVER: Final = datetime.min.replace(tzinfo=UTC)
_OLD: Final = timedelta(days=1)
_AHEAD: Final = timedelta(minutes=5)
_MODELS: Final = {
    "gen1": "Gen 1",
    "gen2": "Gen 2",
    "gen2m": "Gen 2",
    "gen3": "Gen 3",
    "gen4": "4",
    "or5": "5",
}
_BATTERY_DAYS: Final = timedelta(days=7)
_PERSONAL: Final = ("age", "weight", "height", "biological_sex")


@dataclass(frozen=True, slots=True)
class DeviceArguments:
    """The arguments of ``oura_device``."""

    profile: bool


class RingBody(Body, kw_only=True):
    """The ring, as Oura names it; ``size`` is the ring size."""

    model: str | None = None
    firmware: str | None = None
    size: int | None = None
    color: str | None = None
    design: str | None = None
    set_up: date | None = None


class ProfileBody(Body, kw_only=True):
    """What the person has told Oura: age in years, kilograms, metres."""

    age: Number | None = None
    weight_kg: Number | None = None
    height_m: Number | None = None
    biological_sex: str | None = None
    email: str | None = None


class DeviceAnswer(TypedAnswer, kw_only=True):
    """The ring, its battery, and the profile where it was asked for."""

    ring: RingBody | None = None
    battery_pct: float | None = None
    profile: ProfileBody | None = None


async def _run(context: Context, arguments: DeviceArguments) -> Answer:
    client = context.client
    rings, battery, person = await asyncio.gather(
        _attempt(client.ring_configuration()),
        _attempt(_newest_battery(context)),
        _attempt(client.personal_info() if arguments.profile else _nothing()),
    )
    parts = {"ring": rings, "battery": battery, "profile": person}
    failures = {name: part for name, part in parts.items() if isinstance(part, AnnuletError)}
    if len(failures) == (len(parts) if arguments.profile else len(parts) - 1):
        raise failures["ring"]
    known_rings = [] if isinstance(rings, AnnuletError) else [*rings]
    battery = None if isinstance(battery, AnnuletError) else battery
    person = None if isinstance(person, AnnuletError) else person
    if not known_rings and not failures and not arguments.profile:
        raise NoDataError(
            "This Oura account has no ring.", hint="Set up a ring in the Oura app first."
        )
    limit = context.now() + _AHEAD
    present_rings = [ring for ring in known_rings if _aware(ring.set_up_at) <= limit]
    ring = max(present_rings, key=lambda r: _aware(r.set_up_at), default=None)
    level = None if battery is None else battery.level
    notes = unread_notes(failures)
    if person is not None and not any(getattr(person, name) for name in _PERSONAL):
        notes.append(_no_profile((await context.connection()).granted))
    notes += _ring_notes(len(known_rings), len(present_rings))
    if battery is not None:
        notes.append(await _battery_age(battery.timestamp, context))
    body = DeviceAnswer(
        ring=None if ring is None else _ring(ring),
        battery_pct=level,
        profile=None if person is None else _profile(person),
    )
    if body.ring is not None:
        notes += text_notes(getattr(body.ring, name) for name in body.ring.__struct_fields__)
    return compose(_summary(ring, level), body, notes=notes)


async def _newest_battery(context: Context) -> RingBatterySample | None:
    """The newest battery level; a newer row without a level, or of the future, hides none."""
    now = context.now()
    newest = await context.client.latest_battery_level()
    if newest is None or _is_level(newest, now):
        return newest
    rows = await context.client.ring_battery_level(now - _BATTERY_DAYS, now)
    return next((row for row in reversed(rows) if _is_level(row, now)), None)


def _is_level(row: RingBatterySample, now: datetime) -> bool:
    return row.level is not None and row.timestamp is not None and row.timestamp <= now + _AHEAD


async def _attempt(asked: Awaitable[T]) -> T | AnnuletError:
    try:
        return await asked
    except (AccountRefused, ScopeMissing, OuraError) as failure:
        return failure


async def _nothing() -> None:
    """What is read where the profile is not asked for."""


def _ring(ring: RingConfiguration) -> RingBody:
    return RingBody(
        model=ring.hardware_type,
        firmware=ring.firmware_version,
        size=ring.size,
        color=ring.color,
        design=ring.design,
        set_up=None if ring.set_up_at is None else ring.set_up_at.date(),
    )


def _ring_notes(known: int, present: int) -> list[str]:
    """What is said of further rings."""
    notes = [f"The newest of {present} rings ever set up."] if present > 1 else []
    future = known - present
    if future:
        notes.append(f"{counted(future, 'ring')} with a set-up date in the future left out.")
    return notes


def _aware(instant: datetime | None) -> datetime:
    if instant is None:
        return _NEVER
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)


async def _battery_age(measured: datetime | None, context: Context) -> str:
    """When the battery was read, where that is long ago, and whether the ring has synced since."""
    if measured is None or measured.tzinfo is None or context.now() - measured < _OLD:
        return ""
    when = measured.astimezone(context.zone.tz)
    utc = " UTC" if context.zone.assumed else ""
    read = f"The battery was read on {when:%Y-%m-%d %H:%M}{utc}"
    synced = await last_sync(context)
    if synced is not None and synced > measured + _AHEAD:
        return f"{read}; the ring has synced since, but without its battery."
    return f"{read}; your ring has not synced since: open the Oura app."


def _no_profile(granted: tuple[str, ...] | None) -> str:
    """Why there is no age, weight, height or sex: Oura sends nothing in either case."""
    if granted is None:
        return (
            "Age, weight, height, sex: not filled in in the Oura app, or not permitted "
            "(permission personal)."
        )
    if "personal" in granted:
        return "Age, weight, height, sex are not filled in in the Oura app."
    return "Not permitted: age, weight, height, sex (permission personal)."


def _profile(person: PersonalInfo) -> ProfileBody | None:
    body = ProfileBody(
        age=rounded(person.age),
        weight_kg=rounded(person.weight, 1),
        height_m=rounded(person.height, 2),
        biological_sex=person.biological_sex,
        email=person.email,
    )
    return None if body == ProfileBody() else body


def _model_words(hardware_type: str | None) -> str:
    """The name of a ring as it is sold; an unknown model in Oura's own word, where it is a code."""
    model = code_of(hardware_type)
    return f"Oura Ring {_MODELS.get(model.casefold(), f'({model})')}" if model else "Oura Ring"


def _summary(ring: RingConfiguration | None, level: float | None) -> str:
    words = "The ring's configuration is not known."
    if ring is not None and _ring(ring) != RingBody():
        parts = [
            _model_words(ring.hardware_type),
            "" if ring.size is None else f"size {ring.size}",
            code_of(ring.color).replace("_", " "),
            "" if not code_of(ring.firmware_version) else f"firmware {ring.firmware_version}",
        ]
        words = f"{', '.join(part for part in parts if part)}."
    return words if level is None else f"{words} Battery {level:.0f} %."


TOOL: Final = Tool(
    name="oura_device",
    title="Ring and profile",
    description=(
        "The ring: model, firmware, size, colour, battery; profile adds age, weight, height."
    ),
    properties={
        "profile": {"type": "boolean", "default": False, "description": "Add the profile"},
    },
    output={
        "type": "object",
        "properties": {
            "summary": COMMON_OUTPUT["summary"],
            "notes": COMMON_OUTPUT["notes"],
            "ring": {"type": "object"},
            "battery_pct": {"type": "number"},
            "profile": {"type": "object"},
        },
        "required": ["summary"],
    },
    scopes=("ring_configuration", "personal"),
    run=with_arguments(DeviceArguments, _run),
)
