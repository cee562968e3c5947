"""``oura_intraday`` as a picture: heart rate or movement through the day."""

from __future__ import annotations

from datetime import timedelta

from annulet import charts
from annulet.charts import Heading, Intraday, Samples, with_unit
from annulet.toolkit.scenes.reading import Look, instant, number, period_words
from annulet.toolkit.tool import Answer

__all__ = ["intraday_picture"]


def intraday_picture(answer: Answer, more: Answer, look: Look) -> str | None:
    """The series as a line; ``None`` where no series is known."""
    series = answer.get("series") or more.get("series") or {}
    start, step = instant(series.get("start")), number(series.get("interval_min"))
    if start is None or not step or not series.get("values"):
        return None
    values = [number(value) for value in series["values"]]
    moving = "met" in answer or "minutes" in answer
    shown = Intraday(
        start,
        start + timedelta(minutes=step * len(values)),
        Samples(start, step, values),
        "Movement" if moving else "Heart rate",
        "MET" if moving else "bpm",
        colour="active" if moving else "heart",
        filled=moving,
        decimals=1 if moving else 0,
    )
    return charts.intraday(
        shown, _heading(answer, moving=moving), theme=look.theme, width=look.width
    )


def _heading(answer: Answer, *, moving: bool) -> Heading:
    words = period_words(answer)
    if moving:
        steps = number(answer.get("steps_of_day"))
        return Heading(
            "Movement through the day",
            words,
            "" if steps is None else with_unit(steps),
            "" if steps is None else "steps of the day",
            "Oura gives no steps inside the day: movement is shown as MET.",
        )
    mean = number((answer.get("stats") or {}).get("avg"))
    figure = "" if mean is None else with_unit(mean, "bpm", 1)
    return Heading("Heart rate through the day", words, figure, "on average" if figure else "")
