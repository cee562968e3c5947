"""Short names of metrics and columns, as people write them, with what each may stand for.

Where a name may stand for several columns, the first one that the rows have is meant.
"""

from __future__ import annotations

from typing import Final

_MEANINGS: Final[dict[tuple[str, ...], str]] = {
    (
        "hrv_avg_ms",
    ): "hrv herzfrequenzvariabilität rmssd heart_rate_variability average_hrv hrv_ms avg_hrv",
    ("hr_lowest_bpm",): (
        "resting_hr rhr resting_heart_rate lowest_heart_rate resting_pulse ruhepuls lowest_hr "
        "hr_lowest min_hr"
    ),
    (
        "hr_avg_bpm",
    ): "hr herzfrequenz heart_rate average_heart_rate avg_hr pulse puls average_hr hr_avg",
    ("hr_max_bpm",): "max_hr max_heart_rate hr_max maximum_heart_rate",
    ("total_sleep_min",): (
        "sleep sleep_time sleep_duration total_sleep asleep time_asleep schlaf sleep_min "
        "hours_slept hours_of_sleep sleep_hours total_sleep_time total_sleep_duration schlafdauer "
        "schlafzeit"
    ),
    ("sleep_24h_min",): "sleep_24h all_sleep sleep_with_naps",
    ("nap_min",): "nap naps nap_time nap_duration nickerchen mittagsschlaf",
    ("deep_min",): "deep deep_sleep tiefschlaf deep_sleep_min deep_sleep_duration",
    ("light_min",): "light light_sleep leichtschlaf light_sleep_min",
    ("rem_min",): "rem rem_sleep rem_sleep_min rem_sleep_duration",
    ("awake_min",): "awake time_awake awake_time wach wachzeit",
    ("time_in_bed_min",): "time_in_bed in_bed bed_time_total",
    ("deep_pct",): "deep_share deep_percent deep_percentage deep_sleep_pct",
    ("light_pct",): "light_share light_percent light_percentage light_sleep_pct",
    ("rem_pct",): "rem_share rem_percent rem_percentage rem_sleep_pct",
    ("awake_pct",): "awake_share awake_percent awake_percentage",
    ("efficiency_pct",): "efficiency sleep_efficiency schlafeffizienz",
    ("latency_min",): "latency sleep_latency time_to_fall_asleep einschlafzeit",
    ("breath_avg_per_min",): (
        "breath breathing breathing_rate respiratory_rate respiration breath_rate atemfrequenz"
    ),
    ("temperature_deviation_c",): (
        "temperature temp body_temperature temperature_deviation skin_temperature temperatur "
        "hauttemperatur körpertemperatur"
    ),
    ("temperature_trend_deviation_c",): "temperature_trend",
    ("spo2_avg_pct",): "spo2 oxygen blood_oxygen oxygen_saturation sauerstoff",
    ("breathing_disturbance_index",): "bdi breathing_disturbance breathing_disturbances",
    ("sleep_score",): "score_sleep schlafscore",
    ("readiness_score",): "readiness score_readiness bereitschaft",
    ("activity_score",): "score_activity",
    ("steps",): "step step_count steps_count schritte daily_steps",
    ("active_calories_kcal", "calories_kcal"): "active_calories active_kcal active_energy",
    ("calories_kcal", "total_calories_kcal"): (
        "calories kcal kalorien energy calories_burned total_calories"
    ),
    ("stress_high_min",): "stress high_stress stress_min stress_time stress_high",
    ("recovery_high_min",): "recovery high_recovery recovery_min recovery_time",
    ("vascular_age",): "cardiovascular_age heart_age",
    ("vo2_max",): "vo2 vo2max cardio_capacity",
    ("sedentary_min",): "sedentary sedentary_time sitting sitzen",
    ("high_activity_min",): "high_activity vigorous_activity",
    ("medium_activity_min",): "medium_activity moderate_activity",
    ("low_activity_min",): "low_activity",
    ("distance_m", "workout_distance_m", "walking_distance_m"): "distance distanz strecke km",
    ("walking_distance_m",): "walking_distance walked",
    ("duration_min", "workout_min", "total_sleep_min"): "duration length dauer minutes",
    ("speed_kmh",): "speed pace_kmh geschwindigkeit",
    ("activity", "workout"): "sport workout_type sports sportart exercise activity",
    ("workout",): "workouts training trainings",
    ("session",): "sessions meditation_session",
    ("tag",): "tags label_tag",
    ("bedtime",): (
        "bed_time bedtime_start zubettgehzeit bettzeit schlafenszeit went_to_bed start_of_sleep"
    ),
    ("wake_time",): "wake waketime bedtime_end wake_up wake_up_time waking aufwachzeit",
    ("midsleep_min_from_midnight",): "midsleep mid_sleep sleep_midpoint",
    ("sleep_regularity_index",): "regularity sri sleep_regularity",
    ("sleep_debt_min",): "sleep_debt debt schlafschuld",
    ("social_jetlag_min",): "social_jetlag social_jet_lag jetlag",
    ("training_load",): "load training_load_ratio",
    ("hrv_7d_vs_60d_pct",): "hrv_status hrv_balance hrv_7d",
    ("restless_periods",): "restless restlessness",
    ("weekday",): "day_of_week dow wochentag day_of_the_week",
    ("weekend",): "is_weekend wochenende",
    ("day",): "date datum",
    ("start",): "start_time begin time start_datetime uhrzeit",
    ("type", "activity"): "type sleep_type kind session_type",
}

SHORT_NAMES: Final[dict[str, tuple[str, ...]]] = {
    short: columns for columns, names in _MEANINGS.items() for short in names.split()
}
"""Each short name, in lower case with underscores, and the columns it may stand for."""
