"""From places on the shared axis to columns of characters.

Every row of a scene has the same columns, and so has the axis below them: a mark stands over
its own date or time however narrow the terminal is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from annulet.charts.axes import Axis, DayAxis
from annulet.charts.scene import DayStrip, Place, StageBlock
from annulet.charts.values import STAGES, known_numbers


@dataclass(frozen=True, slots=True)
class Columns:
    """A number of equal columns over the length of an axis; places of days are a step apart."""

    count: int
    length: float
    step: float | None = None

    @classmethod
    def over(cls, axis: Axis, room: int) -> Columns:
        """Return as many columns as there is room; days have at most one each."""
        of_days = isinstance(axis, DayAxis)
        most = int(axis.length) if of_days else room
        return cls(max(min(most, room), 1), axis.length, 1.0 if of_days else None)

    def _spans(self) -> Iterable[tuple[float, float]]:
        """Yield the ends of each column."""
        width = self.length / self.count
        return ((n * width, (n + 1) * width) for n in range(self.count))

    def index(self, at: float) -> int:
        """Return the column of a place."""
        return min(int(at / self.length * self.count), self.count - 1)

    def values(self, places: Sequence[Place]) -> list[float | None]:
        """Return the mean of the places of each column, ``None`` where all are missing."""
        if not places:
            return [None] * self.count
        apart = self.step or (places[-1][0] - places[0][0]) / max(len(places) - 1, 1)
        reach = max(apart, self.length / self.count) / 2
        means: list[float | None] = []
        for start, end in self._spans():
            middle = (start + end) / 2
            near = known_numbers(value for at, value in places if abs(at - middle) <= reach)
            means.append(sum(near) / len(near) if near else None)
        return means

    def stages(self, blocks: Sequence[StageBlock]) -> list[str | None]:
        """Return the stage that fills most of each column; of equal ones the deepest."""
        chosen: list[str | None] = []
        for start, end in self._spans():
            shares = dict.fromkeys(STAGES, 0.0)
            for block in blocks:
                shares[block.stage] += max(min(block.end, end) - max(block.start, start), 0.0)
            stage = max(STAGES, key=lambda name: (round(shares[name], 6), STAGES.index(name)))
            chosen.append(stage if shares[stage] > 0 else None)
        return chosen

    def flags(self, strip: DayStrip) -> list[bool | None]:
        """Return whether each column holds an unusual day; ``None`` where no day is known."""
        flags: list[bool | None] = []
        for start, end in self._spans():
            if any(mark.start < end - 1e-9 and mark.end > start + 1e-9 for mark in strip.marks):
                flags.append(True)
                continue
            missing = sum(max(min(at + 1, end) - max(at, start), 0.0) for at in strip.missing)
            flags.append(None if missing >= (end - start) - 1e-9 else False)
        return flags
