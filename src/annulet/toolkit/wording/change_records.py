"""Lasting changes of level as answers write them."""

from __future__ import annotations

from datetime import date

from annulet.analytics.change_points import ChangePoint
from annulet.toolkit.answer_builder import Record
from annulet.toolkit.metrics import Metric
from annulet.toolkit.wording.number_format import cell


def change_point_record(metric: Metric, point: ChangePoint) -> Record:
    """A lasting change of level as answers write it."""
    return {
        "metric": metric.name,
        "since": date.fromordinal(point.since).isoformat(),
        "before": cell(point.before, metric),
        "after": cell(point.after, metric),
        "low": cell(point.low, metric),
        "high": cell(point.high, metric),
    }
