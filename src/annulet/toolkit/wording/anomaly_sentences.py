"""What ``oura_anomalies`` says in a sentence: whether anything was unusual, and how surely."""

from __future__ import annotations

from datetime import date
from typing import Final

from annulet.analytics.unusual_nights import UnusualNights
from annulet.toolkit.dates import Period
from annulet.toolkit.metrics import METRICS
from annulet.toolkit.wording.change_records import since_words
from annulet.toolkit.wording.date_format import span_words
from annulet.toolkit.wording.number_format import counted, listed

_NAMED: Final = 3
_SELDOM: Final = 0.25
_WHOLE: Final = 3


def anomaly_summary(unusual: UnusualNights, period: Period, today: date, *, unread: bool) -> str:
    """The summary of an answer.

    Args:
        unusual: What was judged.
        period: The days asked for.
        today: Today in the person's zone.
        unread: Whether metrics could not be read.
    """
    asked = counted(period.length, "day")
    early = next((u for u in unusual.unjudged if u.subject == "body_signal"), None)
    if early is not None and early.nights == 0:
        if unread:
            return f"The body signal could not be judged in {asked}: vitals could not be read."
        return f"Nothing could be judged in {asked}: no vitals have been recorded."
    if early is not None:
        return (
            f"Too early to say what is unusual for you: {counted(early.nights, 'night')} with "
            f"vitals so far, {early.needed} more needed."
        )
    if not unusual.judged_nights:
        return f"No night of these {asked} could be judged: nothing was recorded."
    rate = _rate_words(unusual)
    levels = _change_words(unusual, today)
    if not unusual.episodes:
        judged = counted(unusual.judged_nights, "night")
        alone = " Single metrics stood out, see the table." if unusual.outliers else ""
        return f"No unusual stretch in {asked}: {judged} judged.{alone}{levels} {rate}"
    ongoing = " The last has not ended." if any(e.ongoing for e in unusual.episodes) else ""
    return f"{_episode_words(unusual, asked, today)}.{ongoing}{levels} {rate}"


def outlier_note(unusual: UnusualNights, days: int) -> str:
    """How many outliers chance alone gives; empty where there is none."""
    if not unusual.outliers:
        return ""
    chance = max(round(unusual.level.false_outliers * days / 30), 1)
    outliers = counted(chance, "outlier")
    return f"Chance alone gives about {outliers} a metric in {counted(days, 'day')}."


def _rate_words(unusual: UnusualNights) -> str:
    """How many alert nights chance alone makes, in the unit of the alerts and for the period."""
    expected = unusual.expected_false
    count = f"{expected:.1f}" if expected < _WHOLE else f"{round(expected)}"
    judged = counted(unusual.judged_nights, "night")
    return (
        f"Alert nights: {len(unusual.alert_nights)}; chance alone makes about {count} in {judged}."
    )


def _episode_words(unusual: UnusualNights, asked: str, today: date) -> str:
    """How many stretches there were, and when those were that stand out, in order of time."""
    count = len(unusual.episodes)
    strongest = unusual.episodes[0]
    strong = [e for e in unusual.episodes if unusual.chance(e) <= _SELDOM][:_NAMED] or [strongest]
    spans = [
        span_words(date.fromordinal(episode.start), date.fromordinal(episode.end), today)
        + (" (strongest)" if episode is strongest and count > 1 else "")
        for episode in sorted(strong, key=lambda episode: episode.start)
    ]
    weaker = count - len(strong)
    if weaker:
        spans.append(f"{weaker} weaker" + (" one" if weaker == 1 else " ones"))
    what = "1 unusual stretch" if count == 1 else f"{count} unusual stretches"
    return f"{what} in {asked}: {listed(spans)}"


def _change_words(unusual: UnusualNights, today: date) -> str:
    named = [
        f"{METRICS[name].label} since {since_words(point, today)}"
        for name, points in unusual.changes.items()
        for point in points[-1:]
    ]
    return f" Lasting change: {listed(named[:_NAMED])}." if named else ""
