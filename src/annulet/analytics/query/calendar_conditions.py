"""Conditions on weeks, quarters and periods in words, which are no cells of a column."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from annulet.analytics.query.columns import CALENDAR, Column, QueryField, Vocabulary
from annulet.analytics.query.conditions import Comparison
from annulet.analytics.query.literals import Literal, read_literal, split_list
from annulet.analytics.query.spelling import fold

_Reader = Callable[[str, Column, Vocabulary], tuple[Literal, ...] | None]

_QUARTER: Final = re.compile(r"(?:(\d{4}) ?)?q? ?([1-4])|q([1-4]) (\d{4})")
_WEEK_DAYS: Final = 7
_LONGEST: Final = 3700
_PERIODS: Final = frozenset({"day", "date", "week", "month", "quarter", "year"})
_ENDS: Final = {">=": 0, "<": 0, ">": 1, "<=": 1}
"""Which end of a period an order compares with."""


def calendar_condition(
    name: str, sign: str, written: str, vocabulary: Vocabulary
) -> Comparison | None:
    """The days or months that a condition on the calendar means; None for another one.

    Args:
        name: The name of the field as it was written.
        sign: One of ``= != > >= < <=``.
        written: What it is compared with.
        vocabulary: The fields there are; it knows today.
    """
    word = fold(name)
    read, column = _READERS.get(word, (None, ""))
    if read is not None and sign in {"=", "!="}:
        values = _each(read, CALENDAR[column], written, vocabulary)
        if values is not None:
            return Comparison(QueryField(CALENDAR[column]), sign, values)
    own = CALENDAR.get(word)
    is_plain = own is not None and read_literal(written, own, vocabulary.today) is not None
    is_weekday = read_literal(written, CALENDAR["weekday"], vocabulary.today) is not None
    if word not in _PERIODS or is_plain or is_weekday or ("," in written and word != "day"):
        return None
    days = vocabulary.period(written)
    return None if days is None else _of_period(sign, *days)


def _of_period(sign: str, first: int, last: int) -> Comparison | None:
    """Days inside a period, or before or after it."""
    day = QueryField(CALENDAR["day"])
    if sign in _ENDS:
        return Comparison(day, sign, ((first, last)[_ENDS[sign]],))
    if last - first > _LONGEST:
        return None
    return Comparison(day, sign, tuple(range(first, last + 1)))


def _each(
    read: _Reader, column: Column, written: str, vocabulary: Vocabulary
) -> tuple[Literal, ...] | None:
    values: list[Literal] = []
    for part in split_list(written):
        literals = read(part, column, vocabulary)
        if literals is None:
            return None
        values.extend(literals)
    return tuple(dict.fromkeys(values)) or None


def _number_of_month(
    text: str, column: Column, vocabulary: Vocabulary
) -> tuple[Literal, ...] | None:
    return read_literal(text, column, vocabulary.today)


def _quarter(text: str, _: Column, __: Vocabulary) -> tuple[Literal, ...] | None:
    match = _QUARTER.fullmatch(fold(text))
    if match is None:
        return None
    year = match[1] or match[4]
    first = 3 * int(match[2] or match[3]) - 2
    return tuple((int(year) if year else None, month) for month in range(first, first + 3))


def _week(text: str, _: Column, vocabulary: Vocabulary) -> tuple[Literal, ...] | None:
    days = vocabulary.period(text)
    if days is None or days[1] - days[0] >= _WEEK_DAYS:
        return None
    monday = days[0] - (days[0] - 1) % _WEEK_DAYS
    return tuple(range(monday, monday + _WEEK_DAYS))


_READERS: Final[dict[str, tuple[_Reader, str]]] = {
    "month of year": (_number_of_month, "month"),
    "quarter": (_quarter, "month"),
    "week": (_week, "day"),
}
"""How each name is read, and the column whose values come out."""
