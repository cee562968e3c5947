"""What is usual for the person: the range of the weeks before, the judged days left out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Final

from annulet.analytics.usual_range import usual_range
from annulet.toolkit.answer_builder import Row, Table
from annulet.toolkit.metrics import METRICS
from annulet.toolkit.wording.number_format import rounded

BASELINE_DAYS: Final = 60
ENOUGH_DAYS: Final = 7


def of_newest_ring(history: Mapping[date, float], breaks: Collection[int]) -> Mapping[date, float]:
    """The days since the newest ring, where they are enough for a range; else all of them.

    Args:
        history: Values by day.
        breaks: First days (ordinals) of another ring.
    """
    for first in sorted(breaks, reverse=True):
        since = {day: value for day, value in history.items() if day.toordinal() >= first}
        if len(since) >= ENOUGH_DAYS:
            return since
    return history


def baseline_table(histories: Mapping[str, Mapping[date, float]]) -> Table | None:
    """Median and usual range (two days in three) of each metric with seven days or more.

    Args:
        histories: Values by metric and day, from before the period that is judged.
    """
    rows: list[Row] = []
    for name, history in histories.items():
        if len(history) < ENOUGH_DAYS:
            continue
        digits = METRICS[name].digits
        usual = usual_range(history.values())
        rows.append(
            [
                name,
                rounded(usual.median, digits),
                rounded(usual.low, digits),
                rounded(usual.high, digits),
                len(history),
            ]
        )
    return Table(["metric", "median", "low", "high", "days"], rows) if rows else None
