"""What the nights before foretell of a night: taken out, so that a tag is not blamed for it.

Nights that the tag itself has touched foretell what it did to them: to take that out would turn the
tag's own effect round. What is taken out is therefore what the last night before the tag foretells,
however many nights earlier that is (Jordà's local projections, Am Econ Rev 2005;95:161).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from annulet.analytics.residuals import clipped_sd, robust_sd
from annulet.analytics.series import Series

_NIGHTS_MORE = 5
_FEWEST = 15
_FEWEST_TAGGED = 5
_CLIP = 2.5
_SINGULAR = 1e-9
# Nights before tags that differ by so many SD, beyond chance, are no accident.
_UNUSUAL = 0.3
_UNUSUAL_Z = 2.5


def without_night_before(usual: Series, nights_back: int = 1) -> Series:
    """Take out of residuals what an earlier night and the five before that foretell.

    Args:
        usual: Residuals by night, season and weekday taken out.
        nights_back: How many nights earlier that night is; 1 for the night before.
    """
    before = _nights_before(usual, nights_back)
    limit = _CLIP * (robust_sd(usual.values) or math.inf)
    xx = xy = yy = xv = yv = 0.0
    for day, value in zip(usual.days, usual.values, strict=True):
        x, y = before[day]
        clipped = max(-limit, min(limit, value))
        xx += x * x
        xy += x * y
        yy += y * y
        xv += x * clipped
        yv += y * clipped
    determinant = xx * yy - xy * xy
    if determinant <= _SINGULAR * xx * yy or len(usual) < _FEWEST:
        return usual
    a, b = (xv * yy - yv * xy) / determinant, (yv * xx - xv * xy) / determinant
    pairs = zip(usual.days, usual.values, strict=True)
    return Series(usual.days, tuple(v - a * before[d][0] - b * before[d][1] for d, v in pairs))


def unusual_before(usual: Series, tagged: frozenset[int], nights_back: int = 1) -> float | None:
    """How the nights before tagged ones differ from usual, in nightly SD; None within chance.

    Args:
        usual: Residuals by night.
        tagged: Days (ordinals) of the tagged nights.
        nights_back: How many nights earlier the nights before them are.
    """
    sd = clipped_sd(usual.values, _CLIP)
    before = _nights_before(usual, nights_back)
    eves = [before[day][0] / sd for day in usual.days if day in tagged] if sd else []
    if len(eves) < _FEWEST_TAGGED:
        return None
    mean = math.fsum(eves) / len(eves)
    return mean if abs(mean) > max(_UNUSUAL, _UNUSUAL_Z / math.sqrt(len(eves))) else None


def _nights_before(usual: Series, back: int) -> Mapping[int, tuple[float, float]]:
    """For each night the residual so many nights earlier, and the mean of the five before that."""
    limit = _CLIP * (robust_sd(usual.values) or math.inf)
    pairs = zip(usual.days, usual.values, strict=True)
    values = {day: max(-limit, min(limit, value)) for day, value in pairs}
    before = {}
    for day in usual.days:
        last = day - back
        earlier = [values[d] for d in range(last - _NIGHTS_MORE, last) if d in values]
        mean = math.fsum(earlier) / len(earlier) if earlier else 0.0
        before[day] = (values.get(last, mean), mean)
    return before
