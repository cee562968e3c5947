"""Numbers as people write them, in the unit of the column they are compared with."""

from __future__ import annotations

import re
from typing import Final

from annulet.analytics.query.columns import Column

_HOURS: Final = r"h|hr|hrs|hour|hours|std|stunde|stunden"
_MINUTES: Final = r"m|min|mins|minute|minutes|minuten"
_DURATION: Final = re.compile(
    rf"(\d+)\s*(?:{_HOURS})\s*(?:and |und )?(\d{{1,2}})\s*(?:{_MINUTES})?|(\d{{1,2}}):(\d{{2}})"
)
_NUMBER: Final = re.compile(
    r"([+\-−]?)\s*(\d{1,3}(?:[, ’']\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?|[.,]\d+)\s*(.*)"
)
_GERMAN_THOUSANDS: Final = re.compile(r"\d{1,3}\.\d{3}")
_IN_THOUSANDS: Final = frozenset({"steps", "kcal", "m"})
"""Units of whole figures so large that 10.000 is ten thousand."""
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:[, ’']\d{3})+(?:\.\d+)?")


def _factors(**words: float) -> dict[str, float]:
    return {word: factor for names, factor in words.items() for word in names.split("__")}


_FACTORS: Final[dict[str, dict[str, float]]] = {
    "min": {
        **dict.fromkeys(_HOURS.split("|"), 60.0),
        **dict.fromkeys(_MINUTES.split("|"), 1.0),
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


def number(text: str, column: Column) -> float | None:
    """A written number in the unit of a column; None where it is none, or in another unit.

    >>> sleep = Column("total_sleep_min", unit="min")
    >>> number("7h30m", sleep), number("7.5 h", sleep), number("450", sleep)
    (450.0, 450.0, 450.0)
    """
    plain = text.strip().casefold()
    if column.unit == "min":
        parts = _DURATION.fullmatch(plain)
        if parts is not None:
            return float(int(parts[1] or parts[3]) * 60 + int(parts[2] or parts[4]))
    match = _NUMBER.fullmatch(plain)
    if match is None:
        return None
    sign, digits, unit = match[1], match[2], match[3].strip()
    if _THOUSANDS.fullmatch(digits):
        digits = re.sub(r"[, ’']", "", digits)
    elif column.unit in _IN_THOUSANDS and _GERMAN_THOUSANDS.fullmatch(digits):
        digits = digits.replace(".", "")
    factor = 1.0 if not unit else _factor(unit, column.unit)
    if factor is None:
        return None
    value = float(digits.replace(",", ".")) * factor
    return value if sign in {"", "+"} else -value


def _factor(written: str, unit: str) -> float | None:
    known = _FACTORS.get(unit, {})
    if written == unit.casefold():
        return 1.0
    return known.get(written)
