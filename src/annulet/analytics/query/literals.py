"""Written values into cells: numbers with units, clock times, days, words, in two languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Final

from annulet.analytics.query.columns import Column, Kind
from annulet.analytics.query.spelling import fold
from annulet.analytics.query.units import number

Literal = float | str | tuple[int | None, int]
_ITEM: Final = re.compile(r"\s*(?:\"[^\"]*\"|'[^']*'|[^,])+")
ANY: Final = "any"
NONE: Final = "none"
PART: Final = "*"
"""Stands before or after a word that need only be a part of a name."""

_CLOCK: Final = re.compile(r"(\d{1,2})(?:[:.h](\d{2})(?::\d{2})?)?\s*(am|pm|a\.m\.|p\.m\.|uhr|h)?")
_HOUR_ALONE: Final = re.compile(r"\d{1,2}")
_MINUTE: Final = re.compile(r"-?\d{1,4}(?:\.\d+)?")
_CLOCK_WORDS: Final = {"midnight": 0, "mitternacht": 0, "noon": 720, "mittag": 720}
_HALF_DAY: Final = 720
_DAY_MIN: Final = 1440
WEEKDAY_NAMES: Final = {
    name: place
    for place, names in enumerate(
        (
            "mon monday mondays montag montags mo",
            "tue tues tuesday tuesdays dienstag dienstags di",
            "wed weds wednesday wednesdays mittwoch mittwochs mi",
            "thu thur thurs thursday thursdays donnerstag donnerstags do",
            "fri friday fridays freitag freitags fr",
            "sat saturday saturdays samstag samstags sonnabend sa",
            "sun sunday sundays sonntag sonntags so",
        )
    )
    for name in names.split()
}
"""The number of each weekday, 0 for Monday, by its English and German names."""
MONTH_NAMES: Final = {
    name: place
    for place, names in enumerate(
        (
            "jan january januar jänner",
            "feb february februar",
            "mar march märz maerz mär",
            "apr april",
            "may mai",
            "jun june juni",
            "jul july juli",
            "aug august",
            "sep sept september",
            "oct october oktober okt",
            "nov november",
            "dec december dezember dez",
        ),
        start=1,
    )
    for name in names.split()
}
"""The number of each month by its English and German names."""

_ANY_OR_NONE: Final = {
    **dict.fromkeys(("null", "nothing", "empty", "no", "false", "nil", "kein", "keine"), NONE),
    **dict.fromkeys(("yes", "true", "anything", "something", "some", "ja"), ANY),
}
_YES: Final = frozenset({"yes", "true", "1", "y", "ja", "weekend", "wochenende"})
_NO: Final = frozenset({"no", "false", "0", "n", "nein", "weekday", "weekdays"})


def is_part(word: str) -> bool:
    """Whether a word stands for names it is a part of."""
    return PART in {word[:1], word[-1:]}


def has_part(name: str, part: str) -> bool:
    """Whether a folded name has a part.

    >>> has_part("dog walk", "*walk*"), has_part("dog walk", "walk*"), has_part("dog walk", "*walk")
    (True, False, True)
    """
    inner = part.strip(PART)
    begins, ends = not part.startswith(PART), not part.endswith(PART)
    return name.startswith(inner) if begins else name.endswith(inner) if ends else inner in name


def split_list(text: str) -> list[str]:
    """The parts of a written list: at commas outside of quotes, brackets around it ignored.

    >>> split_list('(sat, "wine, red")')
    ['sat', 'wine, red']
    """
    plain = text.strip()
    if plain[:1] in "([{" and plain[-1:] in ")]}":
        plain = plain[1:-1]
    return [match[0].strip().strip("\"'").strip() for match in _ITEM.finditer(plain)]


def read_literal(text: str, column: Column, today: int) -> tuple[Literal, ...] | None:
    """What one written value stands for on a column; None where it is no such value.

    A word may stand for several values (``weekend`` for Saturday and Sunday).

    Args:
        text: One value, not a list.
        column: The column it is compared with.
        today: Today (ordinal), for days in words.
    """
    return _READERS[column.kind](text.strip(), column, today)


def _number(text: str, column: Column, _: int) -> tuple[Literal, ...] | None:
    value = number(text, column)
    return None if value is None else (value,)


def read_clock(text: str) -> int | None:
    """A clock time in minutes from midnight.

    >>> read_clock("11:30 pm"), read_clock("23:30"), read_clock("noon")
    (1410, 1410, 720)
    """
    plain = text.strip().casefold()
    if plain in _CLOCK_WORDS:
        return _CLOCK_WORDS[plain]
    match = _CLOCK.fullmatch(plain)
    if match is None or (match[2] is None and match[3] is None):
        return None
    hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "")[:1]
    if half in {"a", "p"}:
        if not 1 <= hour <= 12:  # noqa: PLR2004 - a clock face
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 24 or minute > 59:  # noqa: PLR2004 - a day
        return None
    return (hour * 60 + minute) % _DAY_MIN


def _clock(text: str, column: Column, _: int) -> tuple[Literal, ...] | None:
    minutes = read_clock(text)
    if minutes is None and column.unit == "min" and _MINUTE.fullmatch(text):
        return (float(text),)  # the name says minutes from midnight
    if minutes is None and _HOUR_ALONE.fullmatch(text) and int(text) <= 24:  # noqa: PLR2004 - hours
        minutes = int(text) * 60 % _DAY_MIN
    if minutes is None:
        return None
    if column.from_noon and minutes >= _HALF_DAY:
        minutes -= _DAY_MIN
    return (float(minutes),)


def _words(text: str, column: Column, _: int) -> tuple[Literal, ...] | None:
    word = fold(text).removeprefix("tag generic ")  # Oura's own tags begin so
    if PART in {word[:1], word[-1:]} and word.strip(PART).strip():
        inner = word.strip(PART).strip()
        names = (inner, *column.words.get(inner, ()))
        return tuple(dict.fromkeys(word.replace(inner, name, 1) for name in names))
    if column.kind is Kind.WORDS:
        word = _ANY_OR_NONE.get(word, word)
    return column.words.get(word, (word,)) if word else None


def _day(text: str, _: Column, today: int) -> tuple[Literal, ...] | None:
    word = fold(text)
    named = {"today": 0, "heute": 0, "last night": 0, "yesterday": 1, "gestern": 1}
    if word in named:
        return (today - named[word],)
    before = re.fullmatch(r"(?:last|letzten) (\w+)", word)
    if before is not None and before[1] in WEEKDAY_NAMES:
        return (today - ((today - 1) % 7 - WEEKDAY_NAMES[before[1]] - 1) % 7 - 1,)
    if ".." in text:
        ends = [_day(part, _, today) for part in text.split("..", 1)]
        if ends[0] is None or ends[1] is None:
            return None
        return tuple(range(int(ends[0][0]), int(ends[1][0]) + 1))  # type: ignore[arg-type] # days
    try:
        return (date.fromisoformat(text.strip()).toordinal(),)
    except ValueError:
        return None


def _weekday(text: str, _: Column, __: int) -> tuple[Literal, ...] | None:
    word = fold(text)
    if word in {"weekend", "weekends", "wochenende"}:
        return (5, 6)
    if word in {"weekday", "weekdays", "workday", "workdays", "wochentag", "werktag"}:
        return (0, 1, 2, 3, 4)
    span = re.fullmatch(r"(\w+?)\s*(?:\.\.| | to | bis |–|/)\s*(\w+)", word)
    if span is not None:
        first, last = WEEKDAY_NAMES.get(span[1]), WEEKDAY_NAMES.get(span[2])
        if first is None or last is None:
            return None
        if "/" in word:
            return (first, last)
        return tuple((first + n) % 7 for n in range((last - first) % 7 + 1))
    place = 6 if word == "7" else WEEKDAY_NAMES.get(word)
    return None if place is None else (place,)


def _yes_no(text: str, _: Column, __: int) -> tuple[Literal, ...] | None:
    word = fold(text)
    if word in _YES | _NO:
        return (word in _YES,)
    return None


def _month(text: str, _: Column, __: int) -> tuple[Literal, ...] | None:
    word = fold(text)
    dated = re.fullmatch(r"(\d{4})[ /.](\d{1,2})", word)
    year, month = (int(dated[1]), int(dated[2])) if dated else (None, None)
    named = re.fullmatch(r"([^\W\d]+)\.? (\d{4})", word)
    if named is not None:
        year, month = int(named[2]), MONTH_NAMES.get(named[1])
    elif month is None:
        month = int(word) if word.isdigit() else MONTH_NAMES.get(word)
    if month is None or not 1 <= month <= 12:  # noqa: PLR2004 - months of a year
        return None
    return ((year, month),)


_READERS: Final[dict[Kind, Callable[[str, Column, int], tuple[Literal, ...] | None]]] = {
    Kind.NUMBER: _number,
    Kind.CLOCK: _clock,
    Kind.WORD: _words,
    Kind.WORDS: _words,
    Kind.DAY: _day,
    Kind.WEEKDAY: _weekday,
    Kind.YES_NO: _yes_no,
    Kind.MONTH: _month,
}
