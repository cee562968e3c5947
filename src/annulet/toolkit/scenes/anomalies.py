"""``oura_anomalies`` as a scene: when, what moved, and how far from what was expected."""

from __future__ import annotations

from typing import Final

from annulet.charts import Deviation, Heading, Scene, Timeline, UnusualDays, short_day, timeline
from annulet.toolkit.scenes.answer_parts import (
    daily_series,
    decimals_of,
    label_of,
    missing_days,
    period_days,
    period_words,
    unit_of,
)
from annulet.toolkit.scenes.fields import Fields

_MOST_LANES: Final = 4


def anomalies_scene(answer: Fields, more: Fields) -> Scene | None:
    """Build the period with its episodes; the days of what moved as lanes where they are known."""
    ends = period_days(answer)
    if ends is None:
        return None
    series = daily_series(more)
    moved = dict.fromkeys(
        metric.text("metric")
        for episode in answer.objects("episodes")
        for metric in episode.objects("metrics")
    )
    lanes = [series[name] for name in moved if name in series][:_MOST_LANES]
    is_early = any(
        reason.text("metric") == "body_signal" for reason in answer.objects("not_evaluated")
    )
    flagged = None if is_early else answer.number("days_flagged")
    heading = Heading(
        "Unusual days",
        period_words(answer),
        "" if flagged is None else f"{flagged:.0f}",
        "" if flagged is None else "day flagged" if flagged == 1 else "days flagged",
        _note(answer),
    )
    return timeline(Timeline(*ends, _episodes(answer), lanes, missing_days(answer)), heading)


def _episodes(answer: Fields) -> list[UnusualDays]:
    """The episodes of an answer, explained ones and those told in short."""
    return [
        UnusualDays(
            first,
            last,
            episode.text("explanation"),
            tuple(map(_deviation, episode.objects("metrics"))),
        )
        for episode in [*answer.objects("episodes"), *answer.rows("more")]
        if (first := episode.day("start")) is not None and (last := episode.day("end")) is not None
    ]


def _deviation(metric: Fields) -> Deviation:
    name = metric.text("metric")
    return Deviation(
        label_of(name),
        metric.number("z") or 0.0,
        metric.number("value"),
        metric.number("expected"),
        unit_of(name),
        decimals_of(name),
    )


def _note(answer: Fields) -> str:
    if not answer.items("episodes"):
        return answer.text("summary")
    outliers = [
        f"{label_of(row.text('metric'))} on {short_day(day)}"
        for row in answer.rows("single_metric")
        if (day := row.day("day")) is not None
    ]
    often = answer.number("expected_false")
    sentences = [
        f"Single figures that stood out: {', '.join(outliers)}." if outliers else "",
        f"Chance alone makes about {often:g} alert nights in this time."
        if often is not None
        else "",
        "A signal is not a diagnosis.",
    ]
    return " ".join(filter(None, sentences))
