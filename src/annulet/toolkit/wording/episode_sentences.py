"""Episodes of the body signal in sentences: what moved, how far, how sure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from annulet.analytics.episodes import SignalEpisode
from annulet.analytics.traits import VITALS
from annulet.toolkit.metrics import METRICS
from annulet.toolkit.wording.date_format import date_words, span_words
from annulet.toolkit.wording.episode_details import EpisodeDetails, Excursion
from annulet.toolkit.wording.number_format import amount, counted, listed, plain, rounded
from annulet.toolkit.wording.person_texts import quoted

CAUTION: Final = "Illness, alcohol, heat, hard training, travel or cycle phase can look like this"
_LONGEST: Final = 200
_RAREST: Final = 100
_OFTEN: Final = 0.4
_SHORT: Final = {"temperature_deviation_c": "temperature"}


def short_words(details: EpisodeDetails) -> str:
    """One or two sentences of at most 200 characters."""
    moves = [_move_words(excursion) for excursion in details.moved]
    still = f"; {METRICS[details.still[0]].label} unchanged" if details.still else ""
    also = [_move_words(excursion) for excursion in details.measured[len(details.moved) :][:1]]
    tail = f". {_chance(details)}. Not a diagnosis."
    head = f"{_nights(details.episode)}: "
    for parts, rest in ((moves + also, still), (moves, still), (moves, ""), (moves[:3], "")):
        words = f"{head}{listed(parts)}{rest}{tail}"
        if len(words) <= _LONGEST:
            return words
    return f"{head}{listed(moves[:2])}{tail}"[:_LONGEST]


def long_words(
    details: EpisodeDetails, today: date, tags: Mapping[int, Sequence[str]] | None = None
) -> str:
    """Everything about an episode.

    Args:
        details: The episode.
        today: Today in the person's zone.
        tags: Names of tags by day (ordinal); ``None`` where tags were not read.
    """
    episode = details.episode
    first, last = date.fromordinal(episode.start), date.fromordinal(episode.end)
    when = f"{span_words(first, last, today)}, {_nights(episode)}"
    if last != first:
        when += f", strongest on {date_words(date.fromordinal(episode.peak.day), today)}"
    parts = [f"{when}: {listed([_range_words(excursion) for excursion in details.moved])}."]
    if details.also:
        parts.append(f"Also {listed([_move_words(excursion) for excursion in details.also])}.")
    if details.still:
        parts.append(f"Unchanged: {_labels(details.still)}.")
    if details.absent:
        parts.append(f"Not measured: {_labels(details.absent)}.")
    count = len(details.moved)
    together = "all four" if count == len(VITALS) else f"{count} of the four"
    parts.append(f"{_chance(details)}: {together} vitals moved together.")
    if episode.rule == "pair":
        parts.append("No single night stood out; two in a row did.")
    if tags is not None:
        parts.append(_tags_near(episode, tags, today))
    if episode.ongoing:
        parts.append("It has not ended yet.")
    return " ".join([*parts, f"{CAUTION}: not a diagnosis."])


def _labels(names: Sequence[str]) -> str:
    return listed([METRICS[name].label for name in names])


def _move_words(excursion: Excursion) -> str:
    """How a metric moved, with the size and where it led."""
    metric = METRICS[excursion.metric]
    name = _SHORT.get(metric.name, metric.label)
    size = amount(excursion.value - excursion.expected, metric, averaged=False)
    words = f"{name} {excursion.direction} {size}"
    if metric.name in ("hr_lowest_bpm", "hrv_avg_ms"):
        words += f" to {rounded(excursion.value, metric.digits)}"
    return words


def _range_words(excursion: Excursion) -> str:
    low, high = (plain(value, METRICS[excursion.metric]) for value in excursion.usual)
    return f"{_move_words(excursion)} (usual {low} to {high})"


def _nights(episode: SignalEpisode) -> str:
    count = len(episode.nights)
    gap = episode.end - episode.start + 1 - count
    nights = "1 night" if count == 1 else f"{count} nights"
    return f"{nights} ({gap} missing)" if gap else nights


def _chance(details: EpisodeDetails) -> str:
    """How often chance makes one as strong in such a period."""
    nights = counted(details.judged_nights, "night")
    if details.chance >= _OFTEN:
        return f"Chance often makes one as strong in {nights}"
    every = 1.0 / max(details.chance, 1.0 / (_RAREST + 1))
    if every > _RAREST:
        return f"Chance makes one as strong in less than 1 of {_RAREST} periods of {nights}"
    return f"Chance makes one as strong in about 1 of {math.floor(every + 0.5)} periods of {nights}"


def _tags_near(episode: SignalEpisode, tags: Mapping[int, Sequence[str]], today: date) -> str:
    near = [
        f"{quoted(name)} ({date_words(date.fromordinal(day), today)})"
        for day in range(episode.start - 2, episode.end + 1)
        for name in dict.fromkeys(tags.get(day, ()))
    ]
    return f"Tags nearby: {', '.join(near[:4]) if near else 'none'}."
