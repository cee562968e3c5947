"""Days and times as people say them; a year only where it is not this one.

The names are English whatever the locale of the machine is, as all of annulet's sentences are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

_LISTED: Final = 5
_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)


def month_name(day: date) -> str:
    """The short name of a day's month.

    >>> month_name(date(2026, 5, 5))
    'May'
    """
    return _MONTHS[day.month - 1]


def weekday_words(day: date) -> str:
    """A day with its weekday and without its year.

    >>> weekday_words(date(2026, 5, 5))
    'Tue 5 May'
    """
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {month_name(day)}"


def day_words(day: date, today: date) -> str:
    """A day as people say it, with its date.

    >>> day_words(date(2026, 5, 5), date(2026, 5, 6))
    'yesterday (Tue 5 May)'
    """
    written = weekday_words(day)
    names = {0: f"today ({written})", 1: f"yesterday ({written})"}
    return names.get((today - day).days, f"{written} {day.year}")


def date_words(day: date, today: date) -> str:
    """A day by its date alone.

    >>> date_words(date(2026, 5, 5), date(2026, 6, 1))
    '5 May'
    """
    year = "" if day.year == today.year else f" {day.year}"
    return f"{day.day} {month_name(day)}{year}"


def span_words(first: date, last: date, today: date) -> str:
    """A day, or the days from one to another, both ends included.

    >>> span_words(date(2026, 5, 4), date(2026, 5, 6), date(2026, 6, 1))
    '4 to 6 May'
    >>> span_words(date(2025, 12, 30), date(2026, 1, 2), date(2026, 6, 1))
    '30 Dec 2025 to 2 Jan'
    """
    end = date_words(last, today)
    if first == last:
        return end
    if first.year != last.year:
        return f"{date_words(first, today)} to {end}"
    month = "" if first.month == last.month else f" {month_name(first)}"
    return f"{first.day}{month} to {end}"


def days_words(days: Sequence[date], today: date) -> str:
    """Some days in order, neighbours together, listed as far as a person reads them.

    >>> listed = [date(2026, 5, 1), date(2026, 5, 4), date(2026, 5, 5), date(2026, 5, 6)]
    >>> days_words(listed, date(2026, 6, 1))
    '1 May, 4 to 6 May'
    """
    stretches: list[list[date]] = []
    for day in days:
        if stretches and (day - stretches[-1][-1]).days == 1:
            stretches[-1].append(day)
        else:
            stretches.append([day])
    shown = ", ".join(span_words(stretch[0], stretch[-1], today) for stretch in stretches[:_LISTED])
    rest = sum(len(stretch) for stretch in stretches[_LISTED:])
    return f"{shown} and {rest} more" if rest else shown


def duration_words(minutes: float) -> str:
    """Minutes as hours and minutes.

    >>> duration_words(432)
    '7 h 12 min'
    """
    whole = round(minutes)
    if abs(whole) < 60:  # noqa: PLR2004 - an hour
        return f"{whole} min"
    hours, rest = divmod(abs(whole), 60)
    return f"{'-' if whole < 0 else ''}{hours} h {rest:02} min"


def sentence_start(words: str) -> str:
    """Words as a sentence begins; the names inside stay as they are.

    >>> sentence_start("today (Sat 21 Nov)")
    'Today (Sat 21 Nov)'
    """
    return words[:1].upper() + words[1:]
