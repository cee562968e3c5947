"""Lasting changes of level as answers write and say them."""

from __future__ import annotations

from datetime import date

from annulet.analytics.change_points import ChangePoint
from annulet.toolkit.answer_builder import Record
from annulet.toolkit.metrics import Metric
from annulet.toolkit.wording.date_format import date_words
from annulet.toolkit.wording.number_format import cell


def since_words(point: ChangePoint, today: date) -> str:
    """Since when the new level lasts, and what is known of how it came."""
    since = date_words(date.fromordinal(point.since), today)
    if point.is_break:
        return f"{since} (the new ring)"
    return f"about {since} (at once or over weeks)" if point.is_gradual else since


def change_point_record(metric: Metric, point: ChangePoint) -> Record:
    """A lasting change of level as answers write it."""
    record: Record = {
        "metric": metric.name,
        "since": date.fromordinal(point.since).isoformat(),
        "before": cell(point.before, metric),
        "after": cell(point.after, metric),
        "low": cell(point.low, metric),
        "high": cell(point.high, metric),
    }
    return {**record, "gradual": True} if point.is_gradual else record
