"""The main sleep of a day as one record, also where Oura has it in several."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

import msgspec

from annulet.analytics.nights import LONGEST_BREAK, Stretch, main_sleeps, naps
from annulet.contract.documents import Sleep
from annulet.toolkit.sleep_kinds import MAIN, NAP

_SUMS = (
    *("total_sleep_duration", "deep_sleep_duration", "light_sleep_duration"),
    *("rem_sleep_duration", "awake_time", "time_in_bed", "restless_periods"),
)
_AVERAGES = ("average_heart_rate", "average_hrv", "average_breath", "efficiency")


def main_sleep_parts(sleeps: Iterable[Sleep]) -> dict[date, list[Sleep]]:
    """The sleeps that make up the main sleep of each day, by start."""
    known = list(sleeps)
    chosen = main_sleeps(_stretches(known))
    return {day: [known[int(key)] for key in keys] for day, keys in chosen.items()}


def nap_parts(sleeps: Iterable[Sleep]) -> dict[date, list[Sleep]]:
    """The naps of each day, by start: the sleeps that are no part of its main sleep."""
    known = list(sleeps)
    stretches = _stretches(known)
    chosen = naps(stretches, main_sleeps(stretches))
    return {day: [known[int(key)] for key in keys] for day, keys in chosen.items()}


def kinds_of_sleep(sleeps: Iterable[Sleep]) -> dict[int, str]:
    """By identity of the record: ``main`` or ``nap``; a second record of one sleep is neither."""
    known = list(sleeps)
    main = {id(part): MAIN for parts in main_sleep_parts(known).values() for part in parts}
    return main | {id(nap): NAP for parts in nap_parts(known).values() for nap in parts}


def _stretches(sleeps: Iterable[Sleep]) -> list[Stretch]:
    return [
        Stretch(
            key=f"{place:06}",
            day=sleep.day,
            kind=sleep.type or "",
            start=sleep.bedtime_start,
            end=sleep.bedtime_end,
            asleep_s=_length_s(sleep),
        )
        for place, sleep in enumerate(sleeps)
        if sleep.day is not None
    ]


def longest_run(parts: Iterable[Sleep]) -> list[Sleep]:
    """Of the parts of a main sleep those of one sleep: the run with short breaks that is longest.

    Who works shifts may have two long sleeps a day. The middle of both is when they are awake.

    Args:
        parts: In order of their start.
    """
    runs: list[list[Sleep]] = []
    for part in parts:
        end, start = (runs[-1][-1].bedtime_end if runs else None), part.bedtime_start
        if end is not None and start is not None and start - end <= LONGEST_BREAK:
            runs[-1].append(part)
        else:
            runs.append([part])
    return max(runs, key=lambda run: sum(map(_length_s, run)), default=[])


def join_parts(parts: list[Sleep]) -> Sleep:
    """One record of the parts of a main sleep, in order of their start.

    Durations are sums, and missing where a part does not say; averages are weighted by time; the
    lowest heart rate is the lowest; bedtime is the first, waking the last. Series and everything
    else are those of the longest part.
    """
    if len(parts) == 1:
        return parts[0]
    longest = max(parts, key=_length_s)
    values: dict[str, object] = {name: _sum(parts, name) for name in _SUMS}
    values |= {name: _average(parts, name) for name in _AVERAGES}
    values["lowest_heart_rate"] = _of_known(min, parts, "lowest_heart_rate")
    values["latency"] = parts[0].latency
    values["bedtime_start"] = parts[0].bedtime_start
    values["bedtime_end"] = _of_known(max, parts, "bedtime_end")
    values["type"] = "long_sleep"
    total, in_bed = values["total_sleep_duration"], values["time_in_bed"]
    if isinstance(total, int | float) and isinstance(in_bed, int | float) and in_bed:
        values["efficiency"] = round(100 * total / in_bed)
    values["extra"] = {name: value for part in parts for name, value in part.extra.items()}
    return msgspec.structs.replace(longest, **values)


def _length_s(sleep: Sleep) -> float:
    asleep = sleep.total_sleep_duration
    return (sleep.time_in_bed if asleep is None else asleep) or 0.0


def _sum(parts: list[Sleep], name: str) -> float | None:
    values = [getattr(part, name) for part in parts]
    return None if None in values else sum(values)


def _average(parts: list[Sleep], name: str) -> float | None:
    weighted = [
        (getattr(part, name), _length_s(part))
        for part in parts
        if getattr(part, name) is not None and _length_s(part)
    ]
    weight = sum(length for _, length in weighted)
    return sum(value * length for value, length in weighted) / weight if weight else None


def _of_known(
    choose: Callable[[list[float]], float], parts: list[Sleep], name: str
) -> float | None:
    values = [getattr(part, name) for part in parts if getattr(part, name) is not None]
    return choose(values) if values else None
