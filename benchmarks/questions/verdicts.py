"""Whether an answer of annulet is right, by what is true about the person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp
from statistics import fmean
from typing import Any, Final

from benchmarks.questions.truth import PersonTruth

__all__ = ["Verdict", "judge", "overlaps"]

Answer = dict[str, Any]
_NIGHT: Final = (
    "sleep_score",
    "total_sleep_min",
    "deep_min",
    "rem_min",
    "light_min",
    "awake_min",
    "efficiency_pct",
    "hrv_avg_ms",
    "hr_lowest_bpm",
)
_WEEKLY: Final = ("sleep_score", "readiness_score", "total_sleep_min", "hrv_avg_ms", "steps")
_CHANCE: Final = 0.01
_TAIL: Final = timedelta(days=2)
_ENOUGH: Final = 28
_LARGE: Final = 999.5


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was wrong with an answer; nothing where it was right.

    ``planted``, ``detected`` and ``false`` count illnesses and false episodes; ``stated`` is how
    many false alerts the answer itself says to expect.
    """

    wrong: str = ""
    planted: int = 0
    detected: int = 0
    false: int = 0
    stated: float = 0.0


def judge(question: str, known: PersonTruth, answer: Answer) -> Verdict:
    """Compare an answer with the truth."""
    try:
        return _JUDGES[question](known, answer)
    except (KeyError, TypeError, ValueError, IndexError) as failure:
        return Verdict(f"not in the promised form ({failure!r})")


def _rows(answer: Answer, key: str = "day") -> dict[str, dict[str, Any]]:
    columns = answer["table"]["columns"]
    rows = [dict(zip(columns, row, strict=True)) for row in answer["table"]["rows"]]
    return {row[key]: {n: v for n, v in row.items() if v is not None} for row in rows}


def _daily(
    known: PersonTruth, answer: Answer, days: list[date], metrics: tuple[str, ...]
) -> Verdict:
    shown, missing = _rows(answer), answer["coverage"]["missing"]
    for day in days:
        told = {n: v for n, v in shown.get(str(day), {}).items() if n in metrics}
        true = {m: round(v) for m in metrics for v in known.series(m, [day]).values()}
        if day >= known.open_day and told.keys() == true.keys() == {"steps"}:
            continue  # still being counted while we look
        if told != true:
            return Verdict(f"{day}: {told} instead of {true}")
        if not shown.get(str(day)) and str(day) not in missing:
            return Verdict(f"{day} is missing and not named")
    return Verdict()


def _last_night(known: PersonTruth, answer: Answer) -> Verdict:
    judged = _daily(known, answer, [known.today], _NIGHT)
    if judged.wrong or known.night(known.today):
        return judged
    notes = " ".join(answer.get("notes", []))
    return (
        judged if "sync" in notes or "night" in notes else Verdict("no word on the missing night")
    )


def _heart(known: PersonTruth, answer: Answer) -> Verdict:
    true = known.heart()
    if not true:
        return Verdict("" if "stats" not in answer else "figures out of nothing")
    stats = answer["stats"]
    expected = {"samples": len(true), "min": min(true.values()), "max": max(true.values())}
    told = {name: stats[name] for name in expected}
    if told != expected or abs(stats["avg"] - (known.mean_heart() or 0)) > 0.06:
        return Verdict(f"{told} instead of {expected}")
    return Verdict()


def _trend(known: PersonTruth, answer: Answer) -> Verdict:
    row = _rows(answer, "metric").get("hrv_avg_ms", {})
    true = known.series("hrv_avg_ms", known.days(90))
    if row.get("n", 0) != len(true):
        return Verdict(f"n {row.get('n')} instead of {len(true)}")
    if len(true) < _ENOUGH:
        return Verdict("" if "slope_per_week" not in row else "a slope out of too few nights")
    if abs(row["mean"] - fmean(true.values())) > 0.06:
        return Verdict(f"mean {row['mean']} instead of {fmean(true.values()):.2f}")
    slope = known.slope
    if slope is None:
        return Verdict()
    if not row["slope_low"] <= slope <= row["slope_high"]:
        return Verdict(f"{row['slope_low']} to {row['slope_high']} misses {slope}")
    right = {"rising"} if slope > 0 else {"falling"} if slope < 0 else {"flat", "unclear"}
    return Verdict("" if row["direction"] in right else f"{row['direction']} at {slope} ms a week")


def overlaps(start: date, end: date, days: frozenset[date]) -> bool:
    """Whether an episode touches planted days, or the two days after them."""
    return any(start <= day + _TAIL and end >= day for day in days)


def _anomalies(length: int) -> Callable[[PersonTruth, Answer], Verdict]:
    def judged(known: PersonTruth, answer: Answer) -> Verdict:
        told = [
            (date.fromisoformat(episode["start"]), date.fromisoformat(episode["end"]))
            for episode in (*answer["episodes"], *_more(answer))
        ]
        spells = known.spells(known.days(length))
        planted = [spell for spell in spells if spell.kind == "fever" and len(spell.days) > 1]
        detected = [fever for fever in planted if any(overlaps(*e, fever.days) for e in told)]
        false = [ends for ends in told if not any(overlaps(*ends, s.days) for s in spells)]
        wrong = ""
        if len(detected) < len(planted):
            wrong = f"{len(planted) - len(detected)} of {len(planted)} illnesses not found"
        elif len(false) > _most(answer["expected_false"]):
            wrong = f"{len(false)} false episodes, more than the answer says to expect"
        stated = answer["expected_false"]
        return Verdict(wrong, len(planted), len(detected), len(false), stated)

    return judged


def _more(answer: Answer) -> list[dict[str, Any]]:
    """The stretches that are told in short."""
    table = answer.get("more", {"columns": [], "rows": []})
    return [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]


def _most(expected: float) -> int:
    """So many false alerts are rarer than one time in a hundred where so few are expected."""
    count, below = 0, exp(-expected)
    term = below
    while 1 - below > _CHANCE:
        count += 1
        term *= expected / count
        below += term
    return count


def _rounds_to(exact: float, told: float, metric: str) -> bool:
    """Whether a figure is the exact one: to a tenth, but whole where it is large or of steps."""
    is_whole = metric == "steps" or abs(exact) >= _LARGE
    return abs(told - exact) <= (0.5 if is_whole else 0.05) + 1e-9


def _weeks(known: PersonTruth, answer: Answer) -> Verdict:
    rows = _rows(answer, "metric")
    monday = known.today - timedelta(days=known.today.weekday())
    this = [monday + timedelta(days=k) for k in range(known.today.weekday() + 1)]
    last = [monday - timedelta(days=k) for k in range(7, 0, -1)]
    for metric in (metric for metric in _WEEKLY if metric in rows):
        means = []
        for column, days in (("period_mean", this), ("against_mean", last)):
            over = [day for day in days if metric != "steps" or day < known.open_day]
            true = known.series(metric, over)
            told = rows[metric].get(column)
            if bool(true) != (told is not None):
                return Verdict(f"{metric} {column}: {told} from {len(true)} days")
            means.append(fmean(true.values()) if true else None)
            if told is not None and not _rounds_to(fmean(true.values()), told, metric):
                return Verdict(f"{metric} {column}: {told}, not {fmean(true.values()):.2f}")
        told = rows[metric].get("difference")
        if None in means or told is None:
            continue
        if not _rounds_to(means[0] - means[1], told, metric):
            return Verdict(f"{metric} difference {told}, not {means[0] - means[1]:.2f}")
    return Verdict()


_JUDGES: Final[dict[str, Callable[[PersonTruth, Answer], Verdict]]] = {
    "last_night": _last_night,
    "sleep_7d": lambda known, answer: _daily(known, answer, known.days(7), _NIGHT),
    "readiness_30d": lambda k, answer: _daily(k, answer, k.days(30), ("readiness_score",)),
    "hr_yesterday": _heart,
    "hrv_trend_90d": _trend,
    "anomalies_30d": _anomalies(30),
    "anomalies_90d": _anomalies(90),
    "week_vs_last": _weeks,
    "steps_30d": lambda known, answer: _daily(known, answer, known.days(30), ("steps",)),
}
