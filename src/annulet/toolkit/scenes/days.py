"""``oura_daily_summary`` as a picture: a tile for each figure, against what is usual."""

from __future__ import annotations

from annulet import charts
from annulet.charts import Heading
from annulet.toolkit.scenes.reading import Look, daily_series, period_days, period_words
from annulet.toolkit.tool import Answer

__all__ = ["daily_picture"]


def daily_picture(answer: Answer, more: Answer, look: Look) -> str | None:
    """All figures of a day, or of several days in their course."""
    ends = period_days(answer)
    if ends is None:
        return None
    whole = more if more.get("table") else answer
    metrics = list(daily_series(whole).values())
    one = ends[0] == ends[1]
    ranged = any(series.band is not None for series in metrics)
    heading = Heading(
        charts.Labels().long_day(ends[0]) if one else "Your days",
        "" if one else period_words(answer),
        note="Shaded: your usual range, two days in three of the weeks before." if ranged else "",
    )
    return charts.overview(metrics, *ends, heading, theme=look.theme, width=look.width)
