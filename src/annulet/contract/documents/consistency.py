"""Which values of one document cannot all be true, and which of them is then missing.

A rule names the fields that are left out where it is broken, the fields they are judged
beside, and the reason for that choice. Rules are checked in order, once, while a document is
made; a value that an earlier one left out is missing to the later ones. A rule about a missing
value is not broken.

Limits of a single value stand in `annulet.contract.documents.quantities`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias

Values: TypeAlias = Any
"""A document while it is made: its fields by name."""

_ROUNDING_S: Final = 60
"""Durations of one document are rounded each by itself."""
_LONGEST_DAY_S: Final = 86_400 + 3_600
_CLOCK_S: Final = 3_600 + _ROUNDING_S
"""Some documents about a night with a change of the clocks have a span one hour off."""
_EFFICIENCY_POINTS: Final = 10
_DAYS_APART: Final = 183
"""An end of another year is none; of one that is weeks off, the day may be what is wrong."""
_LONGEST_WORKOUT_S: Final = 48 * 3_600

_STAGES: Final = ("deep_sleep_duration", "light_sleep_duration", "rem_sleep_duration")
_SLEEP_DURATIONS: Final = ("total_sleep_duration", *_STAGES, "awake_time", "latency")
_ENDS: Final = ("bedtime_start", "bedtime_end")
_DAY_PARTS: Final = (
    *("high_activity_time", "medium_activity_time", "low_activity_time"),
    *("sedentary_time", "resting_time", "non_wear_time"),
)


@dataclass(frozen=True, slots=True)
class ConsistencyRule:
    """What holds between the values of one document.

    Attributes:
        left_out: The fields that may be left out.
        beside: The fields they are judged beside.
        broken: The fields to leave out; none where the rule holds.
        reason: Why it is these fields that are left out.
    """

    left_out: tuple[str, ...]
    beside: tuple[str, ...]
    broken: Callable[[Values], Iterable[str]]
    reason: str


def _when(
    *fields: str, beside: tuple[str, ...], is_broken: Callable[[Values], bool], reason: str
) -> ConsistencyRule:
    """A rule that leaves out all its fields at once."""
    return ConsistencyRule(
        fields, beside, lambda values: fields if is_broken(values) else (), reason
    )


def _at_most(
    field: str, limit: Callable[[Values], float | None], beside: tuple[str, ...], reason: str
) -> ConsistencyRule:
    """A rule by which a duration is no longer than another, in seconds."""

    def is_broken(values: Values) -> bool:
        value, most = getattr(values, field), limit(values)
        return value is not None and most is not None and value > most + _ROUNDING_S

    return _when(field, beside=beside, is_broken=is_broken, reason=reason)


def seconds_between(start: datetime | None, end: datetime | None) -> float | None:
    """How long something lasted; ``None`` where an end is missing or has no offset."""
    if start is None or end is None or start.tzinfo is None or end.tzinfo is None:
        return None
    return (end - start).total_seconds()


def _span_s(sleep: Values) -> float | None:
    return seconds_between(sleep.bedtime_start, sleep.bedtime_end)


def _in_bed_s(sleep: Values) -> float | None:
    return _span_s(sleep) if sleep.time_in_bed is None else sleep.time_in_bed


def _asleep_s(sleep: Values) -> float | None:
    return _in_bed_s(sleep) if sleep.total_sleep_duration is None else sleep.total_sleep_duration


def _stage_values(sleep: Values) -> list[float]:
    return [value for name in _STAGES if (value := getattr(sleep, name)) is not None]


def _has_no_length(sleep: Values) -> bool:
    """Whether no time in bed stands beside a sleep that took some."""
    return bool(sleep.time_in_bed == 0) and bool(sleep.total_sleep_duration or _span_s(sleep))


def _is_other_length(sleep: Values) -> bool:
    span = _span_s(sleep)
    in_bed = sleep.time_in_bed
    return span is not None and in_bed is not None and abs(span - in_bed) > _CLOCK_S


def _is_unexplained(sleep: Values) -> bool:
    """Whether most of a time in bed was neither slept nor spent awake."""
    in_bed = _in_bed_s(sleep) or 0
    stages = _stage_values(sleep)
    is_without_stages = len(stages) == len(_STAGES) and not any(stages)
    total = sleep.total_sleep_duration
    is_sleepless = total == 0 or (total is None and is_without_stages)
    return is_sleepless and in_bed > max(_ROUNDING_S, 2 * (sleep.awake_time or 0))


def _ends_on_other_days(sleep: Values) -> list[str]:
    """The ends of a sleep that lie in another year than the day it belongs to."""
    moments = {name: getattr(sleep, name) for name in _ENDS}
    return [
        name
        for name, moment in moments.items()
        if moment is not None
        and sleep.day is not None
        and abs((moment.date() - sleep.day).days) > _DAYS_APART
    ]


def _has_no_stages(sleep: Values) -> bool:
    stages = _stage_values(sleep)
    return len(stages) == len(_STAGES) and not any(stages) and bool(sleep.total_sleep_duration)


def _has_more_stages(sleep: Values) -> bool:
    asleep = _asleep_s(sleep)
    return asleep is not None and sum(_stage_values(sleep)) > asleep + 5 * _ROUNDING_S


def _is_awake_longer(sleep: Values) -> bool:
    in_bed, asleep = _in_bed_s(sleep), sleep.total_sleep_duration or 0
    awake = sleep.awake_time
    return awake is not None and in_bed is not None and awake + asleep > in_bed + 5 * _ROUNDING_S


def _is_other_efficiency(sleep: Values) -> bool:
    in_bed, asleep = _in_bed_s(sleep), sleep.total_sleep_duration
    if not in_bed or asleep is None or sleep.efficiency is None:
        return False
    return bool(abs(100 * asleep / in_bed - sleep.efficiency) > _EFFICIENCY_POINTS)


def _is_lowest_above_average(sleep: Values) -> bool:
    lowest, average = sleep.lowest_heart_rate, sleep.average_heart_rate
    return lowest is not None and average is not None and lowest > average + 1


SLEEP_RULES: Final = (
    ConsistencyRule(
        _ENDS,
        (*_ENDS, "day"),
        _ends_on_other_days,
        "the day is what everything else of it is filed under",
    ),
    _when(
        *_ENDS,
        beside=_ENDS,
        is_broken=lambda sleep: (span := _span_s(sleep)) is not None and span <= 0,
        reason="nothing tells which end is wrong, or whether they were swapped",
    ),
    _when(
        "bedtime_end",
        "time_in_bed",
        "efficiency",
        *_SLEEP_DURATIONS,
        beside=_ENDS,
        is_broken=lambda sleep: (_span_s(sleep) or 0) > _LONGEST_DAY_S,
        reason="no sleep lasts longer than a day; the start is what Oura files it under",
    ),
    _when(
        "time_in_bed",
        beside=(*_ENDS, "total_sleep_duration"),
        is_broken=_has_no_length,
        reason="zero stands for a length that was not computed",
    ),
    _when(
        "time_in_bed",
        beside=_ENDS,
        is_broken=_is_other_length,
        reason="two instants agree on the span, one number does not",
    ),
    _when(
        *("efficiency", "total_sleep_duration", *_STAGES, "awake_time", "latency"),
        beside=("time_in_bed", *_ENDS, "total_sleep_duration", "awake_time", *_STAGES),
        is_broken=_is_unexplained,
        reason="mostly neither asleep nor awake: nothing was computed",
    ),
    _at_most(
        "total_sleep_duration",
        _in_bed_s,
        # The stages stand for a total that is missing or zero.
        beside=("time_in_bed", *_ENDS, *_STAGES),
        reason="the time in bed is bounded by both ends, the total by nothing else",
    ),
    _when(
        *_STAGES,
        beside=("total_sleep_duration", *_STAGES),
        is_broken=_has_no_stages,
        reason="sleep has stages: zeros stand for stages that were not computed",
    ),
    *(
        _at_most(
            stage,
            _asleep_s,
            beside=("total_sleep_duration", "time_in_bed", *_ENDS),
            reason="a part is longer than the whole, which is bounded by the time in bed",
        )
        for stage in _STAGES
    ),
    _when(
        *_STAGES,
        beside=("total_sleep_duration", "time_in_bed", *_ENDS, *_STAGES),
        is_broken=_has_more_stages,
        reason="together longer than the whole, and nothing tells which one is wrong",
    ),
    _when(
        "awake_time",
        beside=("total_sleep_duration", "time_in_bed", *_ENDS),
        is_broken=_is_awake_longer,
        reason="it is what the sleep leaves of the time in bed",
    ),
    _at_most(
        "latency",
        _in_bed_s,
        beside=("time_in_bed", *_ENDS),
        reason="falling asleep is a part of the time in bed",
    ),
    _when(
        "efficiency",
        beside=("total_sleep_duration", "time_in_bed", *_ENDS),
        is_broken=_is_other_efficiency,
        reason="it is computed from the two others",
    ),
    _when(
        "lowest_heart_rate",
        beside=("average_heart_rate",),
        is_broken=_is_lowest_above_average,
        reason="the lowest is one reading, the average is of thousands",
    ),
)


def _parts_beyond_a_day(activity: Values) -> list[str]:
    """The longest parts of a day, so many that the others fit into it."""
    lengths = {name: value for name in _DAY_PARTS if (value := getattr(activity, name)) is not None}
    left_out: list[str] = []
    for name in sorted(lengths, key=lengths.__getitem__, reverse=True):
        if sum(lengths.values()) <= _LONGEST_DAY_S + _ROUNDING_S:
            break
        del lengths[name]
        left_out.append(name)
    return left_out


def _has_no_energy(activity: Values) -> bool:
    return activity.total_calories == 0 and bool(activity.steps or activity.active_calories)


def _is_part_above_whole(activity: Values) -> bool:
    active, total = activity.active_calories, activity.total_calories
    return active is not None and total is not None and active > total + 1


ACTIVITY_RULES: Final = (
    ConsistencyRule(
        _DAY_PARTS,
        _DAY_PARTS,
        _parts_beyond_a_day,
        "parts of one day; the longest is the likeliest to be wrong",
    ),
    _when(
        "total_calories",
        beside=("steps", "active_calories"),
        is_broken=_has_no_energy,
        reason="who lives burns energy: zero stands for nothing computed",
    ),
    _when(
        "active_calories",
        "total_calories",
        beside=("active_calories", "total_calories"),
        is_broken=_is_part_above_whole,
        reason="a part above the whole, and nothing tells which is wrong",
    ),
)

STRESS_RULES: Final = (
    _when(
        "stress_high",
        "recovery_high",
        beside=("stress_high", "recovery_high"),
        is_broken=lambda d: (d.stress_high or 0) + (d.recovery_high or 0) > _LONGEST_DAY_S,
        reason="together longer than the day, and nothing tells which is wrong",
    ),
)


def _is_no_length(event: Values) -> bool:
    length = seconds_between(event.start_datetime, event.end_datetime)
    return length is not None and not 0 <= length <= _LONGEST_WORKOUT_S


EVENT_RULES: Final = (
    _when(
        "end_datetime",
        beside=("start_datetime",),
        is_broken=_is_no_length,
        reason="before the start, or days after it; the start is what Oura files it under",
    ),
)


def broken(rules: Iterable[ConsistencyRule], values: Values) -> Iterable[str]:
    """The fields to leave out, one rule after another; each is judged after the one before."""
    for rule in rules:
        yield from (name for name in rule.broken(values) if getattr(values, name) is not None)


def judged_beside(rules: Iterable[ConsistencyRule], fields: Iterable[str]) -> set[str]:
    """The fields that are needed to tell whether the values of some fields can be true."""
    known = list(rules)
    needed, judged = set(fields), set[str]()
    while needed - judged:
        name = (needed - judged).pop()
        judged.add(name)
        needed.update(*(rule.beside for rule in known if name in rule.left_out))
    return needed
