"""``oura_daily_summary`` as a scene: a tile for each figure, against what is usual."""

from __future__ import annotations

from typing import Final

from annulet.charts import Heading, Scene, long_day, overview
from annulet.toolkit.scenes.answer_parts import daily_series, label_of, period_days, period_words
from annulet.toolkit.scenes.fields import Fields

_MAIN: Final = ("sleep_score", "readiness_score", "activity_score", "hrv_avg_ms", "steps")


def daily_scene(answer: Fields, more: Fields) -> Scene | None:
    """Build all figures of a day, or of several days in their course.

    The usual ranges of several days are those of the last one, so that a day is judged alike
    alone and among others.
    """
    ends = period_days(answer)
    if ends is None:
        return None
    series = daily_series(answer, answer if "baselines" in answer else more)
    has_ranges = any(metric.usual is not None for metric in series.values())
    is_one_day = ends[0] == ends[1]
    heading = Heading(
        long_day(ends[0]) if is_one_day else "Your days",
        "" if is_one_day else period_words(answer),
        note="Shaded: your usual range, two days in three of the weeks before."
        if has_ranges
        else "",
    )
    main = [label_of(name) for name in _MAIN if name in series]
    return overview(list(series.values()), *ends, heading, main)
