"""Our detector and those it is compared with, each giving one score a night."""

from __future__ import annotations

from datetime import date

import numpy as np

from annulet.analytics.series import Series
from annulet.analytics.signal import walk
from annulet.analytics.traits import VITALS
from benchmarks.detector.population import METRICS, Person

__all__ = ["FIRST_DAY", "annulet", "in_window_z", "iqr_rule", "nightsignal", "previous_z", "vitals"]

FIRST_DAY = date(2025, 1, 1).toordinal()


def vitals(person: Person, only: tuple[str, ...] = VITALS) -> dict[str, Series]:
    """The person's four vitals as the product receives them."""
    series = {}
    for column, metric in enumerate(METRICS[:4]):
        if metric not in only:
            continue
        x = person.values[:, column]
        kept = np.flatnonzero(~np.isnan(x))
        values = np.exp(x[kept]) if metric == "hrv_avg_ms" else x[kept]
        days = tuple(int(FIRST_DAY + t) for t in kept)
        series[metric] = Series(days, tuple(float(v) for v in values))
    return series


def annulet(person: Person, only: tuple[str, ...] = VITALS) -> np.ndarray:
    """The product's body signal."""
    out = np.full(len(person.values), np.nan)
    for night in walk(vitals(person, only)).nights:
        if night.signal is not None:
            out[night.day - FIRST_DAY] = night.signal
    return out


def in_window_z(person: Person, columns: int = 9, window: int = 30) -> np.ndarray:
    """The plain tool: largest |z| of the metrics in a window that holds the night itself."""
    x = person.values[:, :columns]
    out = np.full(len(x), np.nan)
    for t in range(len(x)):
        part = x[max(0, t - window + 1) : t + 1]
        part = part[~np.isnan(part).all(axis=1)]
        if np.isnan(x[t]).all() or len(part) < 5:
            continue
        sd = part.std(axis=0, ddof=1)
        out[t] = np.max(np.abs(x[t] - part.mean(axis=0)) / np.where(sd > 0, sd, np.inf))
    return out


def previous_z(person: Person, window: int = 30, *, directed: bool = False) -> np.ndarray:
    """Largest z of the four vitals against the previous nights, the night left out."""
    x = person.values[:, :4]
    sign = np.array([1.0, -1.0, 1.0, 1.0])
    out = np.full(len(x), np.nan)
    for t in range(len(x)):
        part = x[max(0, t - window) : t]
        part = part[~np.isnan(part).all(axis=1)]
        if np.isnan(x[t]).all() or len(part) < 5:
            continue
        sd = part.std(axis=0, ddof=1)
        z = (x[t] - part.mean(axis=0)) / np.where(sd > 0, sd, np.inf)
        out[t] = np.max(z * sign) if directed else np.max(np.abs(z))
    return out


def nightsignal(person: Person) -> np.ndarray:
    """Resting heart rate above the expanding median on two consecutive nights, in bpm."""
    x = person.values[:, 0]
    excess = np.full(len(x), np.nan)
    for t in range(1, len(x)):
        past = x[:t][~np.isnan(x[:t])]
        if len(past) and not np.isnan(x[t]):
            excess[t] = x[t] - np.median(past)
    out = np.full(len(x), np.nan)
    out[1:] = np.minimum(excess[1:], excess[:-1])
    return out


def iqr_rule(person: Person, columns: int = 9, window: int = 30) -> np.ndarray:
    """Outside 1.5 interquartile ranges and |z| > 2 in a window that holds the night: 0 or 1."""
    x = person.values[:, :columns]
    out = np.zeros(len(x))
    for t in range(len(x)):
        part = x[max(0, t - window + 1) : t + 1]
        part = part[~np.isnan(part).all(axis=1)]
        if np.isnan(x[t]).all() or len(part) < 5:
            continue
        q1, q3 = np.quantile(part, (0.25, 0.75), axis=0)
        reach = 1.5 * (q3 - q1)
        outside = (x[t] < q1 - reach) | (x[t] > q3 + reach)
        sd = part.std(axis=0, ddof=1)
        z = np.abs(x[t] - part.mean(axis=0)) / np.where(sd > 0, sd, np.inf)
        out[t] = float(np.any(outside & (z > 2)))
    return out
