"""One query on one person's rows: which rows, in which groups, with which figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from annulet.analytics.query.calendar_columns import IN_TIME
from annulet.analytics.query.columns import Kind, QueryField
from annulet.analytics.query.conditions import Condition, fields_of
from annulet.analytics.query.evaluation import Evidence, Test, Verdict, shown, test_of
from annulet.analytics.query.group_figures import (
    Group,
    Judged,
    lines_of,
    matched_of,
    with_changes,
    with_parts_of_sum,
)
from annulet.analytics.query.grouping import Grouping, group_order, groups_of
from annulet.analytics.query.question import Line, RecordQuery, Result, Sort
from annulet.analytics.query.rows import Cell, Row, reader

_MOST_WORDS = 60
"""Groups of words that are shown where no limit is asked for: there may be thousands."""


def run(query: RecordQuery, evidence: Evidence) -> Result:
    """Answer a query on a person's rows."""
    judged = _judge(query, evidence, evidence.rows)
    undecided = tuple(row for row, verdict in judged if verdict is None)
    if query.by is None:
        ordered = _ordered_rows(query, evidence, [row for row, verdict in judged if verdict])
        rows = ordered[: query.limit] if query.limit else ordered
        lines = lines_of(query, evidence, Group("", judged, rows, len(judged)))
        ties = _tied_rows(query, evidence, ordered)
        return Result(matched_of(judged), tuple(lines), tuple(rows), undecided=undecided, ties=ties)
    parts = _groups(query, query.by, evidence, judged)
    groups = [lines_of(query, evidence, part) for part in parts]
    counted = _in_ranges(query.by, judged)
    if "sum_pct" in query.calculate and query.metrics:
        met = [row for row, verdict in counted if verdict]
        groups = with_parts_of_sum(groups, lines_of(query, evidence, Group("", counted, met, 0)))
    if "change" in query.calculate and query.by.in_time:
        groups = with_changes(groups)
    whole = len(groups)
    groups = _sorted_groups(query, _from_first_data(query.by, groups))
    most = query.limit or (_MOST_WORDS if query.by.field is not None else len(groups))
    first_groups = groups[:most]
    return Result(
        matched_of(counted),
        tuple(line for group in first_groups for line in group),
        tuple(row for row, verdict in counted if verdict),
        len(groups) - len(first_groups),
        whole - len(groups),
        undecided,
        _tied_groups(query, groups),
    )


def _tied_rows(query: RecordQuery, evidence: Evidence, ordered: Sequence[Row]) -> int:
    """How many rows beyond the limit are equal to the last one before it, as they are shown."""
    sort, limit = query.sort, query.limit or 0
    if sort is None or isinstance(sort.key, str) or not 0 < limit < len(ordered):
        return 0
    key = sort.key
    if key.column.name in {"day", "start"} or key.column.kind not in {Kind.NUMBER, Kind.CLOCK}:
        return 0
    read = reader(key, evidence.days)
    cells = [None if (cell := read(row)) is None else shown(key.column, cell) for row in ordered]
    return 0 if cells[limit - 1] is None else cells[limit:].count(cells[limit - 1])


def _tied_groups(query: RecordQuery, ordered: Sequence[list[Line]]) -> int:
    """How many groups beyond the limit have the figure of the last one before it."""
    limit = query.limit or 0
    if query.sort is None or not 0 < limit < len(ordered):
        return 0
    figures = [_sort_figure(query.sort, group) for group in ordered]
    last = figures[limit - 1]
    return 0 if last is None else figures[limit:].count(last)


def _from_first_data(grouping: Grouping, groups: list[list[Line]]) -> list[list[Line]]:
    """The groups of the calendar without those before the first value; all where there is none."""
    if grouping.calendar not in IN_TIME:
        return groups
    with_data = (place for place, group in enumerate(groups) if any(map(_has_value, group)))
    return groups[next(with_data, 0) :]


def _has_value(line: Line) -> bool:
    """Whether anything is known of a group: a value, or whether its rows met the condition."""
    figures = line.figures
    is_shared = line.field is None and "share_pct" in figures
    return figures["share_pct"] is not None if is_shared else figures.get("count") != 0


def _judge(
    query: RecordQuery, evidence: Evidence, rows: Sequence[Row]
) -> list[tuple[Row, Verdict]]:
    """Every row with its verdict; a row that waits for an unfinished figure is left out."""
    tests = [test_of(condition, evidence) for condition in query.where]
    unfinished = _unfinished_fields(query.where, evidence)
    waits_for_group = _waits_for_group(query.by, evidence)
    judged = []
    for row in rows:
        verdict = _all_hold(tests, row)
        waits = verdict is None and _is_unfinished(unfinished, row, evidence)
        if not waits and not waits_for_group(row):
            judged.append((row, verdict))
    return judged


def left_out_of_today(query: RecordQuery, evidence: Evidence) -> list[str]:
    """The columns because of which a row is left out, as their day is not over."""
    conditions = [*query.where, *([query.by.condition] if query.by and query.by.condition else [])]
    fields = [*_unfinished_fields(conditions, evidence), *_words_of(query.by)]
    rows = [row for row in evidence.rows if _is_unfinished(fields, row, evidence)]
    counted = {id(row) for row, _ in _judge(query, evidence, rows)}
    left_out = [row for row in rows if id(row) not in counted]
    names = [
        field.column.name
        for field in fields
        if any(evidence.days.is_unfinished(field, row.day) for row in left_out)
    ]
    return list(dict.fromkeys(names))


def _unfinished_fields(conditions: Iterable[Condition], evidence: Evidence) -> list[QueryField]:
    """The fields of conditions that are still being counted on some day."""
    return [
        field
        for condition in conditions
        for field in fields_of(condition)
        if field.column.name in evidence.days.unfinished
    ]


def _is_unfinished(fields: Iterable[QueryField], row: Row, evidence: Evidence) -> bool:
    return any(evidence.days.is_unfinished(field, row.day) for field in fields)


def _words_of(grouping: Grouping | None) -> list[QueryField]:
    return [grouping.field] if grouping is not None and grouping.field is not None else []


def _waits_for_group(grouping: Grouping | None, evidence: Evidence) -> Callable[[Row], bool]:
    """Whether it is not yet known in which group a row of today will stand."""
    if grouping is None or (grouping.condition is None and grouping.field is None):
        return lambda _: False
    if grouping.condition is not None:
        test = test_of(grouping.condition, evidence)
        unfinished = _unfinished_fields([grouping.condition], evidence)
        return lambda row: test(row) is None and _is_unfinished(unfinished, row, evidence)
    words = _words_of(grouping)
    read = reader(words[0], evidence.days)
    return lambda row: not read(row) and _is_unfinished(words, row, evidence)


def _all_hold(tests: Sequence[Test], row: Row) -> Verdict:
    unknown = False
    for test in tests:
        verdict = test(row)
        if verdict is False:
            return False
        unknown = unknown or verdict is None
    return None if unknown else True


def _ordered_rows(query: RecordQuery, evidence: Evidence, rows: list[Row]) -> list[Row]:
    """The rows in the asked order, without those that a limit passes over."""
    sort = query.sort
    if query.limit and query.metrics:
        days = evidence.days
        # A day whose figures are still being counted is not among the newest, nor the lowest.
        rows = [r for r in rows if not all(days.is_unfinished(f, r.day) for f in query.metrics)]
    if sort is not None and isinstance(sort.key, QueryField):
        rows = _sorted_rows(rows, sort.key, evidence, descending=sort.descending)
        if query.limit and sort.key in query.metrics:
            read = reader(sort.key, evidence.days)
            rows = [row for row in rows if read(row) is not None]
    return rows


def _sorted_rows(
    rows: list[Row], key: QueryField, evidence: Evidence, *, descending: bool
) -> list[Row]:
    """The rows by a field, those without a value last; ties as in time, or reversed."""
    ordered = rows[::-1] if descending else rows
    if key.column.name in {"day", "start"} and not key.offset:
        return ordered  # rows come in order of time
    read = reader(key, evidence.days)
    known = [(cell, row) for row in ordered if (cell := read(row)) is not None]
    unknown = [row for row in rows if read(row) is None]
    known.sort(key=lambda pair: _order_key(pair[0]), reverse=descending)
    return [row for _, row in known] + unknown


def _order_key(cell: Cell) -> tuple[float, str]:
    if isinstance(cell, frozenset):
        return (0.0, ",".join(sorted(cell)))
    return (0.0, cell.casefold()) if isinstance(cell, str) else (float(cell), "")


def _groups(
    query: RecordQuery, grouping: Grouping, evidence: Evidence, judged: Judged
) -> list[Group]:
    names = groups_of(grouping, evidence)
    by_name: dict[str, list[tuple[Row, Verdict]]] = {}
    for row, verdict in judged:
        for name in names(row):
            by_name.setdefault(name, []).append((row, verdict))
    return [
        Group(
            name,
            own := by_name.get(name, []),
            [row for row, verdict in own if verdict],
            # Without a condition every row of a group meets it: then its share is of all rows.
            len(own) if query.where else len(judged),
        )
        for name in group_order(grouping, set(by_name))
    ]


def _in_ranges(grouping: Grouping, judged: Judged) -> Judged:
    """The rows that stand in a group: with named ranges some stand in none."""
    if not grouping.ranges:
        return judged
    return [
        (row, verdict)
        for row, verdict in judged
        if any(span.first <= row.day <= span.last for span in grouping.ranges)
    ]


def _sorted_groups(query: RecordQuery, groups: list[list[Line]]) -> list[list[Line]]:
    """The groups by a figure of one of their lines, those without a value last."""
    sort = query.sort
    if sort is None or not isinstance(sort.key, str):
        return groups

    ordered = groups[::-1] if sort.descending else groups
    known = [(size, group) for group in ordered if (size := _sort_figure(sort, group)) is not None]
    unknown = [group for group in groups if _sort_figure(sort, group) is None]
    known.sort(key=lambda pair: pair[0], reverse=sort.descending)
    return [group for _, group in known] + unknown


def _sort_figure(sort: Sort, group: Sequence[Line]) -> float | None:
    """The figure that a group is sorted by."""
    return group[min(sort.metric, len(group) - 1)].figures.get(str(sort.key))
