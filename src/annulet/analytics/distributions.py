"""Normal and Student distributions with the standard library alone."""

from __future__ import annotations

import math

__all__ = ["normal_quantile", "normal_tail", "t_cdf", "t_quantile"]

_TINY = 1e-300
# Coefficients of Acklam's rational approximation; Newton steps below make it exact.
_A = (-3.969683028665376e01, 2.209460984245205e02, -2.759285104469687e02)
_A2 = (1.383577518672690e02, -3.066479806614716e01, 2.506628277459239e00)
_B = (-5.447609879822406e01, 1.615858368580409e02, -1.556989798598866e02)
_B2 = (6.680131188771972e01, -1.328068155288572e01, 1.0)
_C = (-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e00)
_C2 = (-2.549732539343734e00, 4.374664141464968e00, 2.938163982698783e00)
_D = (7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e00)
_D2 = (3.754408661907416e00, 1.0)
_TAIL = 0.02425


def normal_tail(z: float) -> float:
    """The probability of a standard normal value above ``z``."""
    return 0.5 * math.erfc(z / math.sqrt(2.0))


def normal_quantile(p: float) -> float:
    """The standard normal value below which a share ``p`` lies (0 < p < 1)."""
    if p > 0.5:  # noqa: PLR2004 - the median; the lower tail is the accurate one
        return -normal_quantile(1.0 - p)
    if p < _TAIL:
        q = math.sqrt(-2.0 * math.log(p))
        x = _poly(_C + _C2, q) / _poly(_D + _D2, q)
    else:
        q = p - 0.5
        r = q * q
        x = q * _poly(_A + _A2, r) / _poly(_B + _B2, r)
    for _ in range(2):
        error = 0.5 * math.erfc(-x / math.sqrt(2.0)) - p
        x -= error * math.sqrt(2.0 * math.pi) * math.exp(x * x / 2.0)
    return x


def t_cdf(t: float, df: float) -> float:
    """The probability of a Student value below ``t`` with ``df`` degrees of freedom."""
    tail = 0.5 * _incomplete_beta(df / 2.0, 0.5, df / (df + t * t))
    return 1.0 - tail if t > 0 else tail


def t_quantile(p: float, df: float) -> float:
    """The Student value below which a share ``p`` lies (0 < p < 1, df >= 1)."""
    if p < 0.5:  # noqa: PLR2004 - the median
        return -t_quantile(1.0 - p, df)
    low, high = 0.0, 2.0
    while t_cdf(high, df) < p:
        low, high = high, high * 2.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        if t_cdf(middle, df) < p:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def _poly(coefficients: tuple[float, ...], x: float) -> float:
    total = 0.0
    for c in coefficients:
        total = total * x + c
    return total


def _incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function I_x(a, b)."""
    if x <= 0.0:
        return 0.0
    if x >= 1.0:
        return 1.0
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    front = math.exp(log_front + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1.0) / (a + b + 2.0):
        return front * _beta_fraction(a, b, x) / a
    return 1.0 - front * _beta_fraction(b, a, 1.0 - x) / b


def _beta_fraction(a: float, b: float, x: float) -> float:
    """The continued fraction of the incomplete beta function (modified Lentz)."""
    c = 1.0
    d = 1.0 / _away_from_zero(1.0 - (a + b) * x / (a + 1.0))
    h = d
    for m in range(1, 500):
        even = m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0))
        for term in (even, odd):
            d = 1.0 / _away_from_zero(1.0 + term * d)
            c = _away_from_zero(1.0 + term / c)
            h *= c * d
        if abs(c * d - 1.0) < 1e-16:  # noqa: PLR2004 - rounding error
            break
    return h


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
