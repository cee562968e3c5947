"""More than a hundred forms of questions, each with the value that a loop over the truth gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean, median, stdev
from typing import Any

__all__ = ["Facts", "Form", "forms"]

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAYS = 90


@dataclass(frozen=True, slots=True)
class Facts:
    """A person's truth by day, as plain lists and dictionaries.

    Attributes:
        days: The days asked about, oldest first.
        values: By column and day; a day without a value is not there. A day before the first too.
        tags: The tags of each day.
        workouts: Day, activity, minutes and metres of each workout of the days.
        naps: Minutes of each nap of the days.
    """

    days: list[date]
    values: dict[str, dict[date, float]]
    tags: dict[date, set[str]]
    workouts: list[tuple[date, str, float, float | None]]
    naps: list[float]

    def of(self, column: str) -> dict[date, float]:
        """The values within the days asked about."""
        return {day: v for day, v in self.values[column].items() if day in set(self.days)}


@dataclass(frozen=True, slots=True)
class Form:
    """One form.

    Attributes:
        family: What kind of question it is.
        arguments: The one call.
        figure: The column of the answer's table in which the value must stand.
        truth: The value, or values by group; None where there is none.
        alone: Whether one of the ten tools of before answers it in one call.
    """

    family: str
    arguments: dict[str, Any]
    figure: str
    truth: Callable[[Facts], Any]
    alone: bool = False


METRICS = ("steps", "total_sleep_min", "hrv_avg_ms", "hr_lowest_bpm", "deep_min")


def forms() -> Iterator[Form]:
    """Every form."""
    yield from _counts()
    yield from _averages()
    yield from _groups()
    yield from _streaks()
    yield from _after_tags()
    yield from _events()
    yield from _days_before()


def _count(column: str, holds: Callable[[float], bool]) -> Callable[[Facts], int]:
    return lambda facts: sum(map(holds, facts.of(column).values()))


def _counts() -> Iterator[Form]:
    for limit in range(3000, 13000, 1000):
        where = {"where": [f"steps >= {limit}"]}
        yield Form("count", where, "count", _count("steps", lambda v, n=limit: v >= n))
    for hours in (5.5, 6, 6.5, 7, 7.5, 8):
        where = {"where": [f"sleep < {hours}h"]}
        holds = lambda v, n=hours: v < 60 * n  # noqa: E731 - a limit of the loop
        yield Form("count", where, "count", _count("total_sleep_min", holds))
    for limit in (30, 40, 50, 60):
        where = {"where": [f"hrv > {limit}", "weekend = no"]}
        yield Form(
            "conditions",
            where,
            "count",
            lambda f, n=limit: sum(
                v > n and d.weekday() < 5 for d, v in f.of("hrv_avg_ms").items()
            ),
        )
    for limit in (5000, 7000, 9000):
        for hours in (6, 7):
            yield Form(
                "conditions",
                {"where": [f"steps >= {limit}", f"total_sleep_min >= {hours}h"]},
                "count",
                lambda f, n=limit, h=hours: sum(
                    v >= n and f.of("total_sleep_min").get(d, -1.0) >= 60 * h
                    for d, v in f.of("steps").items()
                ),
            )
    for limit in (4000, 6000, 8000, 10000):
        yield Form(
            "share",
            {"where": [f"steps >= {limit}"], "calculate": ["share_pct"]},
            "share_pct",
            lambda f, n=limit: _share(f.of("steps"), n),
        )


def _share(values: dict[date, float], limit: float) -> float | None:
    return 100 * sum(v >= limit for v in values.values()) / len(values) if values else None


def _averages() -> Iterator[Form]:
    figures: dict[str, Callable[[list[float]], float]] = {
        "mean": fmean, "min": min, "max": max, "sum": sum, "median": median, "sd": stdev,
    }  # fmt: skip
    for column in METRICS:
        for name, figure in figures.items():
            yield Form(
                "average and extreme",
                {"metrics": [column], "calculate": [name]},
                name,
                lambda f, c=column, g=figure: (
                    g(list(f.of(c).values())) if len(f.of(c)) > 1 else None
                ),
                alone=name in {"mean", "min", "max", "sd"},
            )


def _groups() -> Iterator[Form]:
    keys: dict[str, Callable[[date], str]] = {
        "weekday": lambda d: WEEKDAYS[d.weekday()],
        "weekend": lambda d: "yes" if d.weekday() > 4 else "no",
        "month": lambda d: d.isoformat()[:7],
        "week": lambda d: (d - timedelta(days=d.weekday())).isoformat(),
    }
    for column in METRICS:
        for by, key in keys.items():
            yield Form(
                "group",
                {"metrics": [column], "by": by, "calculate": ["mean"]},
                "mean",
                lambda f, c=column, k=key: _means(f, c, k),
            )


def _means(facts: Facts, column: str, key: Callable[[date], str]) -> dict[str, float]:
    groups: dict[str, list[float]] = {}
    for day, value in facts.of(column).items():
        groups.setdefault(key(day), []).append(value)
    return {name: fmean(values) for name, values in groups.items()}


def _streaks() -> Iterator[Form]:
    for limit in (4000, 5000, 6000, 7000, 8000, 9000):
        yield Form(
            "streak",
            {"where": [f"steps >= {limit}"], "calculate": ["longest_streak"]},
            "longest_streak",
            lambda f, n=limit: _longest(f, lambda d: f.of("steps").get(d, -1.0) >= n),
        )
    for hours in (6, 6.5, 7, 7.5):
        yield Form(
            "streak",
            {"where": [f"sleep >= {hours}h"], "calculate": ["longest_streak"]},
            "longest_streak",
            lambda f, h=hours: _longest(
                f, lambda d: f.of("total_sleep_min").get(d, -1.0) >= 60 * h
            ),
        )


def _longest(facts: Facts, holds: Callable[[date], bool]) -> int:
    longest = run = 0
    for day in facts.days:
        run = run + 1 if holds(day) else 0
        longest = max(longest, run)
    return longest


def _after_tags() -> Iterator[Form]:
    for tag in ("alcohol", "caffeine"):
        for column in ("hrv_avg_ms", "total_sleep_min", "hr_lowest_bpm"):
            yield Form(
                "after a tag",
                {"metrics": [column], "where": [f"previous.tag = {tag}"], "calculate": ["mean"]},
                "mean",
                lambda f, t=tag, c=column: _mean_after(f, t, c),
            )
        yield Form(
            "tag",
            {"where": [f"tag = {tag}"], "calculate": ["count"]},
            "count",
            lambda f, t=tag: sum(t in f.tags.get(d, ()) for d in f.days),
        )


def _mean_after(facts: Facts, tag: str, column: str) -> float | None:
    values = [
        value
        for day, value in facts.of(column).items()
        if tag in facts.tags.get(day - timedelta(days=1), ())
    ]
    return fmean(values) if values else None


def _events() -> Iterator[Form]:
    workouts = {"of": "workouts"}
    yield Form("workout", workouts, "count", lambda f: len(f.workouts), alone=True)
    for sport in ("running", "walking", "cycling", "yoga"):
        where = {**workouts, "where": [f"activity = {sport}"]}
        yield Form("workout", where, "count", lambda f, s=sport: sum(w[1] == s for w in f.workouts))
        yield Form(
            "workout",
            {**where, "metrics": ["duration_min"], "calculate": ["sum"]},
            "sum",
            lambda f, s=sport: sum(w[2] for w in f.workouts if w[1] == s) or None,
        )
    yield Form(
        "workout",
        {**workouts, "by": "activity", "calculate": ["count"]},
        "count",
        lambda f: {s: sum(w[1] == s for w in f.workouts) for s in {w[1] for w in f.workouts}},
    )
    yield Form(
        "nap",
        {"of": "sleeps", "where": ["type = nap"], "calculate": ["count"]},
        "count",
        lambda f: len(f.naps),
    )


def _days_before() -> Iterator[Form]:
    for column in ("hrv_avg_ms", "hr_lowest_bpm", "total_sleep_min", "steps"):
        for sign in (">", "<"):
            yield Form(
                "against the day before",
                {"where": [f"{column} {sign} previous.{column}"], "calculate": ["count"]},
                "count",
                lambda f, c=column, s=sign: sum(
                    (v > b) if s == ">" else (v < b)
                    for d, v in f.of(c).items()
                    if (b := f.values[c].get(d - timedelta(days=1))) is not None
                ),
            )
