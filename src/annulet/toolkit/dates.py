"""Dates in words: what a person means by "last night" or "last 2 weeks".

Both ends are inclusive and mean days of the person's own zone. Weeks begin on Monday.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from annulet.analytics.query.literals import MONTH_NAMES
from annulet.errors import UsageError
from annulet.toolkit.period_words import (
    composed_days,
    is_before_another,
    plain_words,
    without_preposition,
)

FORMS: Final = (
    "an ISO day (2026-05-01), today, yesterday, last night, last N days|weeks|months, "
    "this|last week, this|last month"
)
_LAST_N: Final = re.compile(
    r"(?:(?:the )?(?:last|past)|(?:die |der )?letzte[nrs]?) (\d{1,5}) "
    r"(?:(day|night|week|month|year)s?|(tag|nacht|nächte|woche|monat|jahr)(?:en|e|n)?)"
)
_GERMAN_UNITS: Final = {
    "tag": "day", "nacht": "night", "nächte": "night", "woche": "week", "monat": "month",
    "jahr": "year",
}  # fmt: skip
_GERMAN_WORDS: Final = {
    "heute": "today",
    "gestern": "yesterday",
    "letzte nacht": "last night",
    "diese woche": "this week",
    "letzte woche": "last week",
    **dict.fromkeys(("dieser monat", "diesen monat"), "this month"),
    **dict.fromkeys(("letzter monat", "letzten monat"), "last month"),
    "dieses jahr": "this year",
    **dict.fromkeys(("letztes jahr", "voriges jahr"), "last year"),
}
_NAMED_MONTH: Final = re.compile(r"([^\W\d]+)\.?(?: (\d{4}))?")
_RANGE: Final = re.compile(
    r"(\d{4}-\d{2}-\d{2})\s*(?:\.\.|/|–| - | to | until | through )\s*(\d{4}-\d{2}-\d{2})"
)
_MONTH_NAMES: Final = [name.casefold() for name in calendar.month_abbr[1:]]
_NAMED: Final = rf"({'|'.join(_MONTH_NAMES)})[a-z]*\.?"
_ORDINAL: Final = r"(\d{1,2})(?:st|nd|rd|th|\.)?"
_WEEKDAY: Final = re.compile(rf"\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? (?=\d|{_NAMED} \d)")
_YEAR_FIRST: Final = re.compile(r"\b(\d{4})([-/.]?)(\d{2}|(?<=\D)\d)\2(\d{2}|(?<=\D)\d)(?!\d)")
_DAY_FIRST: Final = re.compile(
    rf"\b(?:(\d{{1,2}})\.(\d{{1,2}})\.|{_ORDINAL} (?:of )?{_NAMED},? )(\d{{4}})\b"
)
_NAME_FIRST: Final = re.compile(rf"\b{_NAMED} {_ORDINAL},? (\d{{4}})\b")
_MONTH: Final = re.compile(r"(\d{4})-(\d{2})")
_LONGEST: Final = 366 * 30
_SLASHED: Final = re.compile(r"\d{1,2}/\d{1,2}/\d{2,4}")
_AGO: Final = re.compile(r"(\d{1,3}|a|one) (day|week|month|year)s? ago")
_QUARTER: Final = re.compile(r"q([1-4])(?: (\d{4}))?|(\d{4})[ -]?q([1-4])")
_LAST_WEEKDAY: Final = re.compile(
    r"(?:last|this|on|past) (mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
)
_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ALL_TIME: Final = 3652
_LONGEST_TEXT: Final = 200


@dataclass(frozen=True, slots=True)
class Period:
    """A range of the person's days, both ends inclusive."""

    start: date
    end: date

    @property
    def length(self) -> int:
        """How many days, counting both ends."""
        return (self.end - self.start).days + 1

    @property
    def days(self) -> list[date]:
        """Every day, oldest first."""
        return [self.start + timedelta(days=n) for n in range(self.length)]

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.start <= day <= self.end


def resolve(
    start: str | None,
    end: str | None,
    today: date,
    *,
    default: str = "last night",
    longest: int = 366,
) -> Period:
    """The period that ``start`` and ``end`` of a question mean.

    Args:
        start: Words or an ISO day, if given.
        end: Words or an ISO day, if given.
        today: Today in the person's zone.
        default: The words that stand for a question without dates.
        longest: The longest period the tool answers, in days.

    Raises:
        UsageError: Not a date, reversed, in the future, or too long.
    """
    first = period_of(start or end or default, today)
    last = period_of(end, today) if start and end else first
    if last.end < first.start:
        raise UsageError(
            f"The range ends ({last.end}) before it starts ({first.start}).",
            hint="Swap start and end; both ends are inclusive.",
        )
    if first.start > today:
        raise UsageError(
            f"{first.start} lies in the future; today is {today}.",
            hint="Ask for today or an earlier day.",
        )
    period = Period(first.start, min(last.end, today))
    if period.length > longest:
        raise UsageError(
            f"The range has {period.length} days; this question answers up to {longest}.",
            hint=f"Ask for {longest} days or fewer, or use oura_trends for long histories.",
        )
    return period


def day_of(words: str | None, today: date) -> date:
    """The single day some words mean; the last one where they mean several.

    Raises:
        UsageError: Not a date, or in the future.
    """
    day = period_of(words or "today", today).end
    if day > today:
        raise UsageError(
            f"{day} lies in the future; today is {today}.", hint="Ask for today or an earlier day."
        )
    return day


def period_of(words: str, today: date) -> Period:
    """The period that some words mean.

    >>> period_of("last 3 days", date(2026, 5, 6))
    Period(start=datetime.date(2026, 5, 4), end=datetime.date(2026, 5, 6))
    >>> period_of("last week", date(2026, 5, 6))
    Period(start=datetime.date(2026, 4, 27), end=datetime.date(2026, 5, 3))

    Raises:
        UsageError: The words mean no period annulet knows.
    """
    # Periods are told by other periods: a long text of them would be read ever deeper.
    words = words[:_LONGEST_TEXT]
    text = _with_iso_days(" ".join(words.strip().casefold().replace("_", " ").split()))
    text = plain_words(_GERMAN_WORDS.get(text, text))
    if _SLASHED.fullmatch(text):
        raise UsageError(
            f"“{text}” may be a day and a month or a month and a day.",
            hint="Write it as year-month-day, e.g. 2026-11-01.",
        )
    period = _read(text, today) or _read(without_preposition(text), today)
    if period is None:
        shown = words.strip()[:40]
        raise UsageError(f"“{shown}” is not a date annulet understands.", hint=f"Write {FORMS}.")
    return period


def period_before(words: str, today: date, beside: Period) -> Period:
    """The period that some words mean beside another one: ``previous 7 days`` lie before it.

    >>> week = Period(date(2026, 4, 30), date(2026, 5, 6))
    >>> period_before("previous 7 days", date(2026, 5, 6), week)
    Period(start=datetime.date(2026, 4, 23), end=datetime.date(2026, 4, 29))

    Raises:
        UsageError: The words mean no period annulet knows.
    """
    before = is_before_another(words)
    if before is None:
        return period_of(words, today)
    count, unit = before
    last = beside.start - timedelta(days=1)
    if unit == "period":
        return Period(beside.start - timedelta(days=beside.length), last)
    of_calendar = {"week": f"{last}", "month": f"{last:%Y-%m}", "year": f"{last:%Y}"}
    if unit in of_calendar and not any(word.isdigit() for word in words.split()):
        days = period_of(of_calendar[unit], today)
        monday = last - timedelta(days=last.weekday())
        return Period(monday, monday + timedelta(days=6)) if unit == "week" else days
    if unit in {"month", "year"}:
        months = count * (12 if unit == "year" else 1)
        return Period(months_before(beside.start, months), last)
    return Period(beside.start - timedelta(days=count * (7 if unit == "week" else 1)), last)


def _read(text: str, today: date) -> Period | None:
    period = _word(text, today) or _last_n(text, today) or _iso(text) or _named(text, today)
    period = period or _ago(text, today) or _quarter(text, today) or _last_weekday(text, today)
    if period is None:
        period = _word(text.replace("-", " "), today) or _last_n(text.replace("-", " "), today)
    return period or _composed(text, today)


def months_before(day: date, months: int) -> date:
    """The same day some months earlier, or the last day that month has."""
    month = day.year * 12 + day.month - 1 - months
    year, month = divmod(month, 12)
    if year < 1:
        return date.min
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _with_iso_days(text: str) -> str:
    """The text with every day of the calendar in the ISO form.

    Month and day by slashes are left: which comes first depends on the country.

    >>> _with_iso_days("may 1st, 2026 to 14 may 2026"), _with_iso_days("20260501")
    ('2026-05-01 to 2026-05-14', '2026-05-01')
    """

    def iso(year: str, month: str, day: str) -> str:
        number = _MONTH_NAMES.index(month) + 1 if month in _MONTH_NAMES else int(month)
        return f"{year}-{number:02}-{int(day):02}"

    text = _YEAR_FIRST.sub(lambda m: iso(m[1], m[3], m[4]), _WEEKDAY.sub("", text))
    text = _DAY_FIRST.sub(lambda m: iso(m[5], m[2] or m[4], m[1] or m[3]), text)
    return _NAME_FIRST.sub(lambda m: iso(m[3], m[1], m[2]), text)


def _word(text: str, today: date) -> Period | None:
    monday = today - timedelta(days=today.weekday())
    first = today.replace(day=1)
    before_first = first - timedelta(days=1)
    words = {
        "today": Period(today, today),
        "now": Period(today, today),
        "tonight": Period(today, today),
        "last night": Period(today, today),
        "yesterday": Period(today - timedelta(days=1), today - timedelta(days=1)),
        "this week": Period(monday, today),
        "last week": Period(monday - timedelta(days=7), monday - timedelta(days=1)),
        "this month": Period(first, today),
        "last month": Period(before_first.replace(day=1), before_first),
        **dict.fromkeys(("ytd", "year to date"), Period(today.replace(month=1, day=1), today)),
        **dict.fromkeys(("mtd", "month to date"), Period(first, today)),
        **dict.fromkeys(
            ("all time", "all", "ever", "all data"),
            Period(today - timedelta(days=_ALL_TIME), today),
        ),
        "last weekend": Period(monday - timedelta(days=2), monday - timedelta(days=1)),
        "this year": Period(today.replace(month=1, day=1), today),
        "last year": _year(today.year - 1),
    }
    return words.get(text)


def _last_n(text: str, today: date) -> Period | None:
    match = _LAST_N.fullmatch(text)
    if match is None:
        return None
    count, unit = int(match[1]), match[2] or _GERMAN_UNITS[match[3]]
    days = count * {"day": 1, "night": 1, "week": 7, "month": 31, "year": 366}[unit]
    if count < 1 or days > _LONGEST:
        raise UsageError(
            f"“{text[:40]}” is not a range annulet can look at.",
            hint="Ask for 1 day to 30 years.",
        )
    if unit in {"month", "year"}:
        start = months_before(today, count * (12 if unit == "year" else 1)) + timedelta(days=1)
        return Period(start, today)
    return Period(today - timedelta(days=days - 1), today)


def _named(text: str, today: date) -> Period | None:
    """A year, or a month by its name; without a year the last one that has begun."""
    if re.fullmatch(r"20\d{2}", text):
        return _year(int(text))
    match = _NAMED_MONTH.fullmatch(text)
    month = None if match is None else MONTH_NAMES.get(match[1])
    if match is None or month is None:
        return None
    year = int(match[2] or (today.year if month <= today.month else today.year - 1))
    last = calendar.monthrange(year, month)[1]
    return Period(date(year, month, 1), date(year, month, last))


def _ago(text: str, today: date) -> Period | None:
    """The one day that is so many days, weeks, months or years back."""
    match = _AGO.fullmatch(text)
    if match is None:
        return None
    count = int(match[1]) if match[1].isdigit() else 1
    if match[2] in {"month", "year"}:
        day = months_before(today, count * (12 if match[2] == "year" else 1))
    else:
        day = today - timedelta(days=count * (7 if match[2] == "week" else 1))
    return Period(day, day)


def _quarter(text: str, today: date) -> Period | None:
    """A quarter; without a year the last one that has begun."""
    match = _QUARTER.fullmatch(text)
    if match is None:
        return None
    first = 3 * int(match[1] or match[4]) - 2
    year = int(match[2] or match[3] or (today.year if first <= today.month else today.year - 1))
    last = calendar.monthrange(year, first + 2)[1]
    return Period(date(year, first, 1), date(year, first + 2, last))


def _last_weekday(text: str, today: date) -> Period | None:
    """The last such weekday before today."""
    match = _LAST_WEEKDAY.fullmatch(text)
    if match is None:
        return None
    back = (today.weekday() - _WEEKDAYS.index(match[1][:3]) - 1) % 7 + 1
    return Period(today - timedelta(days=back), today - timedelta(days=back))


def _composed(text: str, today: date) -> Period | None:
    """A period that is told by other periods: since one, from one to another."""

    def days_of(words: str) -> tuple[date, date]:
        part = period_of(words, today)
        return part.start, part.end

    days = composed_days(text, today, days_of)
    if days is not None and days[1] < days[0]:
        raise UsageError(
            f"The range ends ({days[1]}) before it starts ({days[0]}).", hint="Swap the two days."
        )
    return None if days is None else Period(*days)


def _year(year: int) -> Period:
    return Period(date(year, 1, 1), date(year, 12, 31))


def _iso(text: str) -> Period | None:
    days = _RANGE.fullmatch(text)
    try:
        if days is not None:
            start, end = date.fromisoformat(days[1]), date.fromisoformat(days[2])
        elif _MONTH.fullmatch(text):
            start = date.fromisoformat(f"{text}-01")
            end = start.replace(day=calendar.monthrange(start.year, start.month)[1])
        elif re.fullmatch(r"\d{4}-\d{2}-\d{2}([t ].*)?", text):
            start = end = date.fromisoformat(text[:10])
        else:
            return None
    except ValueError:
        raise UsageError(
            f"“{text[:40]}” is not a day of the calendar.", hint=f"Write {FORMS}."
        ) from None
    if end < start:
        raise UsageError(
            f"The range ends ({end}) before it starts ({start}).", hint="Swap the two days."
        )
    return Period(start, end)
