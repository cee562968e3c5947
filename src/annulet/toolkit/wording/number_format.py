"""Numbers in sentences and cells: with their unit, as precise as they deserve."""

from __future__ import annotations

import math
from typing import Final

from annulet.toolkit.metrics import Metric
from annulet.toolkit.wording.date_format import duration_words

_LARGE: Final = 1000
_SIGNED_UNITS: Final = frozenset({"°C", "%"})
_HOUR: Final = 60
_DAY_MIN: Final = 24 * 60
_MOST_DECIMALS: Final = 4


def cell(value: float | None, metric: Metric, more: int = 1) -> float | int | None:
    """A figure of a table; large ones and steps have no decimals.

    Args:
        value: The figure.
        metric: Whose.
        more: Decimals beyond those of a single value: an average deserves one.
    """
    if value is None:
        return None
    is_whole = abs(value) >= _LARGE or metric.unit == "steps"
    return rounded(value, 0 if is_whole else metric.digits + more)


def plain(value: float, metric: Metric) -> str:
    """A value as people say it, with its unit.

    Clock times are read as such, long times in hours and minutes.
    """
    if metric.is_clock:
        minutes = round(value) % _DAY_MIN
        return f"{minutes // 60:02}:{minutes % 60:02}"
    if metric.unit == "min" and abs(value) >= _HOUR:
        return duration_words(value)
    if metric.unit in _SIGNED_UNITS and not metric.ratio:
        figure = f"{value:+.{max(metric.digits - 1, 0)}f}"
    else:
        figure = f"{value:,.{metric.digits}f}"
    return _with_unit(figure if _has_size(figure) else figure.lstrip("+-"), metric)


def amount(value: float, metric: Metric, *, averaged: bool = True) -> str:
    """The size of a difference, with its unit and without its sign.

    Args:
        value: The difference.
        metric: Whose.
        averaged: Whether averages differ: they get two significant digits, single values none
            beyond those they are measured with.
    """
    return _size(abs(value), metric, _decimals(value, metric, averaged=averaged))


def change(value: float, metric: Metric) -> str:
    """A difference with its sign and unit; nothing has no sign."""
    size = amount(value, metric)
    sign = "+" if value > 0 else "-"
    return f"{sign}{size}" if _has_size(size) else size


def interval(low: float, high: float, metric: Metric) -> str:
    """The 95 % interval of a difference, its unit once; clock times move earlier or later."""
    decimals = _decimals(max(abs(low), abs(high)), metric)
    if low and high:
        # An end that is not zero is not written as zero.
        decimals = max(decimals, min(_first_digit(low), _first_digit(high), _MOST_DECIMALS))
    first, last = (_signed(value, metric, decimals) for value in (low, high))
    if " h " not in first + last and not metric.is_clock:
        first = first.removesuffix(f" {metric.unit}")
    return f"95 %: {first} to {last}"


def moved_words(value: float, metric: Metric) -> str:
    """Which way a metric differs: higher or lower, a clock time later or earlier."""
    if metric.is_clock:
        return "later" if value > 0 else "earlier"
    return "higher" if value > 0 else "lower"


def _signed(value: float, metric: Metric, decimals: int) -> str:
    size = _size(abs(value), metric, decimals)
    if not _has_size(size):
        return size
    if metric.is_clock:
        return f"{size} {moved_words(value, metric)}"
    return f"{'+' if value > 0 else '-'}{size}"


def _has_size(figure: str) -> bool:
    """Whether a written number is another one than zero."""
    return any(digit in figure for digit in "123456789")


def _size(size: float, metric: Metric, decimals: int) -> str:
    if metric.unit == "min" and round(size) >= _HOUR:
        return duration_words(size)
    return _with_unit(f"{size:,.{decimals}f}", metric)


def _decimals(value: float, metric: Metric, *, averaged: bool = True) -> int:
    """Decimals of the size of a difference: two significant digits, where averages differ."""
    usual = metric.digits if metric.digits != 2 else 1  # noqa: PLR2004 - a tenth of a degree
    if not averaged or not value:
        return usual
    return max(0, min(_first_digit(value) + 1, _MOST_DECIMALS))


def _first_digit(value: float) -> int:
    """At which decimal the first significant digit stands: 0 for 1 to 9, 1 for tenths."""
    return -math.floor(math.log10(abs(value))) if value else 0


def clear_tail(more: list[str], unclear: int) -> list[str]:
    """How a summary of differences ends.

    Args:
        more: Clear differences that were not told in full.
        unclear: How many metrics have no clear difference.
    """
    parts = [f"Also {listed(more)}."] if more else []
    return [*parts, f"No clear difference in the other {unclear}."] if unclear else parts


def counted(count: int, noun: str, plural: str = "") -> str:
    """A number of things.

    >>> counted(1, "night"), counted(2, "night"), counted(2, "stretch", "stretches")
    ('1 night', '2 nights', '2 stretches')
    """
    return f"{count} {noun if count == 1 else plural or noun + 's'}"


def listed(parts: list[str]) -> str:
    """Words as a person lists them.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    if len(parts) < 2:  # noqa: PLR2004 - nothing to join
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def _with_unit(figure: str, metric: Metric) -> str:
    if metric.unit in ("", "steps"):
        return figure
    return f"{figure}{'' if metric.unit.startswith(('/', '%')) else ' '}{metric.unit}"


def rounded(value: float | None, digits: int = 0) -> float | int | None:
    """A figure as a person wants to see it; missing stays missing.

    >>> rounded(52.0), rounded(0.126, 2), rounded(None)
    (52, 0.13, None)
    """
    if value is None:
        return None
    if digits == 0:
        return round(value)
    figure = round(value, digits)
    return int(figure) if figure == int(figure) else figure
