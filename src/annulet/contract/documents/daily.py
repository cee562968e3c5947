"""Documents of which there is at most one a day."""

from __future__ import annotations

from datetime import date, datetime

from annulet.contract.documents.reading import Document, Part
from annulet.contract.documents.sampled import Sample

__all__ = [
    "ActivityContributors",
    "BedtimeWindow",
    "DailyActivity",
    "DailyCardiovascularAge",
    "DailyReadiness",
    "DailyResilience",
    "DailySleep",
    "DailySpO2",
    "DailyStress",
    "OxygenAverage",
    "ReadinessContributors",
    "ResilienceContributors",
    "SleepContributors",
    "SleepTime",
    "VO2Max",
]


class SleepContributors(Part, frozen=True, kw_only=True):
    """Parts of the sleep score, each 1 to 100: ratings, not the measures they are named after."""

    deep_sleep: int | None = None
    efficiency: int | None = None
    latency: int | None = None
    rem_sleep: int | None = None
    restfulness: int | None = None
    timing: int | None = None
    total_sleep: int | None = None


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
    score: int | None = None
    timestamp: datetime | None = None


class ReadinessContributors(Part, frozen=True, kw_only=True):
    """Parts of the readiness score, each 1 to 100: ratings, not measures."""

    activity_balance: int | None = None
    body_temperature: int | None = None
    hrv_balance: int | None = None
    previous_day_activity: int | None = None
    previous_night: int | None = None
    recovery_index: int | None = None
    resting_heart_rate: int | None = None
    sleep_balance: int | None = None
    sleep_regularity: int | None = None


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
    score: int | None = None
    temperature_deviation: float | None = None
    temperature_trend_deviation: float | None = None
    timestamp: datetime | None = None


class ActivityContributors(Part, frozen=True, kw_only=True):
    """Parts of the activity score, each 1 to 100."""

    meet_daily_targets: int | None = None
    move_every_hour: int | None = None
    recovery_time: int | None = None
    stay_active: int | None = None
    training_frequency: int | None = None
    training_volume: int | None = None


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
    score: int | None = None
    active_calories: int | None = None
    average_met_minutes: float | None = None
    contributors: ActivityContributors | None = None
    equivalent_walking_distance: int | None = None
    high_activity_met_minutes: int | None = None
    high_activity_time: int | None = None
    inactivity_alerts: int | None = None
    low_activity_met_minutes: int | None = None
    low_activity_time: int | None = None
    medium_activity_met_minutes: int | None = None
    medium_activity_time: int | None = None
    met: Sample | None = None
    meters_to_target: int | None = None
    non_wear_time: int | None = None
    resting_time: int | None = None
    sedentary_met_minutes: int | None = None
    sedentary_time: int | None = None
    steps: int | None = None
    target_calories: int | None = None
    target_meters: int | None = None
    total_calories: int | None = None
    day: date | None = None
    timestamp: datetime | None = None


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
    stress_high: int | None = None
    recovery_high: int | None = None
    day_summary: str | None = None


class ResilienceContributors(Part, frozen=True, kw_only=True):
    """Parts of resilience, each 0 to 100 with fractions."""

    sleep_recovery: float | None = None
    daytime_recovery: float | None = None
    stress: float | None = None


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

    average: float | None = None


class DailySpO2(Document, frozen=True, kw_only=True):
    """Blood oxygen of the night that ended on a day.

    Attributes:
        id: Oura's identifier of the document.
        breathing_disturbance_index: 0 to 100.
        day: The day.
        spo2_percentage: The average, percent.
    """

    id: str | None = None
    breathing_disturbance_index: int | None = None
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
    pulse_wave_velocity: float | None = None
    vascular_age: int | None = None


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
    timestamp: datetime | None = None
    vo2_max: float | None = None


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
