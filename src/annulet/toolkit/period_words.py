"""Other words for periods that people use, in the words that `dates` reads."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from annulet.analytics.query.literals import MONTH_NAMES, WEEKDAY_NAMES
from annulet.errors import UsageError

COUNT_WORDS: Final = {
    word: count
    for count, words in enumerate(
        (
            *("one eins ein eine einen", "two zwei", "three drei", "four vier", "five fünf"),
            *("six sechs", "seven sieben", "eight acht", "nine neun", "ten zehn", "eleven elf"),
            "twelve zwölf",
        ),
        start=1,
    )
    for word in words.split()
}
"""Numbers that are written as words, in two languages."""
_COUNTED: Final = re.compile(
    rf"\b({'|'.join(COUNT_WORDS)}) "
    r"(?=(?:day|night|week|month|year|tag|nacht|nächte|woche|monat|jahr))"
)
_SAME: Final = {
    **dict.fromkeys(("past week", "the past week", "previous 1 week"), "last 7 days"),
    **dict.fromkeys(("past month", "the past month"), "last 1 month"),
    **dict.fromkeys(("past year", "the past year"), "last 1 year"),
    **dict.fromkeys(("the last week", "previous week", "the previous week"), "last week"),
    **dict.fromkeys(("the last month", "previous month", "the previous month"), "last month"),
    **dict.fromkeys(("prior week", "the prior week"), "last week"),
    **dict.fromkeys(("prior month", "the prior month"), "last month"),
    **dict.fromkeys(("vorletzte woche", "die vorletzte woche"), "week before last"),
    **dict.fromkeys(
        ("since the beginning of the year", "since the start of the year", "this year so far"),
        "this year",
    ),
    **dict.fromkeys(("the last year", "previous year", "the previous year"), "last year"),
    **dict.fromkeys(("vorgestern", "day before yesterday"), "2 days ago"),
    "the day before yesterday": "2 days ago",
    **dict.fromkeys(("current week", "the current week"), "this week"),
    **dict.fromkeys(("current month", "the current month"), "this month"),
    **dict.fromkeys(("current year", "the current year"), "this year"),
    **dict.fromkeys(("dieses wochenende", "am wochenende"), "this weekend"),
    "letztes wochenende": "last weekend",
    "current quarter": "this quarter",
    **dict.fromkeys(("previous quarter", "the last quarter"), "last quarter"),
    "this month last year": "same month last year",
    "the week before last": "week before last",
    "the month before last": "month before last",
}
_PREPOSITION: Final = re.compile(r"(?:in|during|for|on|im|in der|am|within|over|the) (?=\S)")
_SHORT_COUNT: Final = re.compile(r"(?:last )?(\d{1,4}) ?([dwmy])")
_LETTERS: Final = {"d": "days", "w": "weeks", "m": "months", "y": "years"}
_BARE_COUNT: Final = re.compile(r"\d{1,4} (?:day|night|week|month|year|tag|woche|monat|jahr)[a-z]*")
_PREVIOUS: Final = re.compile(r"(?:the )?(?:previous|preceding|recent|most recent) (?=\d)")
_BEFORE: Final = re.compile(
    r"(?:the )?(?:previous|preceding|prior) (?:(\d{1,4}) )?(day|night|week|month|year|period)s?"
    r"|the (day|night|week|month|year|period) before"
)
_HOURS: Final = re.compile(r"(?:the )?(?:last|past|letzten) (\d{1,3}) (?:hours?|h|stunden)")
_SINCE: Final = re.compile(r"(?:since|seit|from) (?:the )?(.+?)(?: on| onwards?| until now)?")
_BETWEEN: Final = (
    re.compile(r"(?:from|von|vom) (.+?) (?:to|until|till|through|bis) (.+)"),
    re.compile(r"between (.+?) and (.+)"),
    re.compile(r"zwischen (.+?) und (.+)"),
)
_LAST_MONTH: Final = re.compile(r"last ([^\W\d]+)")
_ISO_WEEK: Final = re.compile(r"(\d{4})[ -]?w(\d{1,2})|(?:week|calendar week|kw|woche) (\d{1,2})")
_TO: Final = re.compile(r"(.+?)(?: (?:to|until|till|through|bis|-|–) |\.\.)(.+)")
_DAY_OF_MONTH: Final = re.compile(
    r"([^\W\d]+)\.? (\d{1,2})(?:st|nd|rd|th|\.)?|(\d{1,2})(?:st|nd|rd|th|\.)? (?:of )?([^\W\d]+)\.?"
)
_MONTHS: Final = 12
_QUARTER: Final = 3

Days = tuple[date, date]


def is_before_another(text: str) -> tuple[int, str] | None:
    """How many of which unit lie before another period; None for words that stand for themselves.

    >>> is_before_another("the previous 7 days"), is_before_another("the month before")
    ((7, 'day'), (1, 'month'))
    """
    text = _COUNTED.sub(
        lambda match: f"{COUNT_WORDS[match[1]]} ", " ".join(text.casefold().split())
    )
    match = _BEFORE.fullmatch(text)
    if match is None:
        return None
    return int(match[1] or 1), match[2] or match[3]


def plain_words(text: str) -> str:
    """A period in the words that `dates` knows, where other words are used for it.

    >>> plain_words("the past week"), plain_words("two weeks ago"), plain_words("10 days")
    ('last 7 days', '2 weeks ago', 'last 10 days')
    """
    text = _COUNTED.sub(lambda match: f"{COUNT_WORDS[match[1]]} ", text)
    text = _SAME.get(text, text)
    text = _PREVIOUS.sub("last ", text)
    short = _SHORT_COUNT.fullmatch(text)
    if short is not None:
        return f"last {short[1]} {_LETTERS[short[2]]}"
    if _BARE_COUNT.fullmatch(text):
        return f"last {text}"
    month = _LAST_MONTH.fullmatch(text)
    if month is not None and month[1] in MONTH_NAMES:
        return month[1]
    match = _PREPOSITION.match(text)
    rest = text[match.end() :] if match is not None else text
    if rest in WEEKDAY_NAMES:
        names = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
        return f"last {names[WEEKDAY_NAMES[rest]]}"
    return text


def without_preposition(text: str) -> str:
    """A period without ``in``, ``during`` or ``the`` before it.

    >>> without_preposition("in the april"), without_preposition("april")
    ('april', 'april')
    """
    while (match := _PREPOSITION.match(text)) is not None:
        text = text[match.end() :]
    return text


def composed_days(text: str, today: date, days_of: Callable[[str], Days]) -> Days | None:
    """The first and last day of words that are made of other periods; None for any others.

    Args:
        text: The words.
        today: Today in the person's zone.
        days_of: Reads the periods it is made of.
    """
    for between in _BETWEEN:
        ends = between.fullmatch(text)
        if ends is not None:
            return days_of(ends[1])[0], days_of(ends[2])[1]
    since = _SINCE.fullmatch(text)
    if since is not None:
        return days_of(since[1])[0], today
    hours = _HOURS.fullmatch(text)
    if hours is not None:
        return today - timedelta(days=max(1, round(int(hours[1]) / 24))), today
    days = _of_calendar(text, today) or _of_month(text, today)
    ends = None if days is not None else _TO.fullmatch(text)
    if ends is None:
        return days
    try:
        return days_of(ends[1])[0], days_of(ends[2])[1]
    except UsageError:
        return None


def _of_month(text: str, today: date) -> Days | None:
    """A day of a month without its year: the last one that has come."""
    match = _DAY_OF_MONTH.fullmatch(text)
    month = None if match is None else MONTH_NAMES.get(match[1] or match[4])
    if match is None or month is None:
        return None
    number = int(match[2] or match[3])
    for year in (today.year, today.year - 1):
        try:
            day = date(year, month, number)
        except ValueError:
            return None
        if day <= today:
            return day, day
    return None


def _of_calendar(text: str, today: date) -> Days | None:
    """A week by its number, this or the last quarter, this weekend, this month a year ago."""
    week = _ISO_WEEK.fullmatch(text)
    if week is not None:
        try:
            year = int(week[1] or today.year)
            monday = date.fromisocalendar(year, int(week[2] or week[3]), 1)
            if not week[1] and monday > today:
                monday = date.fromisocalendar(year - 1, int(week[3]), 1)
        except ValueError:
            return None
        return monday, monday + timedelta(days=6)
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    begins = _months_on(first, -((today.month - 1) % _QUARTER))
    day = timedelta(days=1)
    words = {
        "this weekend": (monday + 5 * day, monday + 6 * day),
        "this quarter": (begins, today),
        "last quarter": (_months_on(begins, -_QUARTER), begins - day),
        "same month last year": (_months_on(first, -_MONTHS), _months_on(first, 1 - _MONTHS) - day),
        "week before last": (monday - 14 * day, monday - 8 * day),
        "month before last": (_months_on(first, -2), _months_on(first, -1) - day),
    }
    return words.get(text)


def _months_on(first: date, months: int) -> date:
    """The first of a month so many months later."""
    year, month = divmod(first.year * _MONTHS + first.month - 1 + months, _MONTHS)
    return date(year, month + 1, 1)
