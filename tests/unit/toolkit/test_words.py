"""The words that several answers share."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from annulet.errors import OuraUnavailable, ScopeMissing
from annulet.toolkit.answer_builder import Body, Table, compose, coverage
from annulet.toolkit.context import Zone
from annulet.toolkit.dates import Period
from annulet.toolkit.local_time import LocalTime, iso_minute, offset_name
from annulet.toolkit.reading.baselines import baseline_table
from annulet.toolkit.wording.date_format import day_words, days_words, duration_words, span_words
from annulet.toolkit.wording.missing_data import not_read, nothing, unread_notes
from annulet.toolkit.wording.number_format import rounded

TODAY = date(2026, 5, 6)
LOCAL_TIME = LocalTime(Zone(UTC, "UTC"), datetime(2026, 5, 6, 9, tzinfo=UTC), note="by the way")


class DailyBody(Body):
    """The keys of a tool, one of them empty."""

    table: Table
    baselines: Table | None = None


def days(*numbers):
    return [date(2026, 5, number) for number in numbers]


@pytest.mark.parametrize(
    ("listed", "words"),
    [
        ([], ""),
        (days(5), "5 May"),
        (days(5, 6), "5 to 6 May"),
        (days(3, 5, 6, 7), "3 May, 5 to 7 May"),
        (days(1, 3, 5, 7, 9, 11, 13, 14, 15), "1 May, 3 May, 5 May, 7 May, 9 May and 4 more"),
    ],
)
def test_days_are_listed_as_far_as_a_person_reads_them(listed, words):
    """Neighbours together, five stretches at most, the others counted."""
    assert days_words(listed, TODAY) == words


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (date(2026, 4, 30), date(2026, 4, 30), "30 Apr"),
        (date(2026, 4, 28), date(2026, 5, 2), "28 Apr to 2 May"),
        (date(2025, 4, 8), date(2025, 4, 12), "8 to 12 Apr 2025"),
        (date(2025, 12, 30), date(2026, 1, 2), "30 Dec 2025 to 2 Jan"),
        (date(2024, 12, 30), date(2025, 1, 2), "30 Dec 2024 to 2 Jan 2025"),
    ],
)
def test_a_span_is_said_with_its_year_where_it_is_not_this_one(first, last, words):
    """A year is written where it is not this one."""
    assert span_words(first, last, TODAY) == words


def test_the_same_reason_is_told_once():
    """Parts that failed alike share a note; a permission is named unless it says the same."""
    outage = OuraUnavailable("Oura is out of order (500).", hint="Try again.")
    same = OuraUnavailable("Oura is out of order (500).", hint="Try again.")
    denied = ScopeMissing("No.", hint="Connect again.", scope="stress")
    assert unread_notes({"sleep": outage, "stress": denied, "resilience": denied, "x{}": same}) == [
        "Not read: sleep, x{}. Oura is out of order (500). Try again.",
        "Not permitted: stress, resilience (permission stress). Connect again.",
    ]
    assert not_read("tags", ScopeMissing("No.")) == "Not permitted: tags."
    assert unread_notes({}) == []


def test_what_today_lacks_may_still_come():
    """Only today is told with a yet."""
    assert nothing("No night", Period(TODAY, TODAY), LOCAL_TIME) == (
        "No night yet for today (Wed 6 May)."
    )
    yesterday = TODAY - timedelta(days=1)
    assert nothing("Nothing", Period(yesterday, yesterday), LOCAL_TIME) == (
        "Nothing recorded for yesterday (Tue 5 May)."
    )
    assert nothing("Nothing", Period(yesterday, TODAY), LOCAL_TIME) == (
        "Nothing recorded from 5 to 6 May."
    )
    assert day_words(date(2025, 5, 6), TODAY) == "Tue 6 May 2025"


def test_an_answer_begins_with_what_was_asked_and_holds_nothing_empty():
    """Summary, period, coverage, the tool's own keys, notes; each note once."""
    period = Period(TODAY, TODAY)
    answer = compose(
        "All is well.",
        DailyBody(table=Table([], [])),
        local_time=LOCAL_TIME,
        period=period,
        covered=coverage(period, []),
        notes=["", "a", "a"],
    )
    assert list(answer) == ["summary", "period", "coverage", "table", "notes"]
    assert answer["coverage"] == {"days": 1, "with_data": 0, "missing": ["2026-05-06"]}
    assert answer["notes"] == ["a", "by the way"]
    assert compose("Well.", Body()) == {"summary": "Well."}


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "0 min"), (59.6, "1 h 00 min"), (-75, "-1 h 15 min"), (432, "7 h 12 min")],
)
def test_durations_read_as_people_say_them(minutes, words):
    """Hours and minutes, whole ones."""
    assert duration_words(minutes) == words


def test_figures_are_as_precise_as_they_deserve():
    """Missing stays missing, zero stays zero."""
    assert [rounded(None, 2), rounded(0.0, 1), rounded(0.05, 1), rounded(2.0, 1)] == [
        None,
        0,
        0.1,
        2,
    ]


@pytest.mark.parametrize(
    ("minutes", "name"), [(0, "+00:00"), (330, "+05:30"), (-210, "-03:30"), (840, "+14:00")]
)
def test_offsets_are_written_as_usual(minutes, name):
    """With a sign and a colon."""
    assert offset_name(timedelta(minutes=minutes)) == name


def test_a_time_without_a_zone_stays_as_the_document_wrote_it():
    """Nothing is added to what is missing."""
    assert iso_minute(datetime.fromisoformat("2026-05-06T07:30")) == "2026-05-06T07:30"
    assert iso_minute(None) is None


def test_usual_ranges_need_seven_days():
    """Fewer give no row; none at all gives no table."""
    week = {TODAY - timedelta(days=n): 50.0 + n for n in range(7)}
    short = dict(list(week.items())[:6])
    ranges = baseline_table({"hrv_avg_ms": week, "steps": short})
    assert ranges is not None
    assert ranges.rows == [["hrv_avg_ms", 53, 50, 56, 7]]
    assert baseline_table({"steps": short}) is None


def test_names_of_days_do_not_follow_the_locale():
    """Sentences are English where the machine's locale is not: `strftime` is not asked."""
    german = {"%a": "Di", "%b": "Mai"}

    class German(date):
        """A day as `strftime` writes it under another locale."""

        def __format__(self, spec):
            return german.get(spec) or super().__format__(spec)

    day = German(2026, 12, 1)
    assert f"{day:%a}" == "Di"
    assert day_words(day, TODAY) == "Tue 1 Dec 2026"
    assert span_words(German(2026, 10, 30), day, TODAY) == "30 Oct to 1 Dec"
