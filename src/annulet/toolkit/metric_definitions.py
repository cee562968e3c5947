"""What the derived metrics mean: how each is reckoned, from how many days, and by whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from annulet.analytics.derived import (
    hrv_status,
    regularity,
    sleep_debt,
    sleep_timing,
    training_load,
)


@dataclass(frozen=True, slots=True)
class MetricDefinition:
    """The meaning of a derived metric.

    Attributes:
        words: How it is reckoned.
        needs: The recorded days or sleeps that it needs.
        source: Where it is published; empty where it is plain arithmetic.
        remark: What an answer says with it; empty where the name says enough.
    """

    words: str
    needs: str
    source: str = ""
    remark: str = ""


_NIGHT: Final = "the night"
_SHARE: Final = "of the time in bed"

DEFINITIONS: Final[dict[str, MetricDefinition]] = {
    "sleep_24h_min": MetricDefinition("all sleep of a day: main sleep and naps", _NIGHT),
    "nap_min": MetricDefinition(
        "all sleep of a day that is no part of its main sleep; 0 on a day with a night and no nap",
        "the night or a nap",
    ),
    "midsleep_min_from_midnight": MetricDefinition(
        "the middle of the elapsed time between bedtime and waking, on the clock at waking", _NIGHT
    ),
    "deep_pct": MetricDefinition("deep sleep as a share of sleep", _NIGHT),
    "light_pct": MetricDefinition("light sleep as a share of sleep", _NIGHT),
    "rem_pct": MetricDefinition("REM sleep as a share of sleep", _NIGHT),
    "awake_pct": MetricDefinition(f"time awake as a share {_SHARE}", _NIGHT),
    "sleep_regularity_index": MetricDefinition(
        "how often one is asleep, or awake, at two moments 24 hours apart: 200 × share − 100, so "
        "that 100 is a perfectly regular sleeper and 0 one who sleeps at random",
        f"{regularity.FEWEST_PAIRS} pairs of neighbouring days among {regularity.REGULARITY_DAYS}",
        "Phillips et al., Sci Rep 2017;7:3216",
    ),
    "sleep_debt_min": MetricDefinition(
        f"what {sleep_debt.DEBT_DAYS} days of sleep, naps included, lack against the stated need, "
        "or against 8 hours a day",
        f"{sleep_debt.FEWEST_DAYS} recorded days of {sleep_debt.DEBT_DAYS}",
        "after Van Dongen et al., Sleep 2003;26:117",
        f"Sleep debt: what {sleep_debt.DEBT_DAYS} days lack of your stated need, or of 8 hours.",
    ),
    "social_jetlag_min": MetricDefinition(
        "how far apart the mean midsleep of Saturdays and Sundays and that of other days are, over "
        f"{sleep_timing.TIMING_DAYS} days",
        f"{sleep_timing.FEWEST_FREE} free and {sleep_timing.FEWEST_WORK} other days",
        "Wittmann et al., Chronobiol Int 2006;23:497",
        "Free days are taken to be Saturday and Sunday.",
    ),
    "training_load": MetricDefinition(
        "MET-minutes of activity: the weighted mean of 7 days divided by that of 28",
        f"{training_load.FEWEST_DAYS} recorded days of {training_load.LOAD_DAYS}",
        "Williams et al., Br J Sports Med 2017;51:209; against it as a forecast: Impellizzeri et "
        "al., Int J Sports Physiol Perform 2020;15:907",
        "Training load compares 7 days with 28; it does not forecast injuries.",
    ),
    "hrv_7d_vs_60d_pct": MetricDefinition(
        "mean ln RMSSD of 7 nights against that of 60, in percent",
        f"4 nights of 7 and 30 of {hrv_status.HRV_DAYS}",
        "Plews et al., Int J Sports Physiol Perform 2014;9:1026",
    ),
}
"""By the name of the metric."""


def definition_notes(metrics: Iterable[str]) -> list[str]:
    """What has to be said with these metrics, each sentence once."""
    defined = (DEFINITIONS[name].remark for name in metrics if name in DEFINITIONS)
    return list(dict.fromkeys(remark for remark in defined if remark))
