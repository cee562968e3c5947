"""Differences with their uncertainty: one row a metric, each on its own scale around zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from annulet.charts.scene import DifferenceRow, DifferenceRows, Heading, Key, Scene
from annulet.charts.text import NOTHING, number
from annulet.charts.values import Range, finite, known_numbers

_LOOKS: dict[str, Key] = {
    "clear": Key("", "accent", "dot"),
    "chance": Key("", "mark", "ring"),
    "usual": Key("", "band", "band"),
}


@dataclass(frozen=True, slots=True)
class MetricDifference:
    """How one metric differs.

    Attributes:
        label: The metric.
        value: The difference in the metric's unit; ``None`` where it cannot be told.
        interval: Its uncertainty.
        usual: Differences that mean nothing in this person, drawn as a band around zero.
        unit: The unit.
        decimals: Digits behind the point.
        is_clear: Whether it is more than chance.
        words: What is said about it.
    """

    label: str
    value: float | None
    interval: Range | None = None
    usual: Range | None = None
    unit: str = ""
    decimals: int = 0
    is_clear: bool = False
    words: str = ""


def _row(difference: MetricDifference) -> DifferenceRow:
    value = finite(difference.value)
    bounds = known_numbers([*(difference.interval or ()), *(difference.usual or ()), value])
    figure = "\N{EN DASH}"
    if value is not None:
        figure = f"{number(value, difference.decimals, signed=True)} {difference.unit}".strip()
    return DifferenceRow(
        difference.label,
        figure,
        difference.words,
        value,
        difference.interval,
        difference.usual,
        (max(map(abs, bounds), default=0.0) or 1.0) * 1.08,
        difference.is_clear,
    )


def differences(
    metrics: Sequence[MetricDifference],
    heading: Heading,
    legend: Sequence[tuple[Literal["clear", "chance", "usual"], str]] = (),
) -> Scene:
    """Return a row for each difference; a filled dot is a clear one, a ring may be chance.

    Args:
        metrics: What is shown, in this order.
        heading: What stands around it.
        legend: Words for ``clear``, ``chance``, ``usual`` in the order they are wanted.
    """
    rows = tuple(_row(difference) for difference in metrics)
    if not rows:
        return Scene(heading, NOTHING)
    keys = tuple(Key(words, _LOOKS[look].colour, _LOOKS[look].mark) for look, words in legend)
    description = "; ".join(f"{row.label}: {row.figure} {row.words}".strip() for row in rows)
    return Scene(heading, f"{description}.", (DifferenceRows(rows),), keys)
