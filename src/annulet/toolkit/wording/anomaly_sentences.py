"""What ``oura_anomalies`` says in a sentence: whether anything was unusual, and how surely."""

from __future__ import annotations

from datetime import date
from typing import Final

from annulet.analytics.anomalies import Findings
from annulet.toolkit.dates import Period
from annulet.toolkit.metrics import METRICS
from annulet.toolkit.wording.date_format import span_words
from annulet.toolkit.wording.number_format import counted, listed

__all__ = ["anomaly_summary", "outlier_note"]

_NAMED: Final = 3


def anomaly_summary(findings: Findings, period: Period, today: date, *, unread: bool) -> str:
    """The summary of an answer.

    Args:
        findings: What was judged.
        period: The days asked for.
        today: Today in the person's zone.
        unread: Whether metrics could not be read.
    """
    asked = counted(period.length, "day")
    early = next((u for u in findings.unjudged if u.subject == "body_signal"), None)
    if early is not None and early.nights == 0:
        if unread:
            return f"The body signal could not be judged in {asked}: vitals could not be read."
        return f"Nothing could be judged in {asked}: no vitals have been recorded."
    if early is not None:
        return (
            f"Too early to say what is unusual for you: {counted(early.nights, 'night')} with "
            f"vitals so far, {early.needed} more needed."
        )
    if not findings.judged_nights:
        return f"No night of these {asked} could be judged: nothing was recorded."
    rate = f"About {findings.level.false_nights} false alerts in 30 nights are usual."
    levels = _level_words(findings)
    if not findings.episodes:
        judged = counted(findings.judged_nights, "night")
        alone = " Single metrics stood out, see the table." if findings.outliers else ""
        return f"No unusual stretch in {asked}: {judged} judged.{alone}{levels} {rate}"
    ongoing = " The last has not ended." if any(e.ongoing for e in findings.episodes) else ""
    return f"{_episode_words(findings, asked, today)}.{ongoing}{levels} {rate}"


def outlier_note(findings: Findings, days: int) -> str:
    """How many outliers chance alone gives; empty where there is none."""
    if not findings.outliers:
        return ""
    chance = f"{findings.level.false_outliers * days / 30:.1g}"
    what = "outlier" if chance == "1" else "outliers"
    return f"Chance alone gives about {chance} single {what} per metric."


def _episode_words(findings: Findings, asked: str, today: date) -> str:
    """How many episodes there were, and when the strongest were, in order of time."""
    count = len(findings.episodes)
    strongest = findings.episodes[0]
    spans = [
        span_words(date.fromordinal(episode.start), date.fromordinal(episode.end), today)
        + (" (strongest)" if episode is strongest and count > 1 else "")
        for episode in sorted(findings.episodes[:_NAMED], key=lambda episode: episode.start)
    ]
    if count > _NAMED:
        spans.append(f"{count - _NAMED} weaker")
    what = "1 unusual stretch" if count == 1 else f"{count} unusual stretches"
    return f"{what} in {asked}: {listed(spans)}"


def _level_words(findings: Findings) -> str:
    named = [METRICS[name].label for name, shifts in findings.shifts.items() if shifts]
    return f" New level: {listed(named)}." if named else ""
