"""Unusual days: when they were, what moved, and how far from what was expected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from annulet.charts.axes import DayAxis
from annulet.charts.scene import (
    Block,
    DayStrip,
    EpisodeCard,
    EpisodeCards,
    FigureBar,
    Heading,
    Key,
    Scene,
    StripMark,
    Wash,
)
from annulet.charts.text import long_day, number, short_day, with_unit
from annulet.charts.trend import series_keys, series_panel
from annulet.charts.values import DailySeries

_FAR_Z = 6.0


@dataclass(frozen=True, slots=True)
class Deviation:
    """How far one metric was from what was expected."""

    label: str
    z: float
    value: float | None = None
    expected: float | None = None
    unit: str = ""
    decimals: int = 0


@dataclass(frozen=True, slots=True)
class UnusualDays:
    """Consecutive unusual days, with a word or two and the metrics that moved."""

    start: date
    end: date
    words: str = ""
    deviations: Sequence[Deviation] = ()

    @property
    def name(self) -> str:
        """``3 Jun`` or ``3 Jun – 5 Jun``."""
        return " \N{EN DASH} ".join(dict.fromkeys((short_day(self.start), short_day(self.end))))


@dataclass(frozen=True, slots=True)
class Timeline:
    """A period and what was unusual in it.

    Attributes:
        start: The first day.
        end: The last day, included.
        episodes: The unusual days, in any order; they are numbered by time.
        lanes: Metrics to draw below each other, with the episodes marked through all of them.
        not_evaluated: Days about which nothing can be said.
    """

    start: date
    end: date
    episodes: Sequence[UnusualDays] = ()
    lanes: Sequence[DailySeries] = ()
    not_evaluated: Sequence[date] = ()

    def inside(self) -> list[UnusualDays]:
        """Return the episodes that touch the period, in the order of time."""
        touching = [e for e in self.episodes if e.end >= self.start and e.start <= self.end]
        return sorted(touching, key=lambda episode: (episode.start, episode.end))


def _ends(episode: UnusualDays, axis: DayAxis) -> tuple[float, float]:
    """The edges of an episode, cut to the period."""
    first, last = max(episode.start, axis.first), min(episode.end, axis.last)
    return axis.at(first) - 0.5, axis.at(last) + 0.5


def _strip(data: Timeline, axis: DayAxis) -> DayStrip:
    marks = tuple(
        StripMark(*_ends(episode, axis), f"{place}: {episode.name}")
        for place, episode in enumerate(data.inside(), start=1)
    )
    missing = (day for day in data.not_evaluated if data.start <= day <= data.end)
    return DayStrip(marks, tuple(axis.at(day) - 0.5 for day in missing))


def _cards(data: Timeline) -> EpisodeCards:
    return EpisodeCards(
        tuple(
            EpisodeCard(place, episode.name, episode.words, tuple(map(_bar, episode.deviations)))
            for place, episode in enumerate(data.inside(), start=1)
            if episode.deviations or episode.words
        )
    )


def _bar(deviation: Deviation) -> FigureBar:
    z = f"z {number(deviation.z, 1, signed=True)}"
    words = short_words = z
    if deviation.value is not None:
        words = short_words = with_unit(deviation.value, deviation.unit, deviation.decimals)
        if deviation.expected is not None:
            expected = number(deviation.expected, deviation.decimals)
            words, short_words = f"{words}, expected {expected}", f"{words} ({expected})"
    share = max(min(deviation.z / _FAR_Z, 1.0), -1.0)
    return FigureBar(deviation.label, share, f"{deviation.label}: {z}", words, short_words)


def _describe(data: Timeline) -> str:
    period = f"{long_day(data.start)} to {long_day(data.end)}"
    parts = []
    for place, episode in enumerate(data.inside(), start=1):
        moved = ", ".join(deviation.label for deviation in episode.deviations)
        parts.append(f"{place}: {episode.name}" + (f" ({moved})" if moved else ""))
    return f"{period}. Unusual days {'; '.join(parts)}." if parts else f"{period}: no unusual days."


def timeline(data: Timeline, heading: Heading) -> Scene:
    """Return the timeline of a period: episodes on a strip, and lanes or figures below."""
    if data.start > data.end:
        return Scene(heading, _describe(data))
    axis = DayAxis(data.start, data.end)
    episodes = data.inside()
    washes = tuple(Wash(*_ends(episode, axis), "attention_wash") for episode in episodes)
    lanes = [series_panel(lane, axis, washes, size="lane") for lane in data.lanes]
    keys = [Key("Unusual days", "attention", "block")] if episodes else []
    keys += series_keys(lanes) if lanes else []
    if data.not_evaluated and not any(key.words == "No data" for key in keys):
        keys.append(Key("No data", "line", "block"))
    blocks: tuple[Block, ...] = (_strip(data, axis), *lanes, _cards(data))
    return Scene(heading, _describe(data), blocks, tuple(keys), axis)
