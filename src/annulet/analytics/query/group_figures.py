"""The figures of one group, and those that need the groups beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from annulet.analytics.query.aggregates import FIGURES, figure
from annulet.analytics.query.columns import Kind, QueryField
from annulet.analytics.query.evaluation import Evidence, Verdict
from annulet.analytics.query.question import STREAKS, Line, Matched, RecordQuery
from annulet.analytics.query.rows import Row, reader
from annulet.analytics.query.streaks import Streaks, streaks_of

Judged = Sequence[tuple[Row, Verdict]]

_DAY_MIN = 1440
_HALF_DAY = 720


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one group.

    Attributes:
        name: Its name; empty where there are no groups.
        judged: Its rows with their verdicts.
        met: The rows to calculate on, in the order they are shown.
        all_rows: Of how many rows a share is meant.
    """

    name: str
    judged: Judged
    met: Sequence[Row]
    all_rows: int


def matched_of(judged: Judged) -> Matched:
    """How many rows met the conditions, and of how many it cannot be known."""
    return Matched(
        rows=sum(1 for _, verdict in judged if verdict),
        of=len(judged),
        unknown=sum(1 for _, verdict in judged if verdict is None),
    )


def lines_of(query: RecordQuery, evidence: Evidence, group: Group) -> list[Line]:
    """One line a metric, or one that counts rows where no metric is asked."""
    streaks = _streaks(query, evidence, group)
    shared = _shared(group, streaks)
    if not query.metrics:
        figures = {name: shared.get(name) for name in query.calculate}
        return [Line(group.name, None, figures, **streaks.as_parts)]
    names = _needed(query)
    lines = []
    for field in query.metrics:
        pairs = _values(field, evidence, group.met)
        values = [value for value, _ in pairs]
        figures = {name: figure(name, values, field.column) for name in names if name in FIGURES}
        figures |= {name: shared[name] for name in names if name in shared}
        valued = {row.day for _, row in pairs}
        figures |= {"count": float(len(pairs)), "days": float(len(valued))}
        if not query.where and set(STREAKS) & set(query.calculate):
            # Without a condition the days in a row are those with a value.
            streaks = _of_valued_days(query, valued)
            figures |= _lengths(group, streaks)
        in_time = sorted(pairs, key=lambda pair: (pair[1].day, pair[1].start))
        lines.append(
            Line(
                group.name,
                field,
                figures,
                min(in_time, key=lambda pair: pair[0])[1] if in_time else None,
                max(in_time, key=lambda pair: pair[0])[1] if in_time else None,
                **streaks.as_parts,
            )
        )
    return lines


def with_parts_of_sum(groups: list[list[Line]], whole: Sequence[Line]) -> list[list[Line]]:
    """Each group's part of the whole sum (percent), metric by metric.

    Args:
        groups: The lines of each group.
        whole: The lines of all rows together: a row may stand in several groups.
    """
    return [
        [
            _with(line, "sum_pct", _percent(line.figures["sum"], total.figures["sum"]))
            for line, total in zip(group, whole, strict=True)
        ]
        for group in groups
    ]


def with_changes(groups: list[list[Line]]) -> list[list[Line]]:
    """Each group's mean against the mean of the group before it, metric by metric."""
    changed = []
    before: list[Line] | None = None
    for group in groups:
        previous: Sequence[Line | None] = before or [None] * len(group)
        changed.append(
            [
                _with(line, "change", _change(line, earlier))
                for line, earlier in zip(group, previous, strict=True)
            ]
        )
        before = group
    return changed


def _needed(query: RecordQuery) -> list[str]:
    """The asked figures, those they follow from, and the one that groups are sorted by."""
    sort = query.sort.key if query.sort and isinstance(query.sort.key, str) else None
    names = [*query.calculate, *([sort] if sort else [])]
    follows = {"sum_pct": "sum", "change": "mean"}
    return list(dict.fromkeys((*names, *(follows[n] for n in names if n in follows))))


def _values(field: QueryField, evidence: Evidence, rows: Sequence[Row]) -> list[tuple[float, Row]]:
    if field.column.kind not in {Kind.NUMBER, Kind.CLOCK}:
        return []
    if field.assumed:  # a figure of the day, of which its events are no several
        rows = list({row.day: row for row in reversed(rows)}.values())[::-1]
    read = reader(field, evidence.days)
    pairs = ((read(row), row) for row in rows)
    return [(float(value), row) for value, row in pairs if isinstance(value, int | float)]


def _shared(group: Group, streaks: Streaks) -> dict[str, float | None]:
    """The figures that do not depend on a metric."""
    counts = matched_of(group.judged)
    share = Matched(counts.rows, group.all_rows, counts.unknown).share_pct
    return {
        "count": float(len(group.met)),
        "days": float(len({row.day for row in group.met})),
        "share_pct": share,
        **_lengths(group, streaks),
    }


def _lengths(group: Group, streaks: Streaks) -> dict[str, float | None]:
    """How long the streaks are; nothing where the group has no rows, or it cannot be known."""
    lengths: dict[str, float | None] = {
        "longest_streak": streaks.longest.length if streaks.longest else 0,
        "current_streak": streaks.current.length if streaks.current else 0,
    }
    if streaks.is_current_unknown:
        lengths["current_streak"] = None
    return lengths if group.judged else dict.fromkeys(lengths)


def _streaks(query: RecordQuery, evidence: Evidence, group: Group) -> Streaks:
    """The streaks of days that meet the conditions."""
    if not set(STREAKS) & set(query.calculate):
        return Streaks()
    met = {row.day for row, verdict in group.judged if verdict}
    failed = {row.day for row, verdict in group.judged if verdict is False} - met
    unknown = {row.day for row, verdict in group.judged if verdict is None} - met - failed
    if not query.of_days:
        # A day without an event is no day in a row; the last one only when it is over.
        end = query.last_day - (query.last_day not in met)
        return streaks_of(met, unknown, end, query.calculate)
    days, end = evidence.days, query.last_day
    today = end if days.today is None else days.today
    first_open = min(days.unfinished.values(), default=today)
    while end >= first_open and end not in met | failed:
        unknown.discard(end)  # a day that is not over is no end, and nothing is missing yet
        end -= 1
    return streaks_of(met, unknown, end, query.calculate)


def _of_valued_days(query: RecordQuery, valued: set[int]) -> Streaks:
    """The days in a row with a value; a last day that has none yet is no end."""
    end = query.last_day - (query.last_day not in valued)
    return streaks_of(valued, set(), end, query.calculate)


def _with(line: Line, name: str, value: float | None) -> Line:
    return replace(line, figures={**line.figures, name: value})


def _percent(part: float | None, whole: float | None) -> float | None:
    return None if part is None or not whole else 100.0 * part / whole


def _change(line: Line, before: Line | None) -> float | None:
    mean = line.figures.get("mean")
    mean_before = None if before is None else before.figures.get("mean")
    if mean is None or mean_before is None:
        return None
    if line.field is not None and line.field.column.kind is Kind.CLOCK:
        return (mean - mean_before + _HALF_DAY) % _DAY_MIN - _HALF_DAY
    return mean - mean_before
