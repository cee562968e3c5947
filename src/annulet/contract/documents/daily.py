"""Documents of which there is at most one a day."""

from __future__ import annotations

from datetime import date
from typing import Final

from annulet.contract.documents.consistency import ACTIVITY_RULES, STRESS_RULES
from annulet.contract.documents.quantities import (
    CaloriesKcal,
    Count,
    DisturbanceIndex,
    Instant,
    Met,
    MetMinutes,
    MetresADay,
    MetresToTarget,
    OxygenPercent,
    PulseWaveVelocity,
    Rating,
    Score,
    SecondsADay,
    Steps,
    TemperatureDeviationC,
    VascularAge,
    VO2MaxValue,
)
from annulet.contract.documents.reading import Document, Part
from annulet.contract.documents.sampled import MetSample

_NOT_WORN_S: Final = 22 * 3600
"""Seconds without the ring that leave too little of a day to count anything."""

_COUNTED_WHEN_WORN: Final = (
    *("steps", "active_calories", "average_met_minutes", "equivalent_walking_distance"),
    *("high_activity_met_minutes", "high_activity_time", "inactivity_alerts"),
    *("low_activity_met_minutes", "low_activity_time", "medium_activity_met_minutes"),
    *("medium_activity_time", "resting_time", "sedentary_met_minutes", "sedentary_time"),
    "total_calories",
)


class SleepContributors(Part, frozen=True, kw_only=True):
    """Parts of the sleep score, each 1 to 100: ratings, not the measures they are named after."""

    deep_sleep: Rating | None = None
    efficiency: Rating | None = None
    latency: Rating | None = None
    rem_sleep: Rating | None = None
    restfulness: Rating | None = None
    timing: Rating | None = None
    total_sleep: Rating | None = None


class DailySleep(Document, frozen=True, kw_only=True):
    """The sleep score of a day.

    Attributes:
        id: Oura's identifier of the document.
        contributors: Parts of the score, each 1 to 100.
        day: The day the night ended on.
        score: 1 to 100; ``None`` is not zero.
        timestamp: An instant of the day itself, not of the sleep.
    """

    id: str | None = None
    contributors: SleepContributors | None = None
    day: date | None = None
    score: Score | None = None
    timestamp: Instant | None = None


class ReadinessContributors(Part, frozen=True, kw_only=True):
    """Parts of the readiness score, each 1 to 100: ratings, not measures."""

    activity_balance: Rating | None = None
    body_temperature: Rating | None = None
    hrv_balance: Rating | None = None
    previous_day_activity: Rating | None = None
    previous_night: Rating | None = None
    recovery_index: Rating | None = None
    resting_heart_rate: Rating | None = None
    sleep_balance: Rating | None = None
    sleep_regularity: Rating | None = None


class DailyReadiness(Document, frozen=True, kw_only=True):
    """The readiness score of a day.

    Attributes:
        id: Oura's identifier of the document.
        contributors: Parts of the score, each 1 to 100.
        day: The day the score is for.
        score: 1 to 100.
        temperature_deviation: Skin temperature against the person's own level, °C.
        temperature_trend_deviation: The same over several days, °C.
        timestamp: An instant of the day itself.
    """

    id: str | None = None
    contributors: ReadinessContributors | None = None
    day: date | None = None
    score: Score | None = None
    temperature_deviation: TemperatureDeviationC | None = None
    temperature_trend_deviation: TemperatureDeviationC | None = None
    timestamp: Instant | None = None


class ActivityContributors(Part, frozen=True, kw_only=True):
    """Parts of the activity score, each 1 to 100."""

    meet_daily_targets: Rating | None = None
    move_every_hour: Rating | None = None
    recovery_time: Rating | None = None
    stay_active: Rating | None = None
    training_frequency: Rating | None = None
    training_volume: Rating | None = None


class DailyActivity(Document, frozen=True, kw_only=True):
    """The activity of a day that runs from 04:00 to 04:00 local.

    Times are seconds, calories kilocalories, distances metres.

    Attributes:
        id: Oura's identifier of the document.
        class_5_min: One character per five minutes from 04:00 (0 not worn, 1 rest, 2 inactive,
            3 low, 4 medium, 5 high).
        score: 1 to 100.
        active_calories: Burnt by activity, kcal.
        average_met_minutes: Mean metabolic equivalent.
        contributors: Parts of the score.
        equivalent_walking_distance: The day's energy as walking, m.
        high_activity_met_minutes: MET minutes of high activity.
        high_activity_time: Seconds of high activity.
        inactivity_alerts: How often the app asked to move.
        low_activity_met_minutes: MET minutes of low activity.
        low_activity_time: Seconds of low activity.
        medium_activity_met_minutes: MET minutes of medium activity.
        medium_activity_time: Seconds of medium activity.
        met: Metabolic equivalents, one a minute from 04:00.
        meters_to_target: Metres left to the target; negative when it is passed.
        non_wear_time: Seconds without the ring.
        resting_time: Seconds at rest.
        sedentary_met_minutes: MET minutes while sedentary.
        sedentary_time: Seconds sedentary.
        steps: Steps of the whole day; Oura has no step series.
        target_calories: The day's target, kcal.
        target_meters: The day's target, m.
        total_calories: Burnt in all, kcal.
        day: The day.
        timestamp: 04:00 local of the day.
    """

    id: str | None = None
    class_5_min: str | None = None
    score: Score | None = None
    active_calories: CaloriesKcal | None = None
    average_met_minutes: Met | None = None
    contributors: ActivityContributors | None = None
    equivalent_walking_distance: MetresADay | None = None
    high_activity_met_minutes: MetMinutes | None = None
    high_activity_time: SecondsADay | None = None
    inactivity_alerts: Count | None = None
    low_activity_met_minutes: MetMinutes | None = None
    low_activity_time: SecondsADay | None = None
    medium_activity_met_minutes: MetMinutes | None = None
    medium_activity_time: SecondsADay | None = None
    met: MetSample | None = None
    meters_to_target: MetresToTarget | None = None
    non_wear_time: SecondsADay | None = None
    resting_time: SecondsADay | None = None
    sedentary_met_minutes: MetMinutes | None = None
    sedentary_time: SecondsADay | None = None
    steps: Steps | None = None
    target_calories: CaloriesKcal | None = None
    target_meters: MetresADay | None = None
    total_calories: CaloriesKcal | None = None
    day: date | None = None
    timestamp: Instant | None = None

    rules = ACTIVITY_RULES

    def __post_init__(self) -> None:
        """Read the zeros of a day on which the ring was not worn as missing."""
        if self.steps == 0 and self._not_worn():
            self._leave_out(name for name in _COUNTED_WHEN_WORN if getattr(self, name) == 0)

    def _not_worn(self) -> bool:
        if self.non_wear_time is not None:
            return self.non_wear_time >= _NOT_WORN_S
        if self.class_5_min is not None:
            return set(self.class_5_min) == {"0"}
        return self.score is None and self.active_calories == 0  # a day with the ring has a score


class DailyStress(Document, frozen=True, kw_only=True):
    """Daytime stress and recovery.

    Attributes:
        id: Oura's identifier of the document.
        day: The day.
        stress_high: Seconds of high stress.
        recovery_high: Seconds of high recovery.
        day_summary: ``restored``, ``normal``, ``stressful`` or a newer word.
    """

    id: str | None = None
    day: date | None = None
    stress_high: SecondsADay | None = None
    recovery_high: SecondsADay | None = None
    day_summary: str | None = None

    rules = STRESS_RULES

    def __post_init__(self) -> None:
        """Read zeros without a summary as missing: Oura sends them where it could not judge."""
        if not self.day_summary and not self.stress_high and not self.recovery_high:
            self._leave_out(
                name for name in ("stress_high", "recovery_high") if getattr(self, name) == 0
            )


class ResilienceContributors(Part, frozen=True, kw_only=True):
    """Parts of resilience, each 0 to 100 with fractions."""

    sleep_recovery: Rating | None = None
    daytime_recovery: Rating | None = None
    stress: Rating | None = None


class DailyResilience(Document, frozen=True, kw_only=True):
    """Resilience to stress over the longer term.

    Attributes:
        id: Oura's identifier of the document.
        day: The day.
        contributors: Parts, each 0 to 100.
        level: ``limited``, ``adequate``, ``solid``, ``strong``, ``exceptional`` or a newer word.
    """

    id: str | None = None
    day: date | None = None
    contributors: ResilienceContributors | None = None
    level: str | None = None


class OxygenAverage(Part, frozen=True, kw_only=True):
    """Blood oxygen of a night.

    Attributes:
        average: Percent.
    """

    average: OxygenPercent | None = None


class DailySpO2(Document, frozen=True, kw_only=True):
    """Blood oxygen of the night that ended on a day.

    Attributes:
        id: Oura's identifier of the document.
        breathing_disturbance_index: 0 to 100.
        day: The day.
        spo2_percentage: The average, percent.
    """

    id: str | None = None
    breathing_disturbance_index: DisturbanceIndex | None = None
    day: date | None = None
    spo2_percentage: OxygenAverage | None = None


class DailyCardiovascularAge(Document, frozen=True, kw_only=True):
    """Cardiovascular age.

    Attributes:
        id: Oura's identifier of the document; older documents have none.
        day: The day.
        pulse_wave_velocity: Metres per second.
        vascular_age: Years, 18 to 100.
    """

    id: str | None = None
    day: date | None = None
    pulse_wave_velocity: PulseWaveVelocity | None = None
    vascular_age: VascularAge | None = None


class VO2Max(Document, frozen=True, kw_only=True):
    """An estimate of aerobic capacity.

    Attributes:
        id: Oura's identifier of the document.
        day: The day.
        timestamp: When the estimate was made.
        vo2_max: Millilitres of oxygen per kilogram and minute.
    """

    id: str | None = None
    day: date | None = None
    timestamp: Instant | None = None
    vo2_max: VO2MaxValue | None = None


class BedtimeWindow(Part, frozen=True, kw_only=True):
    """When to go to bed.

    Attributes:
        day_tz: The day's offset from UTC, seconds.
        end_offset: Latest bedtime, seconds from midnight.
        start_offset: Earliest bedtime, seconds from midnight (negative before it).
    """

    day_tz: int | None = None
    end_offset: int | None = None
    start_offset: int | None = None


class SleepTime(Document, frozen=True, kw_only=True):
    """Oura's suggestion for bedtime.

    Attributes:
        id: Oura's identifier of the document.
        day: The day.
        optimal_bedtime: The suggested window.
        recommendation: Oura's word for what to change.
        status: Oura's word for how sure it is.
    """

    id: str | None = None
    day: date | None = None
    optimal_bedtime: BedtimeWindow | None = None
    recommendation: str | None = None
    status: str | None = None
