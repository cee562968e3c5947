"""The words of calculated figures."""

from __future__ import annotations

from typing import Final

from annulet.analytics.query.columns import Kind, QueryField

FIGURE_WORDS: Final = {
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
"""The figures of a group's own values."""
_CLOCK_WORDS: Final = {"min": "earliest", "max": "latest"}


def figure_name(name: str, field: QueryField) -> str:
    """What a figure is called in a sentence: clock times are early or late, not low or high."""
    if field.column.kind is Kind.CLOCK and name in _CLOCK_WORDS:
        return _CLOCK_WORDS[name]
    return FIGURE_WORDS[name]
