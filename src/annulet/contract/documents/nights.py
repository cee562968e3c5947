"""Sleep periods: the nights and the naps, with their stages and series."""

from __future__ import annotations

import contextlib
from datetime import date, datetime, timedelta
from typing import Final

from msgspec.structs import force_setattr

from annulet.contract.documents.consistency import SLEEP_RULES
from annulet.contract.documents.daily import ReadinessContributors
from annulet.contract.documents.quantities import (
    Bpm,
    BreathsPerMinute,
    Count,
    HrvMs,
    Instant,
    Percent,
    Score,
    ScoreDelta,
    SecondsADay,
    TemperatureDeviationC,
)
from annulet.contract.documents.reading import Document, Part
from annulet.contract.documents.sampled import BpmSample, HrvSample

_DAY_SHIFT: Final = timedelta(hours=6)
"""Oura's sleep day runs from 18:00 to 18:00 local."""
_ROUNDING_S: Final = 60
"""Durations of one sleep are rounded each by itself."""


class Readiness(Part, frozen=True, kw_only=True):
    """The readiness computed from one sleep period.

    Attributes:
        contributors: Parts of the score, each 1 to 100.
        score: 1 to 100.
        temperature_deviation: °C.
        temperature_trend_deviation: °C.
    """

    contributors: ReadinessContributors | None = None
    score: Score | None = None
    temperature_deviation: TemperatureDeviationC | None = None
    temperature_trend_deviation: TemperatureDeviationC | None = None


class Sleep(Document, frozen=True, kw_only=True):
    """One period of sleep. Durations are seconds.

    In the coded strings 1 is deep, 2 light, 3 REM, 4 awake; in ``movement_30_sec`` 1 is no
    motion, 2 restless, 3 tossing and turning, 4 active.

    Attributes:
        id: Oura's identifier of the document.
        average_breath: Breaths per minute.
        average_heart_rate: Beats per minute, from 30-second data (the app shows another mean).
        average_hrv: RMSSD, ms.
        awake_time: Seconds awake in bed.
        bedtime_end: End, with the local offset; ``None`` while the person sleeps.
        bedtime_start: Start, with the local offset.
        day: The day the period counts for: local end plus six hours.
        deep_sleep_duration: Seconds of deep sleep.
        efficiency: Sleep per time in bed, percent.
        heart_rate: Beats per minute, one value per five minutes.
        hrv: RMSSD in ms, one value per five minutes.
        latency: Seconds until asleep.
        light_sleep_duration: Seconds of light sleep.
        low_battery_alert: Whether the ring was running low.
        lowest_heart_rate: Beats per minute.
        movement_30_sec: Movement, one character per 30 seconds.
        period: The number of the period within its day, in order of bedtime; says nothing
            about night or nap.
        readiness: The readiness of this period.
        readiness_score_delta: What the period changed in the readiness score.
        rem_sleep_duration: Seconds of REM sleep.
        restless_periods: A count.
        sleep_algorithm_version: ``v1``, ``v2`` or newer.
        sleep_analysis_reason: Why this version of the document exists.
        sleep_phase_30_sec: Stages, one character per 30 seconds.
        sleep_phase_5_min: Stages, one character per five minutes.
        sleep_score_delta: What the period changed in the sleep score.
        time_in_bed: Seconds in bed.
        total_sleep_duration: Seconds asleep.
        type: ``long_sleep`` (a night), ``sleep`` (a nap), ``late_nap``, ``rest`` (not sleep
            after all), ``deleted``, or a newer word.
        ring_id: No longer sent.
        app_sleep_phase_5_min: Stages as the app shows them, one character per five minutes.
    """

    id: str | None = None
    average_breath: BreathsPerMinute | None = None
    average_heart_rate: Bpm | None = None
    average_hrv: HrvMs | None = None
    awake_time: SecondsADay | None = None
    bedtime_end: Instant | None = None
    bedtime_start: Instant | None = None
    day: date | None = None
    deep_sleep_duration: SecondsADay | None = None
    efficiency: Percent | None = None
    heart_rate: BpmSample | None = None
    hrv: HrvSample | None = None
    latency: SecondsADay | None = None
    light_sleep_duration: SecondsADay | None = None
    low_battery_alert: bool | None = None
    lowest_heart_rate: Bpm | None = None
    movement_30_sec: str | None = None
    period: int | None = None
    readiness: Readiness | None = None
    readiness_score_delta: ScoreDelta | None = None
    rem_sleep_duration: SecondsADay | None = None
    restless_periods: Count | None = None
    sleep_algorithm_version: str | None = None
    sleep_analysis_reason: str | None = None
    sleep_phase_30_sec: str | None = None
    sleep_phase_5_min: str | None = None
    sleep_score_delta: ScoreDelta | None = None
    time_in_bed: SecondsADay | None = None
    total_sleep_duration: SecondsADay | None = None
    type: str | None = None
    ring_id: str | None = None
    app_sleep_phase_5_min: str | None = None

    rules = SLEEP_RULES

    def __post_init__(self) -> None:
        """Take the end, the day and the total from what says as much, where Oura omits them."""
        if not self.total_sleep_duration and "total_sleep_duration" not in self.extra:
            total = self._sum_of_stages() or self.total_sleep_duration
            force_setattr(self, "total_sleep_duration", total)
        end = self.bedtime_end or self._end_by_length()
        if self.bedtime_end is None and self._is_over():
            force_setattr(self, "bedtime_end", end)
        if self.day is None and end is not None:
            with contextlib.suppress(OverflowError):
                force_setattr(self, "day", (end + _DAY_SHIFT).date())

    def _end_by_length(self) -> datetime | None:
        if self.bedtime_start is None or self.time_in_bed is None:
            return None
        with contextlib.suppress(OverflowError):
            return self.bedtime_start + timedelta(seconds=self.time_in_bed)
        return None

    def _is_over(self) -> bool:
        """Whether a sleep without a readable end is over.

        While a sleep is in progress Oura sends no end and no figures. One with a text in place of
        its end has ended, and so has one whose time in bed is explained to the last minute.
        """
        if "bedtime_end" in self.extra:
            return True
        asleep, awake, in_bed = self.total_sleep_duration, self.awake_time, self.time_in_bed
        if asleep is None or awake is None or in_bed is None:
            return False
        return abs(asleep + awake - in_bed) <= _ROUNDING_S

    def _sum_of_stages(self) -> SecondsADay | None:
        stages = (self.deep_sleep_duration, self.light_sleep_duration, self.rem_sleep_duration)
        known = [stage for stage in stages if stage is not None]
        return sum(known) if len(known) == len(stages) else None
