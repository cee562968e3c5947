"""Dates in words mean what a person means."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annulet.errors import UsageError
from annulet.toolkit.dates import day_of, period_of, resolve

TODAY = date(2026, 5, 6)  # a Wednesday


@pytest.mark.parametrize(
    ("words", "start", "end"),
    [
        ("today", "2026-05-06", "2026-05-06"),
        ("Last Night", "2026-05-06", "2026-05-06"),
        ("yesterday", "2026-05-05", "2026-05-05"),
        ("last 1 day", "2026-05-06", "2026-05-06"),
        ("last 7 days", "2026-04-30", "2026-05-06"),
        ("past 7 nights", "2026-04-30", "2026-05-06"),
        ("last_2_weeks", "2026-04-23", "2026-05-06"),
        ("last-30-days", "2026-04-07", "2026-05-06"),
        ("last 1 month", "2026-04-07", "2026-05-06"),
        ("last 3 months", "2026-02-07", "2026-05-06"),
        ("this week", "2026-05-04", "2026-05-06"),
        ("last week", "2026-04-27", "2026-05-03"),
        ("this month", "2026-05-01", "2026-05-06"),
        ("last month", "2026-04-01", "2026-04-30"),
        ("2026-02", "2026-02-01", "2026-02-28"),
        ("2025", "2025-01-01", "2025-12-31"),
        ("last year", "2025-01-01", "2025-12-31"),
        ("March", "2026-03-01", "2026-03-31"),
        ("Juni", "2025-06-01", "2025-06-30"),
        ("Feb 2024", "2024-02-01", "2024-02-29"),
        ("letzte 7 Tage", "2026-04-30", "2026-05-06"),
        ("die letzten 2 Wochen", "2026-04-23", "2026-05-06"),
        ("Gestern", "2026-05-05", "2026-05-05"),
        ("letzter Monat", "2026-04-01", "2026-04-30"),
        ("2026-05-01", "2026-05-01", "2026-05-01"),
        ("2026-05-01..2026-05-03", "2026-05-01", "2026-05-03"),
        ("2026-05-01T10:30:00+02:00", "2026-05-01", "2026-05-01"),
        ("past week", "2026-04-30", "2026-05-06"),
        ("the last week", "2026-04-27", "2026-05-03"),
        ("previous 7 days", "2026-04-30", "2026-05-06"),
        ("previous month", "2026-04-01", "2026-04-30"),
        ("two weeks ago", "2026-04-22", "2026-04-22"),
        ("last two weeks", "2026-04-23", "2026-05-06"),
        ("letzten zwei Wochen", "2026-04-23", "2026-05-06"),
        ("10 days", "2026-04-27", "2026-05-06"),
        ("last 24 hours", "2026-05-05", "2026-05-06"),
        ("this quarter", "2026-04-01", "2026-05-06"),
        ("last quarter", "2026-01-01", "2026-03-31"),
        ("this weekend", "2026-05-09", "2026-05-10"),
        ("since 2026-04-01", "2026-04-01", "2026-05-06"),
        ("seit Januar", "2026-01-01", "2026-05-06"),
        ("in April", "2026-04-01", "2026-04-30"),
        ("over the last 30 days", "2026-04-07", "2026-05-06"),
        ("Monday", "2026-05-04", "2026-05-04"),
        ("on Freitag", "2026-05-01", "2026-05-01"),
        ("vorgestern", "2026-05-04", "2026-05-04"),
        ("from 2026-04-01 to 2026-04-10", "2026-04-01", "2026-04-10"),
        ("between January and March", "2026-01-01", "2026-03-31"),
        ("2026-W18", "2026-04-27", "2026-05-03"),
        ("week 18", "2026-04-27", "2026-05-03"),
        ("week 50", "2025-12-08", "2025-12-14"),
        ("April 1", "2026-04-01", "2026-04-01"),
        ("24 December", "2025-12-24", "2025-12-24"),
        ("March to April", "2026-03-01", "2026-04-30"),
        ("2026-03..2026-04", "2026-03-01", "2026-04-30"),
        ("since the beginning of the year", "2026-01-01", "2026-05-06"),
        ("last January", "2026-01-01", "2026-01-31"),
        ("30d", "2026-04-07", "2026-05-06"),
        ("vorletzte Woche", "2026-04-20", "2026-04-26"),
        ("same month last year", "2025-05-01", "2025-05-31"),
        ("the week before last", "2026-04-20", "2026-04-26"),
    ],
)
def test_words(words: str, start: str, end: str) -> None:
    """Each form of the interface page, both ends inclusive, weeks from Monday."""
    period = period_of(words, TODAY)
    assert (period.start.isoformat(), period.end.isoformat()) == (start, end)


@pytest.mark.parametrize(
    "words",
    [
        "2026/05/01",
        "2026.5.1",
        "2026-5-1",
        "20260501",
        "01.05.2026",
        "1 May 2026",
        "1. May 2026",
        "May 1st, 2026",
        "1st of May 2026",
        "Friday, 1 May 2026",
        "Fri May 01 2026 00:00:00 GMT+0000 (UTC)",
        "2026-05-01T00:00:00.000Z",
        "20260501T000000Z",
    ],
)
def test_days_in_other_forms(words: str) -> None:
    """What models and languages write for one day of the calendar, and ranges of it."""
    assert period_of(words, TODAY).days == [date(2026, 5, 1)]


@pytest.mark.parametrize(
    "words", ["2026/05/01..2026/05/03", "20260501 to 20260503", "May 1, 2026 – May 3, 2026"]
)
def test_ranges_in_other_forms(words: str) -> None:
    """Both ends may be written in any of the forms."""
    assert period_of(words, TODAY).length == 3


@pytest.mark.parametrize("words", ["5/1/2026", "2026-13-01", "31 June 2026", "1777593600"])
def test_a_day_that_cannot_be_told_is_asked_again(words: str) -> None:
    """Month and day by slashes differ between countries; some days do not exist."""
    with pytest.raises(UsageError, match=r"2026|1777"):
        period_of(words, TODAY)


def test_weeks_on_a_monday() -> None:
    """On a Monday this week is that day and last week the seven before."""
    monday = date(2026, 5, 4)
    assert period_of("this week", monday).days == [monday]
    assert period_of("last week", monday).end == date(2026, 5, 3)
    assert period_of("last week", monday).length == 7


@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [
        ("2026-05-01", "2026-05-03", "2026-05-01", "2026-05-03"),
        ("last week", None, "2026-04-27", "2026-05-03"),
        ("2026-05-01", None, "2026-05-01", "2026-05-01"),
        (None, "yesterday", "2026-05-05", "2026-05-05"),
        ("last week", "today", "2026-04-27", "2026-05-06"),
        ("2026-05-01", "2026-05-20", "2026-05-01", "2026-05-06"),
        (None, None, "2026-05-06", "2026-05-06"),
    ],
)
def test_start_and_end(start: str | None, end: str | None, first: str, last: str) -> None:
    """A word in start sets both ends, a day alone is that day, and nothing reaches past today."""
    period = resolve(start, end, TODAY)
    assert (period.start.isoformat(), period.end.isoformat()) == (first, last)


@pytest.mark.parametrize(
    ("start", "end", "word"),
    [
        ("2026-05-04", "2026-05-01", "before it starts"),
        ("2026-05-07", None, "future"),
        ("soon", None, "not a date"),
        ("2026-02-30", None, "calendar"),
        ("last 0 days", None, "range"),
        ("last 99999 years", None, "range"),
        ("last 3 years", None, "days"),
    ],
)
def test_what_cannot_be_meant(start: str, end: str | None, word: str) -> None:
    """One sentence says what is wrong, another what to ask instead."""
    with pytest.raises(UsageError, match=word) as caught:
        resolve(start, end, TODAY)
    assert caught.value.hint


def test_a_single_day() -> None:
    """Where one day is wanted, a range means its last day; nothing lies in the future."""
    assert day_of("last week", TODAY) == date(2026, 5, 3)
    assert day_of(None, TODAY) == TODAY
    with pytest.raises(UsageError):
        day_of("2027-01-01", TODAY)


@given(st.text(max_size=60), st.dates(min_value=date(1990, 1, 1), max_value=date(2100, 1, 1)))
def test_any_words_are_a_period_or_an_explained_error(words: str, today: date) -> None:
    """No text crashes."""
    try:
        period = period_of(words, today)
    except UsageError as error:
        assert error.hint
    else:
        assert period.start <= period.end


@given(st.integers(1, 400), st.dates(min_value=date(1990, 1, 1), max_value=date(2100, 1, 1)))
def test_n_days_include_today(count: int, today: date) -> None:
    """The last N days are N days and end today."""
    period = period_of(f"last {count} days", today)
    assert (period.length, period.end) == (count, today)


@pytest.mark.parametrize("word", ["since ", "from ", "in ", "a to ", "between "])
def test_a_text_without_end_is_no_date(word: str) -> None:
    """However often a period is begun, it is refused and nothing else happens."""
    with pytest.raises(UsageError):
        period_of(word * 5000, TODAY)
