"""The names of units, alone and as a part of the name of a column."""

from __future__ import annotations

import re
from typing import Final

HOURS: Final = r"h|hr|hrs|hour|hours|std|stunde|stunden"
MINUTES: Final = r"m|min|mins|minute|minutes|minuten"


def _factors(**words: float) -> dict[str, float]:
    return {word: factor for names, factor in words.items() for word in names.split("__")}


_FACTORS: Final[dict[str, dict[str, float]]] = {
    "min": {
        **dict.fromkeys(HOURS.split("|"), 60.0),
        **dict.fromkeys(MINUTES.split("|"), 1.0),
        **dict.fromkeys(("s", "sec", "second", "seconds", "sekunden"), 1 / 60),
    },
    "m": {
        **_factors(m__meter__meters__metre__metres=1.0, km__kilometer__kilometers=1000.0),
        **_factors(mi__mile__miles=1609.344, k=1000.0),
    },
    "ms": _factors(ms__millisekunden=1.0),
    "bpm": _factors(bpm__beats=1.0),
    "°C": {"c": 1.0, "°c": 1.0, "°": 1.0, "degrees": 1.0, "grad": 1.0, "f": 5 / 9, "°f": 5 / 9},
    "%": {"%": 1.0, "pct": 1.0, "percent": 1.0, "prozent": 1.0},
    "kcal": {**_factors(kcal__cal__cals__calories__kalorien=1.0, k=1000.0), "kj": 1 / 4.184},
    "steps": _factors(steps__step__schritte=1.0, k=1000.0),
    "km/h": {"km/h": 1.0, "kmh": 1.0, "kph": 1.0, "mph": 1.609344, "m/s": 3.6},
    "/min": {"/min": 1.0, "breaths": 1.0, "per min": 1.0},
    "years": {"years": 1.0, "year": 1.0, "y": 1.0, "jahre": 1.0},
    "": {"points": 1.0, "point": 1.0, "times": 1.0, "x": 1.0, "punkte": 1.0},
}


UNIT_WORDS: Final = frozenset(
    {
        *("h", "hr", "hrs", "hour", "hours", "min", "mins", "minute", "minutes"),
        *("s", "sec", "secs", "second", "seconds", "m", "meters", "metres", "km", "kilometers"),
        *("mi", "mile", "miles", "kj", "kcal", "pct", "percent", "ms", "bpm", "c", "f", "kmh"),
        *("mph", "stunden", "minuten", "sekunden"),
    }
)
"""Units that names end in, or begin with."""
_SECONDS_AT_OURA: Final = frozenset(
    f"{stage}_duration" for stage in ("total_sleep", "deep_sleep", "light_sleep", "rem_sleep")
)
"""Oura's own names, which are in seconds there."""


def name_unit(name: str, column: str, unit: str) -> str:
    """The unit that a written name carries, where the column can be given in it; else nothing.

    Args:
        name: The name as it was written.
        column: The name of the column it means.
        unit: The unit of that column.

    >>> name_unit("sleep_hours", "total_sleep_min", "min")
    'hours'
    """
    words = _name_words(name)
    for word in (words[-1], words[0]) if words and "_".join(words) != column else ():
        if word in UNIT_WORDS and unit_factor(word, unit) is not None:
            return word
    return ""


def seconds_at_oura(name: str) -> bool:
    """Whether a written name is one of Oura's own, which are in seconds there."""
    return "_".join(_name_words(name)) in _SECONDS_AT_OURA


def without_unit(name: str) -> tuple[str, str]:
    """A folded name without the unit it ends in, and that unit; two empty texts for none."""
    stem, _, unit = name.rpartition("_")
    return (stem, unit) if stem and unit in UNIT_WORDS else ("", "")


def is_unit(word: str, unit: str) -> bool:
    """Whether values in a unit can be written in another one."""
    return unit_factor(word, unit) is not None


def _name_words(name: str) -> list[str]:
    last = name.casefold().rpartition(".")[2]
    return [word for word in re.split(r"[\s_\-]+", last) if word]


def unit_factor(written: str, unit: str) -> float | None:
    """How many of a unit one of the written unit is; None where they do not measure the same."""
    known = _FACTORS.get(unit, {})
    if written == unit.casefold():
        return 1.0
    return known.get(written)
