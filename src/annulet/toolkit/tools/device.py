"""``oura_device``: the ring itself, and the wearer's profile where it was asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from annulet.contract.documents import PersonalInfo, RingBatterySample, RingConfiguration
from annulet.errors import AnnuletError, NoDataError, OuraError, ScopeMissing
from annulet.toolkit.answer_builder import COMMON_OUTPUT, compose
from annulet.toolkit.context import Context
from annulet.toolkit.tool import Answer, Arguments, Tool
from annulet.toolkit.wording.missing_data import unread_notes
from annulet.toolkit.wording.number_format import rounded

__all__ = ["TOOL"]

_NEVER: Final = datetime.min.replace(tzinfo=UTC)
_OLD: Final = timedelta(days=1)
_PERSONAL: Final = ("age", "weight", "height", "biological_sex")


async def _run(context: Context, arguments: Arguments) -> Answer:
    client, profile = context.client, bool(arguments["profile"])
    questions: list[Any] = [client.ring_configuration(), client.latest_battery_level()]
    questions += [client.personal_info()] if profile else []
    found = await asyncio.gather(*(_attempt(question) for question in questions))
    lost = {
        name: part
        for name, part in zip(("ring", "battery", "profile"), found, strict=False)
        if isinstance(part, AnnuletError)
    }
    if len(lost) == len(found):
        raise lost["ring"]
    rings = [] if "ring" in lost else found[0]
    if not rings and not lost and not profile:
        raise NoDataError(
            "This Oura account has no ring.", hint="Set up a ring in the Oura app first."
        )
    ring = _current(rings)
    battery: RingBatterySample | None = None if "battery" in lost else found[1]
    level = None if battery is None else battery.level
    body = {
        "ring": ring,
        "battery_pct": level,
        "profile": _profile(found[2]) if profile and "profile" not in lost else None,
    }
    notes = unread_notes(lost)
    if profile and "profile" not in lost and not any(getattr(found[2], f) for f in _PERSONAL):
        notes.append(_no_profile((await context.connection()).granted))
    if len(rings) > 1:
        notes.append(f"The newest of {len(rings)} rings ever set up.")
    if battery is not None:
        notes.append(_battery_age(battery.timestamp, context))
    return compose(_summary(ring, level), body, notes=notes)


async def _attempt(question: Any) -> Any:
    try:
        return await question
    except (ScopeMissing, OuraError) as failure:
        return failure


def _current(rings: Sequence[RingConfiguration]) -> dict[str, Any] | None:
    if not rings:
        return None
    ring = max(rings, key=lambda r: _aware(r.set_up_at))
    facts = {
        "model": ring.hardware_type,
        "firmware": ring.firmware_version,
        "size": ring.size,
        "color": ring.color,
        "design": ring.design,
        "set_up": None if ring.set_up_at is None else ring.set_up_at.date().isoformat(),
    }
    return {key: value for key, value in facts.items() if value is not None}


def _aware(instant: datetime | None) -> datetime:
    if instant is None:
        return _NEVER
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)


def _battery_age(measured: datetime | None, context: Context) -> str:
    if measured is None or measured.tzinfo is None or context.now() - measured < _OLD:
        return ""
    when = measured.astimezone(context.zone.tz)
    utc = " UTC" if context.zone.assumed else ""
    return (
        f"The battery was read on {when:%Y-%m-%d %H:%M}{utc}; your ring has not synced since: "
        "open the Oura app."
    )


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


def _profile(person: PersonalInfo) -> dict[str, Any] | None:
    facts = {
        "age": person.age,
        "weight_kg": rounded(person.weight, 1),
        "height_m": rounded(person.height, 2),
        "biological_sex": person.biological_sex,
        "email": person.email,
    }
    known = {key: value for key, value in facts.items() if value is not None}
    return known or None


def _summary(ring: dict[str, Any] | None, level: float | None) -> str:
    if not ring:
        words = "The ring's configuration is not known."
    else:
        parts = [f"Oura Ring {ring['model']}"] if "model" in ring else ["Oura Ring"]
        parts += [f"size {ring['size']}"] if "size" in ring else []
        parts += [str(ring["color"]).replace("_", " ")] if "color" in ring else []
        parts += [f"firmware {ring['firmware']}"] if "firmware" in ring else []
        words = f"{', '.join(parts)}."
    return words if level is None else f"{words} Battery {level:.0f} %."


TOOL: Final = Tool(
    name="oura_device",
    title="Ring and profile",
    description=(
        "The ring: model, firmware, size, colour, battery; profile adds age, weight, height."
    ),
    properties={"profile": {"type": "boolean", "default": False}},
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
    run=_run,
)
