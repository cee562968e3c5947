"""The sentence of a query: how many, of what, when, under which condition, from how many days."""

from __future__ import annotations

from datetime import date
from typing import Final

from annulet.analytics.query.columns import Kind
from annulet.analytics.query.question import Line, RecordQuery, Result
from annulet.analytics.query.streaks import Streak
from annulet.toolkit.dates import Period
from annulet.toolkit.query_columns import ROW_WORDS
from annulet.toolkit.wording.date_format import days_words, sentence_start, span_words
from annulet.toolkit.wording.number_format import counted as counted_words
from annulet.toolkit.wording.number_format import listed
from annulet.toolkit.wording.query_cells import figure_words
from annulet.toolkit.wording.query_conditions import field_words, label_of, with_words
from annulet.toolkit.wording.query_figures import FIGURE_WORDS, figure_name
from annulet.toolkit.wording.query_groups import groups_words

_IN_WORDS: Final = 3
_FIGURES_IN_WORDS: Final = 6
_DAYS_NAMED: Final = 5
_UNKNOWN_STREAK: Final = "unknown, as the last days are"
_OF_SEVERAL: Final = frozenset({"median", "min", "max"})


def summary(
    of: str,
    query: RecordQuery,
    result: Result,
    period: Period,
    today: date,
    *,
    without_workout: int = 0,
) -> str:
    """The answer in one to three sentences.

    Args:
        of: What a row is.
        query: What was asked.
        result: What came out.
        period: The days of the rows.
        today: Today in the person's zone.
        without_workout: How many undecided days are known to have had no workout.
    """
    when = span_words(period.start, period.end, today)
    days = result.lines[0].figures.get("days") if query.by is None and of != "days" else None
    on_days = "" if days is None or query.metrics else f" on {counted_words(round(days), 'day')}"
    counted = _counted(of, query, result, today, without_workout=without_workout, on_days=on_days)
    if query.by is not None:
        return f"{when}: {counted}. {groups_words(of, query, result, period)}".strip()
    line = result.lines[0]
    sentences = [_metric_words(query, line) for line in result.lines if line.field is not None]
    shown = "; ".join(sentence for sentence in sentences[:_IN_WORDS] if sentence)
    if len(sentences) > _IN_WORDS:
        shown += f"; {len(sentences) - _IN_WORDS} more in the table"
    lead = f"{shown} ({counted}, {when})." if shown else f"{when}: {counted}."
    return " ".join([sentence_start(lead), *_streaks(query, line, today)])


def _counted(
    of: str,
    query: RecordQuery,
    result: Result,
    today: date,
    *,
    without_workout: int,
    on_days: str,
) -> str:
    """How many rows, of how many, under which condition."""
    matched = result.matched
    singular, many = ROW_WORDS[of]
    is_cut = query.limit is not None and query.by is None and len(result.rows) < matched.rows
    on_days = "" if is_cut else on_days
    if not query.where:
        words = f"{matched.of:,} {singular if matched.of == 1 else many}"
        words += on_days
        return f"{_first_words(of, query, result, today)} of {words}" if is_cut else words
    share = matched.share_pct
    percent = "" if share is None else f" ({share:.0f} %)"
    decided = matched.of - matched.unknown
    words = f"{matched.rows:,} of {decided:,} {singular if decided == 1 else many}{percent}"
    unknown = _undecided_words(matched.unknown - without_workout, without_workout)
    cut = f"; figures of {_first_words(of, query, result, today)}" if is_cut else ""
    if query.limit is not None and query.by is None and not is_cut:
        cut = _named_days(result, today)
    return f"{words} {with_words(query.where)}{on_days}{unknown}{cut}"


def _undecided_words(unknown: int, without_workout: int) -> str:
    """Why rows are neither met nor not: a day without a workout has no length of one."""
    parts = [f"{unknown:,} more unknown"] if unknown else []
    parts += [f"{without_workout:,} more without a workout"] if without_workout else []
    return f" ({' and '.join(parts)})" if parts else ""


def _first_words(of: str, query: RecordQuery, result: Result, today: date) -> str:
    """Which of the rows an order and a limit leave."""
    count = len(result.rows)
    singular, many = ROW_WORDS[of]
    rows, sort = f"{count} {singular if count == 1 else many}", query.sort
    if sort is None or isinstance(sort.key, str):
        words = f"the oldest {rows}"
    elif sort.key.column.name in {"day", "start"}:
        words = f"the {'newest' if sort.descending else 'oldest'} {rows}"
    else:
        is_clock = sort.key.column.kind is Kind.CLOCK
        most, least = ("latest", "earliest") if is_clock else ("highest", "lowest")
        words = f"the {rows} with the {most if sort.descending else least} {label_of(sort.key)}"
    return words + _named_days(result, today)


def _named_days(result: Result, today: date) -> str:
    """The days of a few rows in brackets; nothing where they are many."""
    days = sorted({date.fromordinal(row.day) for row in result.rows})
    return f" ({days_words(days, today)})" if 0 < len(days) <= _DAYS_NAMED else ""


def _metric_words(query: RecordQuery, line: Line) -> str:
    """The asked figures of one metric; what only counts its values is said where that is asked."""
    if line.field is None:
        return ""
    label, field = field_words(line.field), line.field
    asked = [(name, line.figures.get(name)) for name in query.calculate]
    figures = [(name, value) for name, value in asked if name in FIGURE_WORDS]
    count = line.figures.get("count") or 0
    if count == 1 and "mean" in query.calculate:  # one value is its own lowest and highest
        figures = [(name, value) for name, value in figures if name not in _OF_SEVERAL]
    values = f"{count:,.0f} value{'' if count == 1 else 's'}"
    parts = [
        f"{figure_name(name, field)} {figure_words(value, name, field)}"
        for name, value in figures
        if value is not None
    ]
    if parts:
        more = len(parts) - _FIGURES_IN_WORDS
        told = [*parts[:_FIGURES_IN_WORDS], *([f"{more} more in the table"] if more > 0 else [])]
        return f"{label}: {listed(told)} from {values}"
    if figures:
        names = listed([figure_name(name, field) for name, _ in figures])
        return f"{label}: no value" if not count else f"{label}: no {names} of {values}"
    words = {"count": values, "days": f"{line.figures.get('days') or 0:,.0f} days"}
    share = line.figures.get("share_pct")
    if share is not None:
        words["share_pct"] = f"{figure_words(share, 'share_pct', field)} of the days"
    counts = [words[name] for name, _ in asked if name in words]
    return f"{label}: {listed(counts)}" if counts else ""


def _streaks(query: RecordQuery, line: Line, today: date) -> list[str]:
    sentences = []
    for name, streak in (("longest_streak", line.longest), ("current_streak", line.current)):
        if name in query.calculate:
            word = name.replace("_", " ").capitalize()
            is_known = line.figures.get(name) is not None
            length = _streak_words(streak, today) if is_known else _UNKNOWN_STREAK
            sentences.append(f"{word}: {length}.")
    return sentences


def _streak_words(streak: Streak | None, today: date) -> str:
    if streak is None:
        return "none"
    first, last = date.fromordinal(streak.first), date.fromordinal(streak.last)
    days = f"{streak.length} day{'' if streak.length == 1 else 's'}"
    return f"{days} ({span_words(first, last, today)})"
