"""``oura_intraday`` as a scene: heart rate or movement through the day."""

from __future__ import annotations

from datetime import timedelta

from annulet.charts import Extreme, Heading, Intraday, Samples, Scene, intraday, with_unit
from annulet.toolkit.scenes.answer_parts import period_words
from annulet.toolkit.scenes.fields import Fields


def intraday_scene(answer: Fields, more: Fields) -> Scene | None:
    """Build the series as a line; ``None`` where no series is known."""
    series = (answer if "series" in answer else more).fields("series")
    start, step = series.instant("start"), series.number("interval_min")
    values = series.numbers("values")
    if start is None or not step or not values:
        return None
    is_movement = "met" in answer or "minutes" in answer
    stats = answer.fields("met" if is_movement else "stats")
    samples = Samples(
        start,
        step,
        values,
        told_lowest=_extreme(stats, "min"),
        told_highest=_extreme(stats, "max"),
        told_average=stats.number("avg"),
    )
    data = Intraday(
        start,
        start + timedelta(minutes=step * len(values)),
        samples,
        "Movement" if is_movement else "Heart rate",
        "MET" if is_movement else "bpm",
        "active" if is_movement else "heart",
        1 if is_movement else 0,
    )
    return intraday(data, _movement_heading(answer) if is_movement else _heart_heading(answer))


def _extreme(stats: Fields, name: str) -> Extreme | None:
    value = stats.number(name)
    return None if value is None else Extreme(value, stats.instant(f"{name}_at"))


def _movement_heading(answer: Fields) -> Heading:
    steps = answer.number("steps_of_day")
    return Heading(
        "Movement through the day",
        period_words(answer),
        "" if steps is None else with_unit(steps),
        "" if steps is None else "steps of the day",
        "Oura gives no steps inside the day: movement is shown as MET.",
    )


def _heart_heading(answer: Fields) -> Heading:
    mean = answer.fields("stats").number("avg")
    figure = "" if mean is None else with_unit(mean, "bpm", 1)
    return Heading(
        "Heart rate through the day", period_words(answer), figure, "on average" if figure else ""
    )
