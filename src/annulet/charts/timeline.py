"""Unusual days: when they were, what moved, and how far from what was expected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from annulet.charts.page import DESKTOP, Key, Page
from annulet.charts.panel import Panel, gutter
from annulet.charts.scale import Days, Linear
from annulet.charts.text import fit, number, with_unit, wrap
from annulet.charts.trend import draw_series, series_scale
from annulet.charts.values import (
    DEFAULT_LABELS,
    DailySeries,
    Deviation,
    Episode,
    Heading,
    Labels,
    days_between,
)

__all__ = ["Timeline", "timeline"]

_STRIP = 30.0
_LANE = 64.0
_ROW = 22.0
_FARTHEST_ASIDE = 16.0
_FAR = 6.0


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
    episodes: Sequence[Episode] = ()
    lanes: Sequence[DailySeries] = field(default=())
    not_evaluated: Sequence[date] = ()


def _inside(data: Timeline) -> list[Episode]:
    """The episodes that touch the period, cut to it, in the order of time."""
    found = [e for e in data.episodes if e.end >= data.start and e.start <= data.end]
    return sorted(found, key=lambda episode: (episode.start, episode.end))


def _edges(episode: Episode, x: Days) -> tuple[float, float]:
    first, last = max(episode.start, x.first), min(episode.end, x.last)
    return x.left(first), x.left(last) + x.slot


def _strip(panel: Panel, data: Timeline, x: Days, labels: Labels) -> None:
    """Draw one quiet track with a cell a day and the numbered episodes on it."""
    drawing, colours = panel.drawing, panel.drawing.theme
    middle = (panel.top + panel.bottom) / 2
    drawing.rect((panel.left, middle - 5, panel.right - panel.left, 10), colours.raised, radius=5)
    for day in data.not_evaluated:
        if data.start <= day <= data.end:
            left = x.left(day)
            drawing.rect((left, middle - 5, x.slot, 10), colours.line)
    marks = _apart([_mark(episode, x) for episode in _inside(data)], panel.left, panel.right)
    for place, episode in enumerate(_inside(data), start=1):
        left, right = marks[place - 1] if marks else _edges(episode, x)
        words = f"{place}: {_days(episode, labels)}"
        box = (left, middle - 9, max(right - left, 3.0), 18)
        drawing.rect(box, colours.attention, radius=min(9.0, box[2] / 2), tip=words)
        if marks:
            centre = ((left + right) / 2, middle + 4)
            drawing.text(centre, str(place), fill=colours.surface, bold=True, anchor="middle")


def _apart(marks: list[tuple[float, float]], low: float, high: float) -> list[tuple[float, float]]:
    """Push marks aside so that each number can be read; none where that would mislead."""
    reached = low - 9.0
    placed = []
    for left, right in marks:
        aside = max(reached + 2 - left, 0.0)
        placed.append((left + aside, right + aside))
        reached = right + aside
    reached = high + 9.0
    for at in range(len(placed) - 1, -1, -1):
        left, right = placed[at]
        aside = min(reached - 2 - right, 0.0)
        placed[at] = (left + aside, right + aside)
        reached = left + aside
    moved = (abs(new[0] - old[0]) for new, old in zip(placed, marks, strict=True))
    overlap = any(one[1] > other[0] for one, other in pairwise(placed))
    return [] if overlap or max(moved, default=0.0) > _FARTHEST_ASIDE else placed


def _mark(episode: Episode, x: Days) -> tuple[float, float]:
    """The ends of an episode's mark, wide enough for its number."""
    left, right = _edges(episode, x)
    centre, half = (left + right) / 2, max((right - left) / 2, 9.0)
    return centre - half, centre + half


def _days(episode: Episode, labels: Labels) -> str:
    if episode.start == episode.end:
        return labels.day(episode.start)
    return f"{labels.day(episode.start)} \N{EN DASH} {labels.day(episode.end)}"


def _lanes(page: Page, data: Timeline, x: Days, scales: list[Linear], labels: Labels) -> None:
    days = days_between(data.start, data.end)
    for lane, scale in zip(data.lanes, scales, strict=True):
        top = page.top + 38
        panel = Panel(page.drawing, x.start, page.right, top, top + _LANE)
        for episode in _inside(data):
            panel.wash(*_edges(episode, x), page.theme.attention_wash)
        panel.caption(lane.label, lane.unit, x=page.left)
        moved = Linear(scale.low, scale.high, panel.bottom, top, scale.ticks)
        if any(lane.at(day) is not None for day in days):
            draw_series(panel, lane, x, moved, labels)
        else:
            page.drawing.text((x.start + 8, top + _LANE / 2 + 4), labels.nothing)
        page.top = panel.bottom


def _cards(page: Page, data: Timeline, labels: Labels) -> None:
    """Below the strip: each episode in words, each metric as a bar from what was expected."""
    for place, episode in enumerate(_inside(data), start=1):
        if not episode.deviations and not episode.label:
            continue
        top = page.top + 26
        drawing, colours = page.drawing, page.theme
        drawing.dot((page.left + 9, top), colours.attention, radius=9)
        drawing.text(
            (page.left + 9, top + 4), str(place), fill=colours.surface, bold=True, anchor="middle"
        )
        when = _days(episode, labels)
        drawing.text((page.left + 26, top + 4), when, size=13, fill=colours.ink, bold=True)
        page.top = top + 8
        for words in wrap(episode.label, page.inner - 26, 12, lines=6):
            page.top += 17
            drawing.text((page.left + 26, page.top), words, size=12)
        for deviation in episode.deviations:
            page.top += _ROW
            _deviation(page, deviation, labels)
        page.top += 6


def _deviation(page: Page, deviation: Deviation, labels: Labels) -> None:
    """One metric: its name, a bar left or right of the expected, and the figures."""
    drawing, colours, line = page.drawing, page.theme, page.top
    left = page.left + 26
    names, figures = (0.46, 0.34) if page.compact else (0.28, 0.34)
    room = page.right - left
    drawing.text((left, line), fit(deviation.label, room * names - 8, 11), fill=colours.ink)
    start, end = left + room * names, page.right - room * figures - 8
    middle, reach = (start + end) / 2, (end - start) / 2
    drawing.line((middle, line - 12), (middle, line + 4), colours.edge)
    share = max(min(deviation.z / _FAR, 1.0), -1.0)
    far = middle + share * reach
    box = (min(middle, far), line - 9, max(abs(far - middle), 1.5), 10)
    tip = f"{deviation.label}: z {number(deviation.z, 1, signed=True)}"
    drawing.rect(box, colours.attention, radius=2, tip=tip)
    words = _figures(deviation, labels, short=page.compact)
    drawing.text((page.right, line), fit(words, room * figures, 11), anchor="end")


def _figures(deviation: Deviation, labels: Labels, *, short: bool) -> str:
    if deviation.value is None:
        return f"z {number(deviation.z, 1, signed=True)}"
    value = with_unit(deviation.value, deviation.unit, deviation.decimals)
    if deviation.expected is None:
        return value
    expected = number(deviation.expected, deviation.decimals)
    return f"{value} ({expected})" if short else f"{value}, {labels.expected} {expected}"


def _legend(page: Page, data: Timeline, labels: Labels) -> None:
    colours = page.theme
    keys = [Key(labels.episode, colours.attention, "block")] if _inside(data) else []
    if data.lanes:
        keys.append(Key(labels.one_day, colours.mark, "dot"))
        keys.append(Key(labels.rolling, colours.accent, "line"))
        if any(lane.band is not None for lane in data.lanes):
            keys.append(Key(labels.usual, colours.band, "band"))
            keys.append(Key(labels.outside, colours.attention, "ring"))
    if data.not_evaluated:
        keys.append(Key(labels.missing, colours.line, "block"))
    page.legend(keys)


def _describe(data: Timeline, labels: Labels) -> str:
    found = _inside(data)
    period = f"{labels.long_day(data.start)} to {labels.long_day(data.end)}"
    if not found:
        return f"{period}: no unusual days."
    parts = []
    for place, episode in enumerate(found, start=1):
        moved = ", ".join(deviation.label for deviation in episode.deviations)
        parts.append(f"{place}: {_days(episode, labels)}" + (f" ({moved})" if moved else ""))
    return f"{period}. {labels.episode} {'; '.join(parts)}."


def timeline(
    data: Timeline,
    heading: Heading,
    *,
    theme: str = "light",
    width: int = DESKTOP,
    labels: Labels = DEFAULT_LABELS,
) -> str:
    """Return the timeline of a period: episodes on a strip, and lanes or figures below."""
    page = Page(heading, width, theme)
    days = days_between(data.start, data.end)
    if not days:
        page.empty(labels.nothing, 80)
        return page.finish(labels.nothing)
    _legend(page, data, labels)
    scales = [series_scale(lane, days, 0, _LANE) for lane in data.lanes]
    room = gutter((s, lane.decimals) for s, lane in zip(scales, data.lanes, strict=True))
    left = page.left + (room if data.lanes else 0)
    x = Days(data.start, data.end, left, page.right)
    strip = Panel(page.drawing, left, page.right, page.top + 14, page.top + 14 + _STRIP)
    _strip(strip, data, x, labels)
    page.top = strip.bottom
    _lanes(page, data, x, scales, labels)
    foot = Panel(page.drawing, left, page.right, page.top, page.top)
    foot.axis(x.ticks(labels=labels), marks=bool(data.lanes))
    page.top += 22
    _cards(page, data, labels)
    return page.finish(_describe(data, labels))
