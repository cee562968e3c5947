"""One table of Oura's nineteen user collections: where they live and how they are asked.

Source: Oura's published API text 1.37 with the corrections of 1.39 and 1.41, and the observed
behaviour of the live service where the text is silent (scopes that are really enforced, the
instant a date is compared with).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

__all__ = ["BASE_PATH", "COLLECTIONS", "Collection", "Query", "Single"]

BASE_PATH: Final = "/v2/usercollection"


class Query(Enum):
    """How a collection is asked for a range."""

    DAY = ("start_date", "end_date")
    DATETIME = ("start_datetime", "end_datetime")
    NONE = ()

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the range parameters."""
        names: tuple[str, ...] = self.value
        return names


class Single(Enum):
    """Whether one document can be fetched by its id."""

    BY_ID = "by_id"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Collection:
    """How one collection is reached.

    Attributes:
        name: Oura's name, also the path segment (case matters: ``vO2_max``).
        query: How a range is asked.
        key: The instant a range is compared with: the name of a field, or ``day`` where it is
            00:00 UTC of the document's day.
        scope: The permission that is really enforced (bare name); empty: any token.
        fields: Every documented field, in Oura's spelling.
        anchors: Fields that come back whatever ``fields`` asks for.
        day: The field that says which of the person's days a document belongs to; empty for
            series and for collections without days.
        paged: Whether the answer is an envelope with ``data`` and ``next_token``.
        latest: Whether ``latest=true`` is understood.
        selectable: Whether the ``fields`` parameter has an effect (it is accepted everywhere).
        single: Whether one document can be fetched by its id.
        webhook: The name of the data type in webhook subscriptions, empty where there is none.
        deprecated: Whether Oura has announced its end.
    """

    name: str
    query: Query
    key: str
    scope: str
    fields: tuple[str, ...]
    anchors: tuple[str, ...] = ()
    day: str = "day"
    paged: bool = True
    latest: bool = False
    selectable: bool = True
    single: Single = Single.BY_ID
    webhook: str = ""
    deprecated: bool = False

    @property
    def path(self) -> str:
        """The path of the list route, from the root of the host."""
        return f"{BASE_PATH}/{self.name}"

    @property
    def parameters(self) -> tuple[str, ...]:
        """Every query parameter the list route knows."""
        if not self.paged:
            return ()
        latest = ("latest",) if self.latest else ()
        return (*self.query.parameters, "next_token", *latest, "fields")


_TABLE: Final = (
    Collection(
        "personal_info",
        Query.NONE,
        "",
        "",
        ("id", "age", "weight", "height", "biological_sex", "email"),
        day="",
        paged=False,
        selectable=False,
        single=Single.NEVER,
    ),
    Collection(
        "daily_sleep",
        Query.DAY,
        "timestamp",
        "daily",
        ("id", "contributors", "day", "score", "timestamp"),
        anchors=("id", "timestamp"),
        webhook="daily_sleep",
    ),
    Collection(
        "daily_readiness",
        Query.DAY,
        "timestamp",
        "daily",
        (
            "id",
            "contributors",
            "day",
            "score",
            "temperature_deviation",
            "temperature_trend_deviation",
            "timestamp",
        ),
        anchors=("id", "timestamp"),
        webhook="daily_readiness",
    ),
    Collection(
        "daily_activity",
        Query.DAY,
        "timestamp",
        "daily",
        (
            "id",
            "class_5_min",
            "score",
            "active_calories",
            "average_met_minutes",
            "contributors",
            "equivalent_walking_distance",
            "high_activity_met_minutes",
            "high_activity_time",
            "inactivity_alerts",
            "low_activity_met_minutes",
            "low_activity_time",
            "medium_activity_met_minutes",
            "medium_activity_time",
            "met",
            "meters_to_target",
            "non_wear_time",
            "resting_time",
            "sedentary_met_minutes",
            "sedentary_time",
            "steps",
            "target_calories",
            "target_meters",
            "total_calories",
            "day",
            "timestamp",
        ),
        anchors=("id", "timestamp"),
        webhook="daily_activity",
    ),
    Collection(
        "sleep",
        Query.DAY,
        "bedtime_start",
        "daily",
        (
            "id",
            "average_breath",
            "average_heart_rate",
            "average_hrv",
            "awake_time",
            "bedtime_end",
            "bedtime_start",
            "day",
            "deep_sleep_duration",
            "efficiency",
            "heart_rate",
            "hrv",
            "latency",
            "light_sleep_duration",
            "low_battery_alert",
            "lowest_heart_rate",
            "movement_30_sec",
            "period",
            "readiness",
            "readiness_score_delta",
            "rem_sleep_duration",
            "restless_periods",
            "sleep_algorithm_version",
            "sleep_analysis_reason",
            "sleep_phase_30_sec",
            "sleep_phase_5_min",
            "sleep_score_delta",
            "time_in_bed",
            "total_sleep_duration",
            "type",
            "ring_id",
            "app_sleep_phase_5_min",
        ),
        anchors=("id", "bedtime_start"),
        webhook="sleep",
    ),
    Collection(
        "sleep_time",
        Query.DAY,
        "day",
        "daily",
        ("id", "day", "optimal_bedtime", "recommendation", "status"),
        anchors=("id",),
        webhook="sleep_time",
    ),
    Collection(
        "rest_mode_period",
        Query.DAY,
        "start_time",
        "daily",
        ("id", "end_day", "end_time", "episodes", "start_day", "start_time"),
        anchors=("id",),
        day="start_day",
        webhook="rest_mode_period",
    ),
    Collection(
        "daily_stress",
        Query.DAY,
        "day",
        "daily",
        ("id", "day", "stress_high", "recovery_high", "day_summary"),
        anchors=("id",),
        webhook="daily_stress",
    ),
    Collection(
        "daily_resilience",
        Query.DAY,
        "day",
        "stress",
        ("id", "day", "contributors", "level"),
        anchors=("id",),
        selectable=False,
        webhook="daily_resilience",
    ),
    Collection(
        "daily_spo2",
        Query.DAY,
        "day",
        "spo2",
        ("id", "breathing_disturbance_index", "day", "spo2_percentage"),
        anchors=("id",),
        webhook="daily_spo2",
    ),
    Collection(
        "daily_cardiovascular_age",
        Query.DAY,
        "day",
        "heart_health",
        ("id", "day", "pulse_wave_velocity", "vascular_age"),
        anchors=("id",),
        webhook="daily_cardiovascular_age",
    ),
    Collection(
        "vO2_max",
        Query.DAY,
        "timestamp",
        "heart_health",
        ("id", "day", "timestamp", "vo2_max"),
        anchors=("id", "timestamp"),
        webhook="vo2_max",
    ),
    Collection(
        "workout",
        Query.DAY,
        "start_datetime",
        "workout",
        (
            "id",
            "activity",
            "calories",
            "day",
            "distance",
            "end_datetime",
            "intensity",
            "label",
            "source",
            "start_datetime",
        ),
        anchors=("id",),
        webhook="workout",
    ),
    Collection(
        "session",
        Query.DAY,
        "start_datetime",
        "session",
        (
            "id",
            "day",
            "start_datetime",
            "end_datetime",
            "type",
            "heart_rate",
            "heart_rate_variability",
            "mood",
            "motion_count",
        ),
        anchors=("id",),
        webhook="session",
    ),
    Collection(
        "enhanced_tag",
        Query.DAY,
        "start_time",
        "tag",
        (
            "id",
            "tag_type_code",
            "start_time",
            "end_time",
            "start_day",
            "end_day",
            "comment",
            "custom_name",
        ),
        day="start_day",
        selectable=False,
        webhook="enhanced_tag",
    ),
    Collection(
        "tag",
        Query.DAY,
        "timestamp",
        "tag",
        ("id", "day", "text", "timestamp", "tags"),
        selectable=False,
        webhook="tag",
        deprecated=True,
    ),
    Collection(
        "heartrate",
        Query.DATETIME,
        "timestamp",
        "heartrate",
        ("timestamp", "timestamp_unix", "bpm", "source"),
        anchors=("timestamp",),
        day="",
        latest=True,
        single=Single.NEVER,
    ),
    Collection(
        "ring_battery_level",
        Query.DATETIME,
        "timestamp",
        "ring_configuration",
        ("timestamp", "timestamp_unix", "charging", "in_charger", "level"),
        anchors=("timestamp",),
        day="",
        latest=True,
        single=Single.NEVER,
    ),
    Collection(
        "ring_configuration",
        Query.NONE,
        "",
        "ring_configuration",
        ("id", "color", "design", "firmware_version", "hardware_type", "set_up_at", "size"),
        anchors=("id",),
        day="",
        webhook="ring_configuration",
    ),
)

COLLECTIONS: Final[dict[str, Collection]] = {entry.name: entry for entry in _TABLE}
