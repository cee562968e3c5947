"""What differs on the nights after a tag, for every way in which people tag.

Scattered tags: each tagged night against the nights around it, by ranks; the night before the tag,
the weekday and a known rhythm are taken out. Tags on most nights or in long runs: the tagged time
against the other time, judged by how the metric wanders. What neither can judge is ``cannot tell``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from annulet.analytics.night_before import unusual_before, without_night_before
from annulet.analytics.noise_model import INTERVAL_LEVEL, Contrast, NoiseModel, learn
from annulet.analytics.period_difference import without_pattern
from annulet.analytics.ranks import adjusted, rank_sum_p, shift
from annulet.analytics.residuals import autocorrelation, residuals
from annulet.analytics.rhythm import Rhythm, cyclic_patterns
from annulet.analytics.series import Series
from annulet.analytics.shape_likelihood import BLOCK_DAYS, Blocks, rise_around, step_on
from annulet.analytics.traits import Traits

FEWEST_FOR_RANGE = 3
"""Tagged (and untagged) nights below which only counts are told."""
FEWEST_FOR_VERDICT = 5
"""Nights below which there is a range and no verdict."""
FIRM = 12
"""Nights from which a verdict is firm."""
ALPHA = 0.05
"""A difference is called at this adjusted p."""
CANNOT_TELL = "cannot tell"
TOO_FEW = "too few nights"
SAME_WEEKDAYS = (
    "nearly all fall on the same weekdays, and the pattern of the week is taken out before "
    "anything is compared"
)
"""Why nothing can be told of what happens on fixed weekdays."""

_STRICT_ALPHA = 0.02
_LONG_RUN = 14
_MOST_NIGHTS = 0.6
_FEWEST_A_SIDE = 14
_LAGS = 7
# How much of the spread of tags must lie within weekdays: less, and the weekday tells the tag.
_LEAST_WITHIN_WEEKDAYS = 0.2
# The further back the last night before the tag, the less of what lasts is taken out with it, so
# that nights resemble their neighbours more: chance was measured to call 0.06 instead of 0.05.
_LATER_INFLATION = 1.2
_PHASES = 6
_WEEKEND = (5, 6)
# What may have begun before the tags: a step so many days earlier, a slope of so many days with its
# middle at such parts of them earlier.
_BEGAN_DAYS_BEFORE = (12, 20, 28, 40, 60)
_RISE_DAYS = (60, 120, 240)
_RISE_PLACES = (0.0, 0.3)


@dataclass(frozen=True, slots=True)
class TagEffect:
    """How a metric differs on nights that follow a tag.

    Attributes:
        with_n: Tagged nights.
        without_n: Other nights.
        value: The typical difference; None below three nights on either side.
        low: Lower end of its 95 % interval.
        high: Upper end.
        p: The probability of such a difference by chance; None where it was not judged.
        p_adjusted: The same, adjusted for all metrics looked at together.
        verdict: ``higher``, ``lower``, ``no clear difference``, ``too few nights`` or
            ``cannot tell``.
        before: How the nights before tags differ, in nightly SD; None where they do not.
        began_before: Whether a change that began before the tags explains the nights as well.
    """

    with_n: int
    without_n: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    p_adjusted: float | None = None
    verdict: str = TOO_FEW
    before: float | None = None
    began_before: bool = False


@dataclass(frozen=True, slots=True)
class NightsBack:
    """How many nights before the night looked at the event may and must have begun.

    Attributes:
        nearest: The last night that may lie before the event.
        untouched: The last night that surely does. Where it is another one, what is called holds
            against both: what lasts from night to night is not the event's, and what the event did
            to the night itself is not taken out.
    """

    nearest: int = 1
    untouched: int = 1


@dataclass(frozen=True, slots=True)
class TagEffects:
    """The effects of one tag.

    Attributes:
        effects: The effect by metric.
        compared: ``nights`` (scattered tags), ``times`` (long runs: one time against another), or
            ``none``.
        reason: Why it cannot be told; empty otherwise.
    """

    effects: Mapping[str, TagEffect]
    compared: str
    reason: str = ""


def tag_effects(
    metrics: Mapping[str, tuple[Series, Traits]],
    tagged: frozenset[int],
    *,
    left_out: frozenset[int] = frozenset(),
    rhythm: Rhythm | None = None,
    nights_back: Mapping[str, NightsBack] | None = None,
    touched: frozenset[int] = frozenset(),
    unjudged: frozenset[str] = frozenset(),
) -> TagEffects:
    """Compare tagged nights with the others, metric by metric.

    Args:
        metrics: Series and traits by metric.
        tagged: Days (ordinals) of the nights that follow the tag.
        left_out: Days of illness, which belong to neither side.
        rhythm: A rhythm in temperature: what it adds is taken out, and tagged nights are compared
            with others of their phase.
        nights_back: Where the nights before the event lie, by metric; the night before unless
            named.
        touched: Days of nights that lie between an event and the night looked at. They are neither
            side, where single nights are compared.
        unjudged: Metrics of which the nights are counted and nothing is told.
    """
    back = nights_back or {}
    patterns = cyclic_patterns(
        rhythm, {name: series for name, (series, _) in metrics.items()}, left_out
    )
    calm = {
        name: (without_pattern(series.without(left_out), patterns.get(name)), traits)
        for name, (series, traits) in metrics.items()
    }
    recorded = sorted(set().union(*(series.days for series, _ in calm.values())))
    compared, reason = _way(recorded, tagged)
    if compared == "none":
        return no_effects(metrics, tagged, reason, left_out=left_out)
    judged = {
        name: TagEffect(*_counts(series, tagged), verdict=CANNOT_TELL)
        if name in unjudged
        else _of_times(series, traits, tagged)
        if compared == "times"
        else _of_nights(series.without(touched), tagged, rhythm, back.get(name, NightsBack()))
        for name, (series, traits) in calm.items()
    }
    named = [(name, e.p) for name, e in judged.items() if e.p is not None]
    for (name, _), p in zip(named, adjusted([p for _, p in named]), strict=True):
        judged[name] = replace(judged[name], p_adjusted=p, verdict=_verdict(judged[name], p))
    return TagEffects(judged, compared)


def no_effects(
    metrics: Mapping[str, tuple[Series, Traits]],
    tagged: frozenset[int],
    reason: str,
    *,
    left_out: frozenset[int] = frozenset(),
) -> TagEffects:
    """The nights of each metric counted, where nothing can be told of any.

    Args:
        metrics: As in `tag_effects`.
        tagged: Days (ordinals) of the nights that follow the tag.
        reason: Why it cannot be told.
        left_out: Days that belong to neither side.
    """
    untold = {
        name: TagEffect(*_counts(series.without(left_out), tagged), verdict=CANNOT_TELL)
        for name, (series, _) in metrics.items()
    }
    return TagEffects(untold, "none", reason)


def _counts(series: Series, tagged: frozenset[int]) -> tuple[int, int]:
    with_n = sum(day in tagged for day in series.days)
    return with_n, len(series) - with_n


def _way(recorded: Sequence[int], tagged: frozenset[int]) -> tuple[str, str]:
    """How the tagged nights lie, and how they can be compared."""
    chosen = [day for day in recorded if day in tagged]
    if not chosen:
        return "nights", ""
    since = [day for day in recorded if day >= chosen[0]]
    often = len(chosen) > _MOST_NIGHTS * len(since)
    if _longest_run(recorded, tagged) <= _LONG_RUN and not often:
        return ("none", SAME_WEEKDAYS) if _on_weekdays(recorded, tagged) else ("nights", "")
    if len(chosen) < _FEWEST_A_SIDE:
        return "nights", ""
    others = len(recorded) - len(chosen)
    if others < _FEWEST_A_SIDE:
        return "none", f"nearly every night is one of them, only {others} are not"
    return "times", ""


def _on_weekdays(recorded: Sequence[int], tagged: frozenset[int]) -> bool:
    """Whether the weekday of a night nearly tells whether it is tagged."""
    counts = [[0, 0] for _ in range(7)]
    for day in recorded:
        counts[day % 7][day in tagged] += 1
    others, chosen = (sum(side) for side in zip(*counts, strict=True))
    if min(others, chosen) < FEWEST_FOR_VERDICT:
        return False
    within = sum(a * b / (a + b) for a, b in counts if a + b)
    return bool(within < _LEAST_WITHIN_WEEKDAYS * others * chosen / (others + chosen))


def _longest_run(recorded: Sequence[int], tagged: frozenset[int]) -> int:
    """The longest run of recorded nights that are tagged; one night between does not end it."""
    longest = run = missed = 0
    for day in recorded:
        if day in tagged:
            run += 1
            missed = 0
        else:
            missed += 1
            run = run if missed == 1 else 0
        longest = max(longest, run)
    return longest


def _of_times(series: Series, traits: Traits, tagged: frozenset[int]) -> TagEffect:
    """Compare the tagged time with the other time, as two periods are compared."""
    with_n, without_n = _counts(series, tagged)
    if min(with_n, without_n) < _FEWEST_A_SIDE:
        return TagEffect(with_n, without_n)
    last = series.days[-1]
    first = _gap(series, tagged)
    noise = learn(_raised(series, tagged, -first), traits, last, last)
    if noise is None:
        return TagEffect(with_n, without_n)
    flat = noise.weekdays.removed(series)
    gap = _gap(flat, tagged)
    inside = [day for day in series.days if day in tagged]
    outside = [day for day in series.days if day not in tagged]
    spread = noise.spread(Contrast.of_means(inside, outside))
    reach = spread.reach(INTERVAL_LEVEL)
    return TagEffect(
        with_n,
        without_n,
        gap,
        gap - reach,
        gap + reach,
        spread.chance(gap),
        began_before=_began_before(flat, noise, tagged),
    )


def _began_before(flat: Series, noise: NoiseModel, tagged: frozenset[int]) -> bool:
    """Whether a step or a slope from before the first tag explains the nights as well as the tag.

    Args:
        flat: The nights, weekdays taken out.
        noise: How the metric moves by chance.
        tagged: Days (ordinals) of the tagged nights.
    """
    inside = [day for day in flat.days if day in tagged]
    blocks = Blocks.of(flat, noise.sd, inside[0])
    days = range(BLOCK_DAYS)
    of_tags = blocks.log_likelihood(
        noise,
        lambda middle: sum(int(middle - BLOCK_DAYS / 2) + d in tagged for d in days) / BLOCK_DAYS,
    )
    courses = [step_on(inside[0] - back) for back in _BEGAN_DAYS_BEFORE]
    courses += [
        rise_around(inside[0] - at * length, length) for length in _RISE_DAYS for at in _RISE_PLACES
    ]
    return any(blocks.log_likelihood(noise, course) > of_tags for course in courses)


def _of_nights(
    series: Series, tagged: frozenset[int], rhythm: Rhythm | None, back: NightsBack
) -> TagEffect:
    """Compare scattered tagged nights with the nights around them, by ranks."""
    with_n, without_n = _counts(series, tagged)
    if min(with_n, without_n) < FEWEST_FOR_RANGE:
        return TagEffect(with_n, without_n)
    untouched = _against(series, tagged, rhythm, back.untouched)
    if back.nearest == back.untouched:
        return untouched
    return _of_both(untouched, _against(series, tagged, rhythm, back.nearest))


def _against(
    series: Series, tagged: frozenset[int], rhythm: Rhythm | None, nights_back: int
) -> TagEffect:
    """Compare tagged nights with others, less what a night so many nights earlier foretells."""
    with_n, without_n = _counts(series, tagged)
    chosen = [day in tagged for day in series.days]
    first, _, _ = _shift(without_night_before(residuals(series), nights_back), chosen, 1.0)
    # Tagged nights are among those that tell what is usual: a second look without their effect.
    usual = residuals(_raised(series, tagged, -first))
    rest = without_night_before(usual, nights_back)
    inflation = _inflation(rest, chosen) * (1.0 if nights_back == 1 else _LATER_INFLATION)
    rest = _raised(rest, tagged, first)
    value, low, high = _shift(rest, chosen, inflation)
    p = None
    if min(with_n, without_n) >= FEWEST_FOR_VERDICT:
        strata = [
            ((day + 6) % 7 in _WEEKEND, int(_PHASES * rhythm.phase(day)) if rhythm else 0)
            for day in rest.days
        ]
        p = rank_sum_p(rest.values, chosen, strata, inflation=inflation)
    before = unusual_before(usual, tagged, nights_back)
    return TagEffect(with_n, without_n, value, low, high, p, before=before)


def _of_both(untouched: TagEffect, nearest: TagEffect) -> TagEffect:
    """What holds whichever night is taken for the night before.

    The size is the one against the untouched night, drawn to the weaker of both where they agree in
    direction; the interval reaches over both, and the p is the larger.
    """
    far, near = untouched.value or 0.0, nearest.value or 0.0
    agree = far * near > 0.0
    ps = [effect.p for effect in (untouched, nearest) if effect.p is not None]
    return replace(
        untouched,
        value=min(far, near, key=abs) if agree else far,
        low=min(e.low for e in (untouched, nearest) if e.low is not None),
        high=max(e.high for e in (untouched, nearest) if e.high is not None),
        p=(max(ps) if agree else 1.0) if ps else None,
    )


def _shift(rest: Series, chosen: Sequence[bool], inflation: float) -> tuple[float, float, float]:
    with_tag = [v for v, flag in zip(rest.values, chosen, strict=True) if flag]
    without = [v for v, flag in zip(rest.values, chosen, strict=True) if not flag]
    moved = shift(with_tag, without, inflation=inflation)
    return moved.value, moved.low, moved.high


def _raised(rest: Series, tagged: frozenset[int], by: float) -> Series:
    return Series(rest.days, tuple(v + by if d in tagged else v for d, v in _pairs(rest)))


def _verdict(effect: TagEffect, p: float) -> str:
    # Where the nights before were unusual, chance brings the next one back: more is asked.
    alpha = ALPHA if effect.before is None else _STRICT_ALPHA
    if p > alpha or not effect.value or effect.low is None or effect.high is None:
        return "no clear difference"
    # What is called has an interval without zero.
    if effect.low <= 0.0 <= effect.high:
        return "no clear difference"
    if effect.began_before:
        return CANNOT_TELL
    return "higher" if effect.value > 0 else "lower"


def _inflation(rest: Series, chosen: Sequence[bool]) -> float:
    """How much more the difference of means varies because neighbouring nights resemble.

    A tag on five nights in a row is less than five independent nights; scattered ones are.
    """
    n, m = len(chosen), sum(chosen)
    weights = (1 / m if flag else -1 / (n - m) for flag in chosen)
    weight = dict(zip(rest.days, weights, strict=True))
    phi = autocorrelation(rest, 0.0)
    factor = 1.0
    alone = math.fsum(w * w for w in weight.values())
    for lag in range(1, _LAGS + 1):
        together = math.fsum(
            w * weight[day + lag] for day, w in weight.items() if day + lag in weight
        )
        factor += 2 * phi**lag * together / alone
    return max(1.0, factor)


def _gap(series: Series, tagged: frozenset[int]) -> float:
    inside = [value for day, value in _pairs(series) if day in tagged]
    outside = [value for day, value in _pairs(series) if day not in tagged]
    return math.fsum(inside) / len(inside) - math.fsum(outside) / len(outside)


def _pairs(series: Series) -> zip[tuple[int, float]]:
    return zip(series.days, series.values, strict=True)
