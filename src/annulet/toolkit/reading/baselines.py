"""What is usual for the person: the range of the weeks before, the judged days left out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from annulet.analytics.usual_range import usual_range
from annulet.toolkit.answer_builder import Row, Table
from annulet.toolkit.metrics import METRICS
from annulet.toolkit.wording.number_format import rounded

BASELINE_DAYS: Final = 60
ENOUGH_DAYS: Final = 7


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
