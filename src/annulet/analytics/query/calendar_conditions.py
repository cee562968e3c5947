"""Conditions on groups of the calendar that are no columns: a week, a quarter, a month's number."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Final

from annulet.analytics.query.columns import CALENDAR, Column, QueryField
from annulet.analytics.query.conditions import Comparison
from annulet.analytics.query.literals import Literal, read_literal, split_list
from annulet.analytics.query.spelling import fold

_Reader = Callable[[str, Column, int], tuple[Literal, ...] | None]

_QUARTER: Final = re.compile(r"(?:(\d{4}) ?)?q? ?([1-4])|q([1-4]) (\d{4})")
_WEEK: Final = re.compile(r"(\d{4}) ?w(\d{1,2})")
_DAYS: Final = 7
_WEEKS_BACK: Final = {
    **dict.fromkeys(("this week", "current week", "diese woche"), 0),
    **dict.fromkeys(("last week", "previous week", "past week", "letzte woche"), 1),
}


def calendar_condition(name: str, sign: str, written: str, today: int) -> Comparison | None:
    """The days or months that a condition on a week or a quarter means; None for another one.

    Args:
        name: The name of the field as it was written.
        sign: One of ``= != > >= < <=``.
        written: What it is compared with.
        today: Today (ordinal).
    """
    word = fold(name)
    read, column = _READERS.get(word, (None, ""))
    if read is None or sign not in {"=", "!="}:
        return None
    values = _each(read, column, written, today)
    return None if values is None else Comparison(QueryField(CALENDAR[column]), sign, values)


def _each(read: _Reader, column: str, written: str, today: int) -> tuple[Literal, ...] | None:
    values: list[Literal] = []
    for part in split_list(written):
        literals = read(part, CALENDAR[column], today)
        if literals is None:
            return None
        values.extend(literals)
    return tuple(dict.fromkeys(values)) or None


def _quarter(text: str, _: Column, __: int) -> tuple[Literal, ...] | None:
    match = _QUARTER.fullmatch(fold(text))
    if match is None:
        return None
    year = match[1] or match[4]
    first = 3 * int(match[2] or match[3]) - 2
    return tuple((int(year) if year else None, month) for month in range(first, first + 3))


def _week(text: str, column: Column, today: int) -> tuple[Literal, ...] | None:
    word = fold(text)
    match = _WEEK.fullmatch(word)
    try:
        if match is not None:
            monday = date.fromisocalendar(int(match[1]), int(match[2]), 1).toordinal()
        elif word in _WEEKS_BACK:
            monday = today - (today - 1) % _DAYS - _DAYS * _WEEKS_BACK[word]
        else:
            days = read_literal(text, column, today)
            if days is None or len(days) != 1 or not isinstance(days[0], int | float):
                return None
            monday = int(days[0]) - (int(days[0]) - 1) % _DAYS
    except ValueError:
        return None
    return tuple(range(monday, monday + _DAYS))


_READERS: Final[dict[str, tuple[_Reader, str]]] = {
    "month of year": (read_literal, "month"),
    "quarter": (_quarter, "month"),
    "week": (_week, "day"),
}
"""How each name is read, and the column whose values come out."""
