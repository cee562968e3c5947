"""The sentence of a query: how many, of what, when, under which condition, from how many days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final

from annulet.analytics.query.calendar_columns import MONTHS, WEEKDAYS
from annulet.analytics.query.columns import Kind, QueryField
from annulet.analytics.query.conditions import Comparison, Condition, Junction, Statistic
from annulet.analytics.query.literals import Literal
from annulet.analytics.query.question import STREAKS, Line, RecordQuery, Result
from annulet.analytics.query.streaks import Streak
from annulet.toolkit.dates import Period
from annulet.toolkit.query_columns import LABELS, ROW_WORDS
from annulet.toolkit.wording.date_format import sentence_start, span_words
from annulet.toolkit.wording.number_format import listed
from annulet.toolkit.wording.person_texts import summary_name
from annulet.toolkit.wording.query_cells import LENGTHS, figure_words, value_words

_SIGNS: Final = {">=": "at least", "<=": "at most", ">": "above", "<": "below"}
_FIGURES: Final = {
    "sum": "total",
    "mean": "mean",
    "median": "median",
    "sd": "SD",
    "cv_pct": "coefficient of variation",
    "min": "lowest",
    "max": "highest",
    "range": "range",
    "p10": "10th percentile",
    "p25": "25th percentile",
    "p75": "75th percentile",
    "p90": "90th percentile",
}
_STATISTICS: Final = {
    "mean": "the period's mean",
    "median": "the period's median",
    "usual_low": "your usual range",
    "usual_high": "your usual range",
}
_OFFSETS: Final = {-1: " the day before", 1: " the day after"}
_WEEKEND: Final = {"no": "Monday to Friday", "yes": "weekends"}
_IN_WORDS: Final = 3
_FIGURES_IN_WORDS: Final = 4


def summary(of: str, query: RecordQuery, result: Result, period: Period, today: date) -> str:
    """The answer in one to three sentences.

    Args:
        of: What a row is.
        query: What was asked.
        result: What came out.
        period: The days of the rows.
        today: Today in the person's zone.
    """
    when = span_words(period.start, period.end, today)
    counted = _counted(of, query, result)
    if query.by is not None:
        return f"{when}: {counted}. {_groups(of, query, result)}".strip()
    line = result.lines[0]
    sentences = [_metric_words(line) for line in result.lines if line.field is not None]
    shown = "; ".join(sentence for sentence in sentences[:_IN_WORDS] if sentence)
    streaks = _streaks(query, line, today)
    lead = f"{shown} ({counted}, {when})." if shown else f"{when}: {counted}."
    return " ".join([sentence_start(lead), *streaks])


def _counted(of: str, query: RecordQuery, result: Result) -> str:
    """How many rows, of how many, under which condition."""
    matched = result.matched
    singular, many = ROW_WORDS[of]
    if not query.where:
        rows = len(result.rows) if query.limit and query.by is None else matched.of
        return f"{rows:,} {singular if rows == 1 else many}"
    share = matched.share_pct
    percent = "" if share is None else f" ({share:.0f} %)"
    decided = matched.of - matched.unknown
    conditions = " and ".join(condition_words(condition) for condition in query.where)
    words = f"{matched.rows:,} of {decided:,} {singular if decided == 1 else many}{percent}"
    unknown = f", {matched.unknown:,} more unknown" if matched.unknown else ""
    cut = ""
    if query.limit and query.by is None and len(result.rows) < matched.rows:
        cut = f"; figures of {_first_words(query, len(result.rows))}"
    return f"{words} with {conditions}{unknown}{cut}"


def _first_words(query: RecordQuery, count: int) -> str:
    """Which of the rows an order and a limit leave."""
    sort = query.sort
    if sort is None or isinstance(sort.key, str):
        return f"the first {count}"
    if sort.key.column.name in {"day", "start"}:
        return f"the {'newest' if sort.descending else 'oldest'} {count}"
    return f"the {count} with the {'highest' if sort.descending else 'lowest'} {_label(sort.key)}"


def _metric_words(line: Line) -> str:
    if line.field is None:
        return ""
    label = field_words(line.field)
    parts = [
        f"{_FIGURES[name]} {figure_words(value, name, line.field)}"
        for name, value in line.figures.items()
        if name in _FIGURES and value is not None
    ]
    if not parts:
        return f"{label}: no value"
    count = line.figures.get("count")
    values = "" if count is None else f" from {count:,.0f} value{'' if count == 1 else 's'}"
    return f"{label}: {listed(parts[:_FIGURES_IN_WORDS])}{values}"


def _groups(of: str, query: RecordQuery, result: Result) -> str:
    """The groups with the largest and the smallest figure of the first metric."""
    name = _leading_figure(query)
    lines = [line for line in result.lines if line.field == (query.metrics or (None,))[0]]
    if query.by is not None and query.by.calendar == "weekend":
        lines = [replace(line, group=_WEEKEND.get(line.group, line.group)) for line in lines]
    known = [(value, line) for line in lines if (value := line.figures.get(name)) is not None]
    if not known:
        return "No group has a value."
    label = field_words(query.metrics[0]) if query.metrics else ROW_WORDS[of][1]
    figure = _FIGURES.get(name, name.replace("_pct", " %").replace("_", " "))
    label = label if name == "count" else f"{label}, {figure}"
    if len(known) <= _IN_WORDS:
        parts = [f"{_group(query, line)} {_said(value, name, line)}" for value, line in known]
        return sentence_start(f"{label}: {listed(parts)}.")
    high = max(known, key=lambda pair: pair[0])
    low = min(known, key=lambda pair: pair[0])
    most, least = _extreme_words(high[1], name)
    return sentence_start(
        f"{label}: {most} in {_group(query, high[1])} ({_said(high[0], name, high[1])}), "
        f"{least} in {_group(query, low[1])} ({_said(low[0], name, low[1])})."
    )


def _extreme_words(line: Line, name: str) -> tuple[str, str]:
    """The words for the largest and the smallest figure of groups."""
    if name in {"count", "days", "sum"}:
        return "most", "fewest" if name != "sum" else "least"
    is_clock = line.field is not None and line.field.column.kind is Kind.CLOCK
    is_size = name in {*STREAKS, *LENGTHS} or name.endswith("_pct")
    return ("latest", "earliest") if is_clock and not is_size else ("highest", "lowest")


def _group(query: RecordQuery, line: Line) -> str:
    """The name of a group; where groups are words of the records, only codes are named."""
    is_word = query.by is not None and query.by.field is not None
    return summary_name(line.group) if is_word else line.group


def _leading_figure(query: RecordQuery) -> str:
    """The figure that groups are told by."""
    if query.sort is not None and isinstance(query.sort.key, str):
        return query.sort.key
    if not query.metrics:
        return "share_pct" if "share_pct" in query.calculate and query.where else "count"
    preferred = ("mean", "median", "sum", *query.calculate)
    return next(name for name in preferred if name in query.calculate)


def _said(value: float, name: str, line: Line) -> str:
    if name in {"count", "days", "longest_streak", "current_streak"} or line.field is None:
        return f"{value:.0f} %" if name.endswith("_pct") else f"{value:,.0f}"
    return figure_words(value, name, line.field)


def _streaks(query: RecordQuery, line: Line, today: date) -> list[str]:
    sentences = []
    for name, streak in (("longest_streak", line.longest), ("current_streak", line.current)):
        if name in query.calculate:
            word = name.replace("_", " ").capitalize()
            sentences.append(f"{word}: {_streak_words(streak, today)}.")
    return sentences


def _streak_words(streak: Streak | None, today: date) -> str:
    if streak is None:
        return "none"
    first, last = date.fromordinal(streak.first), date.fromordinal(streak.last)
    days = f"{streak.length} day{'' if streak.length == 1 else 's'}"
    return f"{days} ({span_words(first, last, today)})"


def field_words(field: QueryField) -> str:
    """A field in a sentence."""
    return _label(field) + _OFFSETS.get(field.offset, "")


def _label(field: QueryField) -> str:
    name = field.column.name
    if name == "hr_avg_bpm" and not field.of_day:
        return "average heart rate"  # of the workout or sleep itself
    return LABELS.get(name, name.replace("_", " "))


def condition_words(condition: Condition) -> str:
    """A condition in a sentence."""
    if isinstance(condition, Junction):
        return f" {condition.word} ".join(condition_words(part) for part in condition.parts)
    field = condition.field
    label, when = _label(field), _OFFSETS.get(field.offset, "")
    operand = condition.operand
    if isinstance(operand, Statistic):
        value = _STATISTICS[operand.name]
    elif isinstance(operand, QueryField):
        value = field_words(operand)
    else:
        value = " or ".join(_literal_words(literal, condition) for literal in operand)
    clock = field.column.kind is Kind.CLOCK
    sign = {"=": "", "!=": "not"}.get(condition.operator, _SIGNS.get(condition.operator, ""))
    if clock and condition.operator in {">", "<"}:
        sign = "after" if condition.operator == ">" else "before"
    return " ".join(part for part in (label, sign, value) if part) + when


def _literal_words(value: Literal, condition: Comparison) -> str:
    column = condition.field.column
    if isinstance(value, tuple):
        year, month = value
        name = MONTHS[month - 1].capitalize()
        return name if year is None else f"{name} {year}"
    if isinstance(value, str):
        return value
    if column.kind is Kind.WEEKDAY:
        return WEEKDAYS[int(value)].capitalize()
    if column.kind is Kind.YES_NO:
        return "yes" if value else "no"
    if column.kind is Kind.DAY:
        return date.fromordinal(int(value)).isoformat()
    return value_words(value, column)
