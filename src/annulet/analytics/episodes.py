"""Sensitivity levels, alert nights and the episodes they form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from annulet.analytics.signal import SignalNight


@dataclass(frozen=True, slots=True)
class Level:
    """A sensitivity, defined by the false alerts it brings.

    Attributes:
        signal: A night with this body signal is an alert.
        pair: Two nights in a row with this one are an alert too; None: they are not.
        single: A single metric this many scales away is an outlier.
        false_nights: False-alert nights to expect in 30 (from simulated people).
        false_outliers: Outliers to expect by chance in 30 nights of one metric.
    """

    signal: float
    pair: float | None
    single: float
    false_nights: float
    false_outliers: float


LEVELS = {
    "low": Level(2.6, None, 3.0, 0.3, 0.5),
    "medium": Level(2.0, 1.3, 2.5, 1.3, 1.0),
    "high": Level(1.6, 1.3, 2.0, 1.9, 2.0),
}

_RAISED = 1.3
_RECOVERED = 1.0
_ILLNESS_NIGHTS = 3


@dataclass(frozen=True, slots=True)
class SignalEpisode:
    """A run of nights on which the body signal stood high.

    Attributes:
        nights: The measured nights from first to last, in order.
        peak: The night with the highest signal.
        ongoing: Whether the last measured night belongs to it.
        rule: ``night`` when one night alone was high enough, ``pair`` when it took two.
        alerts: How many of its nights were alerts by themselves.
    """

    nights: tuple[SignalNight, ...]
    peak: SignalNight
    ongoing: bool
    rule: str
    alerts: int

    @property
    def start(self) -> int:
        """Ordinal of the first night."""
        return self.nights[0].day

    @property
    def end(self) -> int:
        """Ordinal of the last night."""
        return self.nights[-1].day

    @property
    def signal(self) -> float:
        """The highest signal."""
        return self.peak.signal or 0.0


def alerts(nights: Sequence[SignalNight], level: Level) -> list[int]:
    """Indices of alert nights; each is judged by itself and the night before, never later ones."""
    alerted = []
    before: SignalNight | None = None
    for i, night in enumerate(nights):
        if night.signal is None:
            continue
        if _high(night, level.signal) or _pair(before, night, level):
            alerted.append(i)
        before = night
    return alerted


def episodes(nights: Sequence[SignalNight], level: Level) -> list[SignalEpisode]:
    """Join alert nights into episodes, from the first raised night to the last.

    One missing night does not end an episode, nor does one quiet night; two of either do.
    """
    judged = [night for night in nights if night.signal is not None]
    groups: list[list[int]] = []
    for i in alerts(judged, level):
        if groups and not _recovered(judged[groups[-1][-1] : i + 1]):
            groups[-1].append(i)
        else:
            groups.append([i])
    return [_episode(judged, group, level) for group in groups]


def strained_days(runs: Sequence[SignalEpisode]) -> frozenset[int]:
    """Days of episodes with three alert nights or more: they look like illness, not like custom."""
    return frozenset(
        night.day
        for episode in runs
        if episode.alerts >= _ILLNESS_NIGHTS
        for night in episode.nights
    )


def _episode(judged: Sequence[SignalNight], group: list[int], level: Level) -> SignalEpisode:
    first, last = group[0], group[-1]
    # Nights next to an alert that are raised as well belong to the same story.
    while first > 0 and _together(judged[first - 1], judged[first], _RAISED):
        first -= 1
    while last + 1 < len(judged) and _together(judged[last], judged[last + 1], _RAISED):
        last += 1
    nights = tuple(judged[first : last + 1])
    peak = max(nights, key=lambda night: night.signal or 0.0)
    alone = _high(peak, level.signal)
    return SignalEpisode(
        nights, peak, last == len(judged) - 1, "night" if alone else "pair", len(group)
    )


def _high(night: SignalNight, threshold: float) -> bool:
    return night.signal is not None and night.signal >= threshold


def _pair(before: SignalNight | None, night: SignalNight, level: Level) -> bool:
    return before is not None and level.pair is not None and _together(before, night, level.pair)


def _together(before: SignalNight, night: SignalNight, threshold: float) -> bool:
    """Whether two nights, one missing between them at most, both stand high."""
    near = night.day - before.day <= 2  # noqa: PLR2004 - one night may be missing between
    return near and _high(before, threshold) and _high(night, threshold)


def _recovered(nights: Sequence[SignalNight]) -> bool:
    """Whether the nights from one alert to the next hold an end: two missing or two quiet."""
    quiet = 0
    for before, night in pairwise(nights):
        if night.day - before.day > 2:  # noqa: PLR2004 - two nights missing
            return True
        quiet = 0 if _high(night, _RECOVERED) else quiet + 1
        if quiet == 2:  # noqa: PLR2004 - two quiet nights
            return True
    return False
