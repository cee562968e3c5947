"""Our detector and those it is compared with, each giving one score a night."""

from __future__ import annotations

from datetime import date

import numpy as np

from annulet.analytics.series import Series
from annulet.analytics.signal import Walk, walk
from annulet.analytics.traits import VITALS
from benchmarks.detector.population import METRICS, SCALE, Person

__all__ = [
    "FIRST_DAY",
    "annulet",
    "in_window_z",
    "iqr_rule",
    "metric_series",
    "nightsignal",
    "previous_z",
    "signal_by_night",
    "vitals",
]

FIRST_DAY = date(2025, 1, 1).toordinal()
_FEWEST = 5


def metric_series(person: Person, column: int, nights: slice = slice(None)) -> Series:
    """The series of one metric in the unit that people read, as the product receives it."""
    first = nights.start or 0
    x = person.values[nights, column]
    measured = np.flatnonzero(~np.isnan(x))
    is_hrv = METRICS[column] == "hrv_avg_ms"
    values = np.round(np.exp(x[measured])) if is_hrv else x[measured] * SCALE[column]
    days = tuple(int(FIRST_DAY + first + night) for night in measured)
    return Series(days, tuple(float(value) for value in values))


def vitals(person: Person, only: tuple[str, ...] = VITALS) -> dict[str, Series]:
    """The person's four vitals as the product receives them."""
    return {
        metric: metric_series(person, column)
        for column, metric in enumerate(METRICS[:4])
        if metric in only
    }


def signal_by_night(person: Person, judged: Walk) -> np.ndarray:
    """The product's body signal of every night; NaN where it has none."""
    signals = np.full(len(person.values), np.nan)
    for night in judged.nights:
        if night.signal is not None:
            signals[night.day - FIRST_DAY] = night.signal
    return signals


def annulet(person: Person, only: tuple[str, ...] = VITALS) -> np.ndarray:
    """Score by the product's body signal."""
    return signal_by_night(person, walk(vitals(person, only)))


def in_window_z(person: Person, columns: int = 9, window: int = 30) -> np.ndarray:
    """Score like the plain tool: largest |z| of the metrics in a window that holds the night."""
    x = person.values[:, :columns]
    z = _z_scores(x, _windows(x, window))
    return np.max(np.abs(z), axis=1)


def previous_z(person: Person, window: int = 30, *, directed: bool = False) -> np.ndarray:
    """Score by the largest z of the four vitals against the nights before, the night left out."""
    x = person.values[:, :4]
    z = _z_scores(x, _windows(np.vstack([np.full((1, 4), np.nan), x[:-1]]), window))
    return np.max(z * np.array([1.0, -1.0, 1.0, 1.0]) if directed else np.abs(z), axis=1)


def nightsignal(person: Person) -> np.ndarray:
    """Score by resting heart rate above the expanding median on two nights in a row, in bpm."""
    x = person.values[:, 0]
    excess = np.full(len(x), np.nan)
    for t in range(1, len(x)):
        past = x[:t][~np.isnan(x[:t])]
        if len(past) and not np.isnan(x[t]):
            excess[t] = x[t] - np.median(past)
    scores = np.full(len(x), np.nan)
    scores[1:] = np.minimum(excess[1:], excess[:-1])
    return scores


def iqr_rule(person: Person, columns: int = 9, window: int = 30) -> np.ndarray:
    """Score 1 outside 1.5 interquartile ranges and |z| > 2 in a window with the night, else 0."""
    x = person.values[:, :columns]
    scores = np.zeros(len(x))
    for t in range(len(x)):
        part = x[max(0, t - window + 1) : t + 1]
        part = part[~np.isnan(part).all(axis=1)]
        if np.isnan(x[t]).all() or len(part) < _FEWEST:
            continue
        q1, q3 = np.quantile(part, (0.25, 0.75), axis=0)
        reach = 1.5 * (q3 - q1)
        outside = (x[t] < q1 - reach) | (x[t] > q3 + reach)
        sd = part.std(axis=0, ddof=1)
        z = np.abs(x[t] - part.mean(axis=0)) / np.where(sd > 0, sd, np.inf)
        scores[t] = float(np.any(outside & (z > 2)))
    return scores


def _windows(x: np.ndarray, window: int) -> np.ndarray:
    """The trailing window of every night: nights by metrics by window, NaN before the first."""
    padded = np.vstack([np.full((window - 1, x.shape[1]), np.nan), x])
    return np.lib.stride_tricks.sliding_window_view(padded, window, axis=0)


def _z_scores(x: np.ndarray, windows: np.ndarray) -> np.ndarray:
    """The z-score of every value in its window; NaN with fewer than five nights in it."""
    measured = ~np.isnan(windows)
    count = measured.sum(axis=2)
    judged = count >= _FEWEST
    count = np.maximum(count, 2)
    mean = windows.sum(axis=2, where=measured) / count
    squares = ((windows - mean[:, :, None]) ** 2).sum(axis=2, where=measured)
    sd = np.sqrt(squares / (count - 1))
    return np.where(judged, (x - mean) / np.where(sd > 0, sd, np.inf), np.nan)
