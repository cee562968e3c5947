"""What the metrics mean, for people and models that ask."""

from __future__ import annotations

from typing import Final

TERMS: Final[dict[str, tuple[str, str]]] = {
    "sleep_score": ("0-100", "Oura's own score of the main sleep of the day."),
    "readiness_score": ("0-100", "Oura's own score of how recovered the body is."),
    "activity_score": ("0-100", "Oura's own score of the day's movement."),
    "total_sleep_min": ("min", "Time asleep in the main sleep: deep, REM and light together."),
    "deep_min": ("min", "Deep sleep in the main sleep."),
    "rem_min": ("min", "REM sleep in the main sleep."),
    "light_min": ("min", "Light sleep in the main sleep."),
    "awake_min": ("min", "Time awake between bedtime and wake time."),
    "latency_min": ("min", "Time from bedtime to falling asleep."),
    "efficiency_pct": ("%", "Time asleep as a share of time in bed."),
    "hrv_avg_ms": ("ms", "Average heart-rate variability (rMSSD) during the main sleep."),
    "hr_lowest_bpm": ("bpm", "Lowest heart rate during the main sleep."),
    "hr_avg_bpm": ("bpm", "Average heart rate during a sleep."),
    "breath_avg_per_min": ("/min", "Average breathing rate during a sleep."),
    "restless_periods": ("count", "Periods of restless movement during a sleep."),
    "temperature_deviation_c": ("°C", "Skin temperature against the person's own long-term level."),
    "steps": ("steps", "Steps of the whole day; Oura gives none inside the day."),
    "active_calories_kcal": ("kcal", "Energy used by movement."),
    "total_calories_kcal": ("kcal", "Energy used by the whole day, rest included."),
    "stress_high_min": ("min", "Daytime spent in Oura's zone of high stress."),
    "recovery_high_min": ("min", "Daytime spent in Oura's zone of restoration."),
    "spo2_avg_pct": ("%", "Average blood oxygen during sleep."),
    "vascular_age": ("years", "Oura's estimate of the age of the blood vessels."),
    "vo2_max": ("ml/kg/min", "Oura's estimate of aerobic capacity."),
    "resilience_level": ("level", "Oura's long-term balance of stress and recovery, in words."),
    "time_in_bed_min": ("min", "Time from bedtime to wake time, asleep or not."),
    "breathing_disturbance_index": ("index", "Oura's measure of breathing irregularity in sleep."),
    "temperature_trend_deviation_c": ("°C", "The slower trend of the skin temperature deviation."),
    "pulse_wave_velocity_m_per_s": ("m/s", "How fast a pulse travels; behind vascular age."),
    "high_activity_min": ("min", "Time of the day at high activity."),
    "medium_activity_min": ("min", "Time of the day at medium activity."),
    "low_activity_min": ("min", "Time of the day at low activity."),
    "sedentary_min": ("min", "Time of the day sitting or lying still, awake."),
    "resting_min": ("min", "Time of the day at rest, sleep included."),
    "non_wear_min": ("min", "Time of the day without the ring."),
    "walking_distance_m": ("m", "The day's movement as a walking distance."),
    "inactivity_alerts": ("count", "Reminders to move on that day."),
    "bedtime_min_from_midnight": ("min", "When the main sleep began; negative is before midnight."),
    "wake_min_from_midnight": ("min", "When the main sleep ended, in minutes from midnight."),
    "deep_pct": ("%", "Deep sleep as a share of sleep."),
    "light_pct": ("%", "Light sleep as a share of sleep."),
    "rem_pct": ("%", "REM sleep as a share of sleep."),
    "awake_pct": ("%", "Time awake as a share of the time in bed."),
    "sleep_24h_min": ("min", "All sleep of the day, naps included."),
    "nap_min": ("min", "Sleep of the day besides the night."),
    "midsleep_min_from_midnight": ("min", "The middle between bedtime and waking."),
    "sleep_regularity_index": ("index", "How alike sleep is 24 hours apart; 100 is the same."),
    "sleep_debt_min": ("min", "What 14 days of sleep lack against the stated need (8 h)."),
    "social_jetlag_min": ("min", "Midsleep at weekends against work days, over four weeks."),
    "training_load": ("ratio", "MET-minutes of 7 days against 28 days; it forecasts no injury."),
    "hrv_7d_vs_60d_pct": ("%", "HRV of the last week against the last 60 days."),
}

_RULES: Final = """
## How to read the answers

- A sleep belongs to the day on which it ends. Naps never stand in for the night.
- Both ends of a period are included. N days include today, which is not over yet.
- `coverage` says how many days have data and names the missing ones. Missing is not zero.
- `baselines` show the person's own usual range (at least seven nights); there is no norm of others.
- `noise` is the change that happens by chance in this person; a smaller change means nothing.
- A z-score counts how far a day is from the person's usual, in robust standard deviations.
- MET: energy use relative to rest; the only movement figure that Oura gives inside the day.

annulet is not affiliated with Oura, and none of this is medical advice.
"""


def _table() -> str:
    rows = [f"| `{name}` | {unit} | {meaning} |" for name, (unit, meaning) in TERMS.items()]
    return "\n".join(["| metric | unit | meaning |", "| --- | --- | --- |", *rows])


GLOSSARY: Final = f"# The metrics\n\n{_table()}\n{_RULES}"
