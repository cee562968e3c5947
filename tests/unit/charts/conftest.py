"""A made-up month and a made-up night that every chart is drawn from."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta, timezone

import pytest

from annulet.charts import (
    DailySeries,
    Deviation,
    Heading,
    Intraday,
    Night,
    Samples,
    StackedNight,
    Timeline,
    UnusualDays,
)

FIRST = date(2026, 5, 1)
LAST = date(2026, 5, 30)
ZONE = timezone(timedelta(hours=2))


def day(n: int) -> date:
    """The n-th day of the month, from zero."""
    return FIRST + timedelta(days=n)


@pytest.fixture
def series() -> DailySeries:
    """Thirty days of a metric with two gaps and one day far outside its range."""
    values = {day(n): 52 + 5 * math.sin(n / 3) for n in range(30) if n not in {4, 5, 17}}
    values[day(20)] = 31.0
    return DailySeries("HRV", values, "ms", (45.0, 60.0))


@pytest.fixture
def one_night() -> Night:
    """A night of ninety-four five-minute stages with a gap in the heart rate."""
    stages = (["awake"] * 2 + ["light"] * 6 + ["deep"] * 7 + ["light"] * 4 + ["rem"] * 5) * 4
    start = datetime(2026, 5, 2, 23, 12, tzinfo=ZONE)
    heart = [58 - n / 10 if not 40 <= n < 46 else None for n in range(94)]
    hrv = [40 + n / 5 for n in range(94)]
    return Night(
        start,
        start + timedelta(minutes=5 * 94),
        stages[:94],
        5.0,
        heart_rate=Samples(start, 5, heart),
        hrv=Samples(start, 5, hrv),
    )


@pytest.fixture
def one_day() -> Intraday:
    """A day of five-minute heart rates with a gap."""
    start = datetime(2026, 5, 2, tzinfo=ZONE)
    values = [62 + 20 * max(0.0, math.sin((n - 90) / 40)) for n in range(288)]
    shown = [None if 120 <= n < 140 else v for n, v in enumerate(values)]
    samples = Samples(start, 5, shown)
    return Intraday(start, start + timedelta(days=1), samples, "Heart rate", "bpm")


@pytest.fixture
def unusual(series: DailySeries) -> Timeline:
    """A month with two episodes, one with figures."""
    moved = (Deviation("Lowest heart rate", 4.6, 61, 52, "bpm"), Deviation("HRV", -2.8))
    episodes = (
        UnusualDays(day(24), day(24)),
        UnusualDays(day(11), day(13), "Lowest heart rate up, HRV down.", moved),
    )
    return Timeline(FIRST, LAST, episodes, (series,), (day(4), day(5)))


@pytest.fixture
def nights() -> list[StackedNight]:
    """A fortnight of stages with one night missing."""
    minutes = {"deep": 70.0, "light": 220.0, "rem": 95.0, "awake": 30.0}
    return [StackedNight(day(n), minutes, 385.0) for n in range(14) if n != 5]


@pytest.fixture
def heading() -> Heading:
    """A plain heading."""
    return Heading("Made-up title", "1 - 30 May 2026", "54 ms", "last night", "A note.")
