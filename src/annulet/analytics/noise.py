"""A person's own yardstick: how much averages over some nights differ when nothing happens."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

from annulet.analytics.residuals import autocorrelation, residuals, robust_sd
from annulet.analytics.series import Series
from annulet.analytics.traits import Traits

__all__ = ["NOISE_BAND", "Yardstick", "yardstick"]

NOISE_BAND = 1.645
"""A change within so many SD of the person's own changes is noise (90 % of them are)."""

_HISTORY_DAYS = 180
_FEWEST_NIGHTS = 7
_PRIOR_WEIGHT = 10
_OWN_WEIGHT = 8
_LAGS = 10
_FACTOR = (0.8, 2.5)
_NOTHING = 1e-9


@dataclass(frozen=True, slots=True)
class Yardstick:
    """How averages of one person's metric wander.

    Attributes:
        sd: Night-to-night SD, natural units.
        phi: Correlation of one night with the next.
        factor: How much more the person's own weeks differ than such nights explain.
    """

    sd: float
    phi: float
    factor: float = 1.0

    def difference(self, one: Collection[int], other: Collection[int]) -> float:
        """The SD of the difference between the means over two sets of days."""
        first, second = frozenset(one), frozenset(other)
        share = (
            self._covariance(first, first)
            + self._covariance(second, second)
            - 2.0 * self._covariance(first, second)
        )
        return self.sd * self.factor * math.sqrt(max(share, 0.0))

    def _covariance(self, one: frozenset[int], other: frozenset[int]) -> float:
        total = float(len(one & other))
        weight = 1.0
        for lag in range(1, _LAGS + 1):
            weight *= self.phi
            pairs = sum(1 for d in one if d + lag in other) + sum(
                1 for d in one if d - lag in other
            )
            total += weight * pairs
        return total / (len(one) * len(other))


def yardstick(series: Series, traits: Traits, end: int) -> Yardstick | None:
    """Measure a person's yardstick on the last half year; None with fewer than seven nights.

    Args:
        series: The metric, illness nights already left out.
        traits: How it behaves; a short history leans on it.
        end: The last day (ordinal) that may be looked at.
    """
    history = series.window(end, _HISTORY_DAYS)
    if len(history) < _FEWEST_NIGHTS:
        return None
    rest = residuals(history)
    own = robust_sd(rest.values) or 0.0
    sd = max(_leaned(own, len(history), _typical_sd(history, traits)), _floor(history, traits))
    phi = autocorrelation(rest, traits.phi)
    plain = Yardstick(sd, phi)
    return Yardstick(sd, phi, _own_factor(history, plain, end))


def _typical_sd(history: Series, traits: Traits) -> float | None:
    if traits.typical_sd is None:
        return None
    return traits.typical_sd * (_middle(history) if traits.log else 1.0)


def _floor(history: Series, traits: Traits) -> float:
    return traits.floor * (_middle(history) if traits.log else 1.0)


def _middle(history: Series) -> float:
    """The usual size of a logarithmic metric; nights without one (zero) do not enter."""
    ordered = sorted(size for value in history.values if (size := abs(value)) > _NOTHING)
    return ordered[len(ordered) // 2] if ordered else 1.0


def _leaned(own: float, n: int, typical: float | None) -> float:
    if typical is None:
        return own
    return math.sqrt((_PRIOR_WEIGHT * typical**2 + n * own**2) / (_PRIOR_WEIGHT + n))


def _own_factor(history: Series, plain: Yardstick, end: int) -> float:
    """Compare the person's week-on-week differences with what single nights explain."""
    ratios = []
    weeks = [history.window(end - 7 * back, 7) for back in range(_HISTORY_DAYS // 7)]
    for later, earlier in pairwise(weeks):
        if min(len(later), len(earlier)) < 3:  # noqa: PLR2004 - nights an average needs
            continue
        change = math.fsum(later.values) / len(later) - math.fsum(earlier.values) / len(earlier)
        ratios.append(change / plain.difference(later.days, earlier.days))
    spread = robust_sd(tuple(ratios))
    if spread is None:
        return 1.0
    # A few weeks say little about a spread: until there are many, the nights count too.
    squared = (_OWN_WEIGHT + len(ratios) * spread**2) / (_OWN_WEIGHT + len(ratios))
    return max(_FACTOR[0], min(_FACTOR[1], math.sqrt(squared)))
