"""The columns that follow from a day's date, and the groups of the calendar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS: Final = (
    *("jan", "feb", "mar", "apr", "may", "jun"),
    *("jul", "aug", "sep", "oct", "nov", "dec"),
)
SEASONS: Final = ("winter", "spring", "summer", "autumn")
"""The seasons of the northern half of the earth, each of three whole months."""
GERMAN_SEASONS: Final = {
    "frühling": ("spring",),
    "frühjahr": ("spring",),
    "sommer": ("summer",),
    "herbst": ("autumn",),
}
_SATURDAY: Final = 5


def weekday(day: int) -> int:
    """The weekday of a day, 0 for Monday."""
    return (day + 6) % 7  # ordinal 1 was a Monday


def _months(day: int) -> int:
    that = date.fromordinal(day)
    return that.year * 12 + that.month - 1


def _season(day: int) -> str:
    return SEASONS[date.fromordinal(day).month % 12 // 3]


CALENDAR_READERS: Final[dict[str, Callable[[int], float | str]]] = {
    "day": lambda day: day,
    "weekday": weekday,
    "weekend": lambda day: weekday(day) >= _SATURDAY,
    "night": lambda day: weekday(day - 1),  # the evening before: nights are dated by waking
    "month": _months,
    "year": lambda day: date.fromordinal(day).year,
    "season": _season,
}
"""Each calendar column by the ordinal of the day; the kinds are those of `columns.CALENDAR`."""


def _month(day: int) -> str:
    return date.fromordinal(day).isoformat()[:7]


def _quarter(day: int) -> str:
    that = date.fromordinal(day)
    return f"{that.year}-Q{(that.month + 2) // 3}"


CALENDAR_GROUPS: Final[dict[str, Callable[[int], str]]] = {
    "day": lambda day: date.fromordinal(day).isoformat(),
    "weekday": lambda day: WEEKDAYS[weekday(day)],
    "weekend": lambda day: "yes" if weekday(day) >= _SATURDAY else "no",
    "night": lambda day: WEEKDAYS[weekday(day - 1)],
    "week": lambda day: date.fromordinal(day - weekday(day)).isoformat(),
    "month": _month,
    "month_of_year": lambda day: MONTHS[date.fromordinal(day).month - 1],
    "season": _season,
    "quarter": _quarter,
    "year": lambda day: str(date.fromordinal(day).year),
}
"""The name of the group a day belongs to."""

IN_TIME: Final = frozenset({"day", "week", "month", "quarter", "year"})
"""Groups that follow one another, so that each has one before it."""
