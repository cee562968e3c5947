"""Activity, stress, tags and rings of a simulated person, in the shape of Oura's documents."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from benchmarks.second_population import metrics
from benchmarks.second_population.night_documents import Document, Reader, instant, midnight_utc
from benchmarks.second_population.truth import Tag

DAY_BEGINS_MIN = 240
BLOCKS_A_DAY, BLOCK_MIN = 288, 5
REST_BLOCKS = (36, 60)
STEPS_A_MINUTE = 95
ACTIVITY_CONTRIBUTORS = (
    "meet_daily_targets",
    "move_every_hour",
    "recovery_time",
    "stay_active",
    "training_frequency",
    "training_volume",
)
# By class of Oura's five-minute string: rest, inactive, low, medium, high.
MET = {"1": 0.9, "2": 1.3, "3": 2.2, "4": 4.0, "5": 7.0}
TAG_MINUTE = 21 * 60 + 30
USUAL_RECOVERY_MIN = 120


def activity_classes(steps: int) -> str:
    """Spreads the day's activity over 288 blocks from 04:00, between two stretches of rest."""
    awake = BLOCKS_A_DAY - sum(REST_BLOCKS)
    active = min(round(steps / STEPS_A_MINUTE / BLOCK_MIN), awake)
    high, medium = active // 20, active // 4
    movement = "3" * (active - high - medium) + "4" * medium + "5" * high
    still = awake - active
    return "1" * REST_BLOCKS[0] + "2" * (still // 2) + movement + "2" * (
        still - still // 2
    ) + "1" * REST_BLOCKS[1]  # fmt: skip


def daily_activity(reader: Reader, night: int) -> Document:
    """The activity of a day from 04:00 to 04:00; the times sum to 24 hours."""
    steps = round(reader.recorded(metrics.STEPS, night))
    classes = activity_classes(steps)
    minutes = {name: classes.count(name) * BLOCK_MIN for name in MET}
    met = [MET[name] for name in classes for _ in range(BLOCK_MIN)]
    start = reader.local(night, DAY_BEGINS_MIN)
    score = reader.whole(metrics.ACTIVITY_SCORE, night)
    active = round(steps * 0.042)
    return {
        "id": reader.name("daily_activity", night),
        "day": reader.day(night).isoformat(),
        "timestamp": instant(start),
        "score": score,
        "contributors": dict.fromkeys(ACTIVITY_CONTRIBUTORS, score),
        "steps": steps,
        "active_calories": active,
        "total_calories": 1750 + active,
        "target_calories": 400,
        "target_meters": 8000,
        "meters_to_target": 8000 - round(steps * 0.74),
        "equivalent_walking_distance": round(steps * 0.74),
        "inactivity_alerts": 0,
        "non_wear_time": 0,
        "resting_time": minutes["1"] * 60,
        "sedentary_time": minutes["2"] * 60,
        "low_activity_time": minutes["3"] * 60,
        "medium_activity_time": minutes["4"] * 60,
        "high_activity_time": minutes["5"] * 60,
        "sedentary_met_minutes": round(minutes["2"] * MET["2"]),
        "low_activity_met_minutes": round(minutes["3"] * MET["3"]),
        "medium_activity_met_minutes": round(minutes["4"] * MET["4"]),
        "high_activity_met_minutes": round(minutes["5"] * MET["5"]),
        "average_met_minutes": round(sum(met) / len(met), 4),
        "class_5_min": classes,
        "met": {"interval": 60.0, "items": met, "timestamp": instant(start)},
    }


def daily_stress(reader: Reader, night: int) -> Document:
    """The minutes of high stress as seconds; recovery is what a stressful day leaves of it."""
    stress = round(reader.recorded(metrics.STRESS, night))
    recovery = max(0, (USUAL_RECOVERY_MIN - stress // 2) // 15 * 15)
    summary = "stressful" if stress > 2 * recovery else "restored" if not stress else "normal"
    return {
        "id": reader.name("daily_stress", night),
        "day": reader.day(night).isoformat(),
        "stress_high": stress * 60,
        "recovery_high": recovery * 60,
        "day_summary": summary,
    }


def tag_time(reader: Reader, tag: Tag, place: int) -> datetime:
    """When a tag was set: in the evening of its day, local time."""
    midnight = datetime.combine(tag.days[place], time(), reader.zone)
    return midnight + timedelta(minutes=TAG_MINUTE)


def enhanced_tag(reader: Reader, tag: Tag, place: int) -> Document:
    """One tag of a day, under the person's own name for it."""
    return {
        "id": f"{reader.person.name}-tag-{tag.name}-{tag.days[place]}",
        "tag_type_code": "custom",
        "custom_name": tag.name,
        "start_time": instant(tag_time(reader, tag, place)),
        "start_day": tag.days[place].isoformat(),
        "end_time": None,
        "end_day": None,
        "comment": None,
    }


def ring_configurations(reader: Reader) -> list[Document]:
    """Every ring the person has had, the oldest first."""
    changes = reader.person.truth.ring_changes
    first = changes[0].hardware_before if changes else "gen4"
    rings = [(first, reader.person.first_day - timedelta(days=1))]
    rings += [(change.hardware_after, change.day) for change in changes]
    return [
        {
            "id": f"{reader.person.name}-ring-{place}",
            "color": "silver",
            "design": "heritage",
            "firmware_version": "3.1.0",
            "hardware_type": hardware,
            "set_up_at": midnight_utc(day).isoformat().replace("+00:00", "Z"),
            "size": 9,
        }
        for place, (hardware, day) in enumerate(rings)
    ]
