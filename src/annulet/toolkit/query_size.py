"""Keeps the answer of a query short: what does not fit is left out, and the answer says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final, TypeAlias

import msgspec

from annulet.analytics.query.columns import QueryField
from annulet.analytics.query.question import Line, RecordQuery, Result
from annulet.toolkit.tool import Answer

Compose: TypeAlias = Callable[[RecordQuery, Result, Sequence[str]], Answer]
"""Makes the answer of a query and its result, with some more notes."""

_MOST_BYTES: Final = 2500
_NOTE_BYTES: Final = 120
_FEW_METRICS: Final = 3
_LEFT_OUT: Final = "Left out for want of room, ask again for:"
_SHORT_FIGURES: Final = ("count", "mean")
_FEWER_FIGURES: Final = "min and max are left out for want of room; name them in calculate."

_Group: TypeAlias = list[tuple[int, Line]]


def fitted(
    compose: Compose, query: RecordQuery, result: Result, *, are_figures_asked: bool
) -> Answer:
    """The answer, without the figures, metrics or groups for which there is no room.

    Args:
        compose: Makes the answer.
        query: What was asked.
        result: What came out.
        are_figures_asked: Whether the figures were named; those stay.
    """
    answer = compose(query, result, ())
    notes: tuple[str, ...] = ()
    if _excess_bytes(answer) > 0 and query.metrics and not are_figures_asked:
        query, notes = replace(query, calculate=_SHORT_FIGURES), (_FEWER_FIGURES,)
        answer = compose(query, result, notes)
    metrics = _metrics_with_room(query, answer)
    if len(metrics) < len(query.metrics):
        # Some metrics in every group tell more than every metric in some groups.
        left_out = ", ".join(field.name for field in query.metrics[len(metrics) :])
        notes = (*notes, f"{_LEFT_OUT} {left_out}.")
        query = replace(query, metrics=metrics)
        result = _with_metrics(result, metrics)
        answer = compose(query, result, notes)
    excess = _excess_bytes(answer)
    if excess > 0 and query.by is not None:
        sizes = [len(msgspec.json.encode(row)) + 1 for row in answer["table"]["rows"]]
        answer = compose(query, _with_fewer_groups(query, result, sizes, excess), notes)
    return answer


def _metrics_with_room(query: RecordQuery, answer: Answer) -> tuple[QueryField, ...]:
    """The first metrics that fit in every group; a few where not even one does."""
    excess = _excess_bytes(answer)
    if excess <= 0 or len(query.metrics) <= 1:
        return query.metrics
    sizes = dict.fromkeys((field.name for field in query.metrics), 0)
    excess += len(_LEFT_OUT) + _NOTE_BYTES
    for table in (answer["table"], answer.get("difference", {"columns": [], "rows": []})):
        for row in table["rows"]:
            sizes[row[table["columns"].index("metric")]] += len(msgspec.json.encode(row)) + 1
    for count in range(len(query.metrics) - 1, 0, -1):
        name = query.metrics[count].name
        excess -= sizes[name] - len(name)
        if excess <= 0:
            return query.metrics[:count]
    return query.metrics[:_FEW_METRICS]


def _with_metrics(result: Result, metrics: Sequence[QueryField]) -> Result:
    """The result without the lines of other metrics."""
    return replace(result, lines=tuple(line for line in result.lines if line.field in metrics))


def _excess_bytes(answer: Answer) -> int:
    """How many bytes an answer is too long, its list of rows apart."""
    counted = {name: part for name, part in answer.items() if name != "rows"}
    return len(msgspec.json.encode(counted)) - _MOST_BYTES


def _with_fewer_groups(
    query: RecordQuery, result: Result, sizes: Sequence[int], excess: int
) -> Result:
    """The result without the groups that are too many; one stays in any case."""
    groups = [
        list(pairs) for _, pairs in groupby(enumerate(result.lines), lambda pair: pair[1].group)
    ]
    dropped: set[str] = set()
    for group in _least_wanted(query, groups)[: len(groups) - 1]:
        if excess + _NOTE_BYTES <= 0:
            break
        excess -= sum(sizes[place] for place, _ in group)
        dropped.add(group[0][1].group)
    return replace(
        result,
        lines=tuple(line for line in result.lines if line.group not in dropped),
        groups_left_out=result.groups_left_out + len(dropped),
    )


def _least_wanted(query: RecordQuery, groups: list[_Group]) -> list[_Group]:
    """The groups in the order in which they are left out.

    In time the newest groups stay, in an asked order the first, else those with the most rows.
    """
    if query.sort is not None:
        return groups[::-1]
    if query.by is not None and query.by.in_time:
        return groups
    return sorted(groups, key=lambda group: group[0][1].figures.get("count") or 0.0)
