"""Whether the peer's rows hold what a model needs to work the answer out by itself.

Rows that are complete count as right here, also where the model would still have to look for
illness in them; `COMPUTED` lists these questions for a strict reading.
"""

from __future__ import annotations

import csv
import io
import json
from datetime import date, timedelta
from statistics import fmean
from typing import Any, Final

from benchmarks.questions.truth import PersonTruth
from benchmarks.questions.verdicts import Verdict

__all__ = ["COMPUTED", "judge_rows"]

COMPUTED: Final = frozenset({"anomalies_30d", "anomalies_90d"})
"""Questions which the peer answers with rows that a model has to judge by itself."""

_SECONDS: Final = {
    "total_sleep_min": "total_sleep_duration",
    "deep_min": "deep_sleep_duration",
    "rem_min": "rem_sleep_duration",
}
_SAME: Final = {
    "sleep_score": "score",
    "readiness_score": "score",
    "hrv_avg_ms": "average_hrv",
    "hr_lowest_bpm": "lowest_heart_rate",
    "steps": "steps",
}
_NIGHT: Final = ("total_sleep_min", "deep_min", "rem_min", "hrv_avg_ms")
_LONG: Final = {
    "readiness_30d": (30, ("readiness_score",)),
    "steps_30d": (30, ("steps",)),
    "anomalies_30d": (30, ("hrv_avg_ms", "hr_lowest_bpm")),
    "anomalies_90d": (90, ("hrv_avg_ms", "hr_lowest_bpm")),
}
_WEEK: Final = 7
_WEEKLY: Final = ("sleep_score", "hrv_avg_ms", "steps")


def judge_rows(question: str, known: PersonTruth, texts: list[str]) -> Verdict:
    """Compare what the peer has sent with the truth."""
    try:
        bodies = [json.loads(text) for text in texts]
        if any("error" in body for body in bodies):
            return Verdict("an error: " + str(bodies)[:80])
        return Verdict(_wrong(question, known, bodies))
    except (KeyError, TypeError, ValueError) as failure:
        return Verdict(f"not readable ({failure!r})")


def _wrong(question: str, known: PersonTruth, bodies: list[dict[str, Any]]) -> str:
    if question in {"last_night", "sleep_7d"}:
        days = known.days(1 if question == "last_night" else 7)
        return _days(known, bodies[0], days, _NIGHT) or _days(
            known, bodies[1], days, ("sleep_score",)
        )
    if question in _LONG:
        count, metrics = _LONG[question]
        return _days(known, bodies[0], known.days(count), metrics)
    if question == "hr_yesterday":
        return _heart(known, bodies[0])
    if question == "hrv_trend_90d":
        return _trend(known, bodies[0])
    return _weeks(known, bodies)


def _table(body: dict[str, Any]) -> list[dict[str, str]]:
    data = body.get("data")
    return list(csv.DictReader(io.StringIO(data))) if isinstance(data, str) else []


def _days(
    known: PersonTruth, body: dict[str, Any], days: list[date], metrics: tuple[str, ...]
) -> str:
    rows = _table(body)
    for day in days:
        mine = [row for row in rows if row["day"] == str(day)]
        longs = [row for row in mine if row.get("type", "long_sleep") == "long_sleep"]
        row = max(longs, key=lambda r: float(r.get("total_sleep_duration") or 0), default={})
        for metric in metrics:
            true = known.series(metric, [day]).get(day)
            true = true if true is None else float(round(true))
            told = _told(metric, row)
            if day >= known.open_day and metric == "steps" and told is not None:
                continue
            if told != true:
                return f"{day} {metric}: {told} instead of {true}"
    return ""


def _told(metric: str, row: dict[str, str]) -> float | None:
    text = row.get(_SECONDS.get(metric) or _SAME[metric], "")
    if text in {"", "null", "None"}:
        return None
    return float(round(float(text) / 60)) if metric in _SECONDS else float(text)


def _heart(known: PersonTruth, body: dict[str, Any]) -> str:
    told = len({(row["timestamp"], row.get("source")) for row in _table(body)})
    true = len(known.heart())
    return "" if abs(told - true) <= 1 else f"{told} rows instead of {true}"


def _trend(known: PersonTruth, body: dict[str, Any]) -> str:
    slope, verdict = known.slope, body["verdict"]
    if slope is None:
        return ""
    if slope == 0:
        return "" if verdict != "outside_noise" else "a change where there is none"
    same_way = body.get("difference", 0) * slope > 0
    return "" if verdict == "outside_noise" and same_way else f"{verdict} at {slope} ms a week"


def _weeks(known: PersonTruth, bodies: list[dict[str, Any]]) -> str:
    """The peer says that it cannot tell where a week has a gap: honest, and so not wrong."""
    for metric, body in zip(_WEEKLY, bodies, strict=True):
        true = {
            period: known.series(metric, [known.today - timedelta(days=back - k) for k in range(7)])
            for period, back in (("period_a", 14), ("period_b", 7))
        }
        if body["verdict"] == "cannot_tell" and min(map(len, true.values())) < _WEEK:
            continue
        for period, values in true.items():
            told = body[period].get("mean")
            if told is None or abs(told - fmean(values.values())) > 0.06:
                return f"{metric}: {told} from {len(values)} days"
    return ""
