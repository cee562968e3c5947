"""``oura_anomalies`` as a picture: when, what moved, and how far from what was expected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from annulet import charts
from annulet.charts import Deviation, Episode, Heading, Timeline
from annulet.toolkit.metrics import METRICS
from annulet.toolkit.scenes.reading import (
    Look,
    daily_series,
    day,
    day_words,
    label,
    number,
    period_days,
    period_words,
    records,
    unit,
)
from annulet.toolkit.tool import Answer

__all__ = ["anomalies_picture", "episodes_of"]

_LANES = 4


def anomalies_picture(answer: Answer, more: Answer, look: Look) -> str | None:
    """The period with its episodes; the days of what moved as lanes where they are known."""
    ends = period_days(answer)
    if ends is None:
        return None
    found = episodes_of(answer)
    series = daily_series(more)
    moved = [
        str(metric.get("metric"))
        for episode in answer.get("episodes") or ()
        for metric in episode.get("metrics") or ()
    ]
    lanes = [series[name] for name in dict.fromkeys(moved) if name in series][:_LANES]
    told = (day(text) for text in (answer.get("coverage") or {}).get("missing", ()))
    missing = [one for one in told if one is not None]
    early = any(one.get("metric") == "body_signal" for one in answer.get("not_evaluated") or ())
    flagged = None if early else answer.get("days_flagged")
    heading = Heading(
        "Unusual days",
        period_words(answer),
        "" if flagged is None else str(flagged),
        "" if flagged is None else "day flagged" if flagged == 1 else "days flagged",
        _note(answer),
    )
    data = Timeline(*ends, found, lanes, missing)
    return charts.timeline(data, heading, theme=look.theme, width=look.width)


def episodes_of(answer: Answer) -> list[Episode]:
    """The episodes of an answer, explained ones and those told in short."""
    found = []
    for told in [*(answer.get("episodes") or ()), *records(answer.get("more"))]:
        first, last = day(told.get("start")), day(told.get("end"))
        if first is None or last is None:
            continue
        moved = tuple(_deviation(metric) for metric in told.get("metrics") or ())
        words = str(told.get("explanation") or "")
        found.append(Episode(first, last, words, number(told.get("z")), moved))
    return found


def _deviation(metric: Mapping[str, Any]) -> Deviation:
    name = str(metric.get("metric"))
    return Deviation(
        label(name),
        number(metric.get("z")) or 0.0,
        number(metric.get("value")),
        number(metric.get("expected")),
        unit(name),
        METRICS[name].digits if name in METRICS else 1,
    )


def _note(answer: Answer) -> str:
    if not answer.get("episodes"):
        return str(answer.get("summary", ""))
    said = []
    outliers = [
        f"{label(str(row.get('metric')))} on {day_words(at, year=False)}"
        for row in records(answer.get("single_metric"))
        if (at := day(row.get("day"))) is not None
    ]
    if outliers:
        said.append(f"Single figures that stood out: {', '.join(outliers)}.")
    often = number(answer.get("expected_false"))
    if often is not None:
        said.append(f"Chance alone makes about {often:g} alert nights in this time.")
    said.append("A signal is not a diagnosis.")
    return " ".join(said)
