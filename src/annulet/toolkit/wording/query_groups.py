"""The groups of a query in a sentence: the largest and the smallest, and which are cut short."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from annulet.analytics.query.calendar_columns import CALENDAR_GROUPS, IN_TIME
from annulet.analytics.query.columns import Kind, QueryField
from annulet.analytics.query.conditions import Condition
from annulet.analytics.query.grouping import MET, NOT_MET, UNKNOWN
from annulet.analytics.query.question import COUNTS, STREAKS, Line, RecordQuery, Result
from annulet.toolkit.dates import Period
from annulet.toolkit.query_columns import ROW_WORDS
from annulet.toolkit.wording.date_format import sentence_start
from annulet.toolkit.wording.number_format import listed
from annulet.toolkit.wording.person_texts import UNNAMED, summary_name
from annulet.toolkit.wording.query_cells import LENGTHS, figure_words
from annulet.toolkit.wording.query_conditions import field_words, with_words
from annulet.toolkit.wording.query_figures import FIGURE_WORDS

_WEEKEND: Final = {"no": "Monday to Friday", "yes": "weekends"}
_IN_WORDS: Final = 3
_METRICS_IN_WORDS: Final = 3
_TOTALS: Final = frozenset({"count", "days", "sum", "sum_pct", *STREAKS})
"""Figures that grow with the days of a group."""

_Known = tuple[float, Line]


def groups_words(of: str, query: RecordQuery, result: Result, period: Period) -> str:
    """The groups with the largest and the smallest figure, of the first metrics.

    Args:
        of: What a row is.
        query: What was asked.
        result: What came out.
        period: The days of the rows.
    """
    fields: Sequence[QueryField | None] = query.metrics or (None,)
    told: list[str] = []
    for field in fields[:_METRICS_IN_WORDS]:
        lines = [line for line in result.lines if line.field == field]
        sentence = _of_metric(of, query, lines, period, is_first=not told)
        told += [sentence] if sentence else []
    return " ".join(told) if told else "No group has a value."


def _of_metric(
    of: str, query: RecordQuery, lines: Sequence[Line], period: Period, *, is_first: bool
) -> str:
    """The groups of one metric in a sentence; empty where none has a value."""
    name = leading_figure(query)
    known = [(value, line) for line in lines if (value := line.figures.get(name)) is not None]
    if not known:
        return ""
    field = known[0][1].field
    label = field_words(field) if field is not None else ROW_WORDS[of][1]
    figure = FIGURE_WORDS.get(name, name.replace("_pct", " %").replace("_", " "))
    if name not in {"count", label} or field is not None:
        label = f"{label}, {'values' if name == 'count' else figure}"
    condition = None if query.by is None else query.by.condition
    if condition is not None:
        return sentence_start(
            f"{label}: {_with_and_without(condition, known, name, is_named=is_first)}."
        )
    cut = cut_groups(query, period) if is_total(query, name) else {}
    if len(known) <= _IN_WORDS:
        parts = [
            f"{_group(query, line)} {_said(value, name, line)}{_part_words(cut.get(line.group))}"
            for value, line in known
        ]
        return sentence_start(f"{label}: {listed(parts)}.")
    whole = [pair for pair in known if pair[1].group not in {*cut, UNKNOWN}]
    return sentence_start(f"{label}: {_extremes(query, whole or known, name)}.")


def _with_and_without(
    condition: Condition, known: Sequence[_Known], name: str, *, is_named: bool
) -> str:
    """The groups of a condition: with it, without it, and where it is unknown."""
    with_it = with_words([condition])
    is_on = with_it.startswith("on ")
    words = {
        MET: with_it if is_named else ("on those days" if is_on else "with it"),
        NOT_MET: "on other days" if is_on else "without",
        UNKNOWN: "where that is unknown",
    }
    if is_named and known[0][1].group != MET:
        words[known[0][1].group] = {NOT_MET: f"not {with_it}"}.get(
            known[0][1].group, f"unknown whether {with_it}"
        )
    return listed([f"{_said(value, name, line)} {words[line.group]}" for value, line in known])


def _extremes(query: RecordQuery, known: Sequence[_Known], name: str) -> str:
    """The groups with the largest and the smallest figure, as they are shown: ties together."""
    by_size = sorted(known, key=lambda pair: pair[0])
    low, high = (_said(pair[0], name, pair[1]) for pair in (by_size[0], by_size[-1]))
    if low == high:
        return f"{low} in each of {len(known)} groups"
    most, least = _extreme_words(known[0][1], name)
    highest, lowest = (
        [_group(query, line) for value, line in known if _said(value, name, line) == words]
        for words in (high, low)
    )
    return f"{most} in {_names(highest)} ({high}), {least} in {_names(lowest)} ({low})"


def _names(groups: list[str]) -> str:
    unnamed = groups.count(UNNAMED)
    if unnamed > 1:
        groups = [*(name for name in groups if name != UNNAMED), f"{unnamed} named in the table"]
    more = len(groups) - _IN_WORDS
    return listed([*groups[:_IN_WORDS], f"{more} more"] if more > 0 else groups)


def leading_figure(query: RecordQuery) -> str:
    """The figure that groups are told by: that of the order, else the first that was asked."""
    if query.sort is not None and isinstance(query.sort.key, str):
        return query.sort.key
    if not query.metrics:
        is_share = "share_pct" in query.calculate and bool(query.where)
        return "share_pct" if is_share else query.calculate[0]
    of_values = [name for name in query.calculate if name not in {*COUNTS, *STREAKS}]
    return next(iter([*of_values, *query.calculate]))


def is_total(query: RecordQuery, name: str) -> bool:
    """Whether a figure grows with the days of a group; a share does where all rows are meant."""
    return name in _TOTALS or (name == "share_pct" and not query.where)


def cut_groups(query: RecordQuery, period: Period) -> dict[str, tuple[int, int]]:
    """The groups in time of which the period holds only a part: so many days, of how many.

    Args:
        query: What was asked.
        period: The days of the rows.
    """
    if query.by is None or query.by.calendar not in IN_TIME - {"day"}:
        return {}
    name_of = CALENDAR_GROUPS[query.by.calendar]
    cut = {}
    for end in (period.start.toordinal(), period.end.toordinal()):
        first, last = _ends(name_of, end)
        inside = min(last, period.end.toordinal()) - max(first, period.start.toordinal()) + 1
        if inside <= last - first:
            cut[name_of(end)] = (inside, last - first + 1)
    return cut


def _ends(name_of: Callable[[int], str], day: int) -> tuple[int, int]:
    """The first and the last day (ordinals) of the group of a day."""
    first = last = day
    while name_of(first - 1) == name_of(day):
        first -= 1
    while name_of(last + 1) == name_of(day):
        last += 1
    return first, last


def _part_words(part: tuple[int, int] | None) -> str:
    return "" if part is None else f" ({part[0]} of its {part[1]} days)"


def _extreme_words(line: Line, name: str) -> tuple[str, str]:
    """The words for the largest and the smallest figure of groups."""
    if name in {"count", "days", "sum"}:
        return "most", "fewest" if name != "sum" else "least"
    is_clock = line.field is not None and line.field.column.kind is Kind.CLOCK
    is_size = name in {*STREAKS, *LENGTHS} or name.endswith("_pct")
    return ("latest", "earliest") if is_clock and not is_size else ("highest", "lowest")


def _group(query: RecordQuery, line: Line) -> str:
    """The name of a group; where groups are words of the records, only codes are named."""
    if query.by is not None and query.by.calendar == "weekend":
        return _WEEKEND.get(line.group, line.group)
    is_word = query.by is not None and query.by.field is not None
    return summary_name(line.group) if is_word else line.group


def _said(value: float, name: str, line: Line) -> str:
    if name in {"count", "days", *STREAKS}:
        return f"{value:,.0f}"
    if line.field is None:
        return f"{value:.0f} %" if name.endswith("_pct") else f"{value:,.0f}"
    return figure_words(value, name, line.field)
