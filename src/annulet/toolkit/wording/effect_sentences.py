"""The sentences of ``oura_effects`` about the nights after a tag or a condition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from annulet.analytics.tag_effects import (
    CANNOT_TELL,
    FEWEST_FOR_RANGE,
    FEWEST_FOR_VERDICT,
    FIRM,
    SAME_WEEKDAYS,
    TOO_FEW,
    TagEffect,
    TagEffects,
)
from annulet.toolkit.metrics import METRICS, Metric
from annulet.toolkit.wording.number_format import (
    amount,
    clear_tail,
    counted,
    interval,
    listed,
    moved_words,
)

CALLED: Final = ("higher", "lower")
"""The verdicts that say there is something."""

_IN_WORDS: Final = 4
_LONGEST: Final = 40
_ORDINALS: Final = ("second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


@dataclass(frozen=True, slots=True)
class AskedEvent:
    """What the nights come after, as it is told.

    Attributes:
        text: The tag or condition as it was written.
        lag_days: How many days later than the night after it.
        of: ``tag``; ``day`` or ``night`` for a condition, by what it is about.
    """

    text: str
    lag_days: int
    of: str

    @property
    def words(self) -> str:
        """“alcohol”; or the days or nights that a condition is about."""
        written = f"“{self.text[:_LONGEST]}”"
        return written if self.of == "tag" else f"{self.of}s with {written}"

    def nights(self, count: int | None = None) -> str:
        """So many nights after it; which ones, where they are not the first."""
        which = _ORDINALS[self.lag_days - 1] + " " if self.lag_days else ""
        if count is None:
            return f"{which}nights after {self.words}"
        return f"{count} {which}night{'' if count == 1 else 's'} after {self.words}"


def effects_summary(told: TagEffects, asked: AskedEvent) -> str:
    """What differs, and what could not be judged."""
    by_metric = told.effects
    fewest = max((min(e.with_n, e.without_n) for e in by_metric.values()), default=0)
    most = max((e.with_n for e in by_metric.values()), default=0)
    if told.compared == "none":
        ask = " Ask oura_query by “weekday”." if told.reason == SAME_WEEKDAYS else ""
        return f"Cannot tell what differs on {asked.nights()}: {told.reason}.{ask}"
    if fewest < FEWEST_FOR_VERDICT:
        ranges = "The table gives ranges only." if fewest >= FEWEST_FOR_RANGE else ""
        least = f"Too few {asked.nights()} for a verdict: {most} with data"
        return f"{least}, {FEWEST_FOR_VERDICT} are the least. {ranges}".strip()
    told_names = [name for name, effect in by_metric.items() if effect.p is not None]
    earlier = [name for name in told_names if by_metric[name].verdict == CANNOT_TELL]
    judged = [name for name in told_names if name not in earlier]
    clear = [name for name in judged if by_metric[name].verdict in CALLED]
    unjudged = _unjudged(by_metric, earlier)
    if not clear:
        metrics = counted(len(judged), "metric")
        words = f"No clear difference on {asked.nights(most)} in {metrics}."
        return " ".join([words, *unjudged] if judged else unjudged)
    sentences = [_sentence(METRICS[name], by_metric[name]) for name in clear[:_IN_WORDS]]
    more = [
        f"{METRICS[n].label} {moved_words(by_metric[n].value or 0.0, METRICS[n])}"
        for n in clear[_IN_WORDS:]
    ]
    parts = [f"On {asked.nights(most)}: {listed(sentences)}."]
    return " ".join([*parts, *clear_tail(more, len(judged) - len(clear)), *unjudged])


def _unjudged(by_metric: Mapping[str, TagEffect], earlier: list[str]) -> list[str]:
    """Which metrics could not be judged, and why."""
    sentences = []
    few = sum(effect.verdict == TOO_FEW for effect in by_metric.values())
    if few:
        sentences.append(f"Too few nights to judge {few}.")
    if earlier:
        names = listed([METRICS[name].label for name in earlier])
        sentences.append(
            f"Cannot tell for {names}: a change began before the first of these nights."
        )
    summed = [METRICS[name] for name in by_metric if METRICS[name].days_before]
    return [*sentences, *([many_days_sentence(summed)] if summed else [])]


def many_days_sentence(metrics: Sequence[Metric]) -> str:
    """Why nothing can be told of figures that follow from many days, one at least."""
    names = listed([metric.label for metric in metrics])
    spans = sorted({metric.days_before for metric in metrics})
    days = f"{spans[0]}" if len(spans) == 1 else f"{spans[0]} to {spans[-1]}"
    return f"Cannot tell for {names}: made of {days} days, of which one is a small part."


def _sentence(metric: Metric, effect: TagEffect) -> str:
    low, high, value = effect.low or 0.0, effect.high or 0.0, effect.value or 0.0
    size = f"{amount(value, metric)} {moved_words(value, metric)}"
    return f"{metric.label} {size} ({interval(low, high, metric)})"


def effect_caveats(told: TagEffects, asked: AskedEvent) -> list[str]:
    """What has to be said beside the figures."""
    judged = [effect for effect in told.effects.values() if effect.p is not None]
    if not judged:
        return []
    notes = ["An association: what goes with it (late evenings, meals, company) can be the reason."]
    if told.compared == "times":
        notes.append(
            "On most nights or in long runs: that time is compared with the other time, so "
            "whatever else changed then counts too."
        )
    if any(effect.before is not None for effect in judged):
        notes.append(
            "The nights before were unusual already: part of a difference can be the return to "
            "your usual, so a verdict asks for more."
        )
    if asked.of == "night" and told.compared == "nights":
        notes.append(
            "The nights that follow such nights are meant, beyond what usually lasts from one to "
            f"the next; for the same night ask driver, or oura_query by “{asked.text[:_LONGEST]}”."
        )
    if asked.lag_days and told.compared == "nights":
        notes.append("Nights with another such day in between are left out.")
    if max(effect.with_n for effect in judged) < FIRM:
        of = "tag" if asked.of == "tag" else "condition"
        notes.append(f"With fewer than {FIRM} nights after the {of} a verdict is not yet firm.")
    return notes
