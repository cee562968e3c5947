"""Sleep, sleep score, readiness and SpO2 of a simulated person, shaped like Oura's documents."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

from benchmarks.second_population import metrics, stages
from benchmarks.second_population.truth import Person

Document = dict[str, Any]
BLOCK_S, EPOCH_S = 300, 30
SLEEP_CONTRIBUTORS = (
    "deep_sleep",
    "efficiency",
    "latency",
    "rem_sleep",
    "restfulness",
    "timing",
    "total_sleep",
)
READINESS_CONTRIBUTORS = (
    "activity_balance",
    "body_temperature",
    "hrv_balance",
    "previous_day_activity",
    "previous_night",
    "recovery_index",
    "resting_heart_rate",
    "sleep_balance",
    "sleep_regularity",
)


class Reader:
    """Reads a person's nights by place, in a zone of a fixed distance from UTC."""

    def __init__(self, person: Person, utc_offset_min: int) -> None:
        self.person = person
        self.zone = timezone(timedelta(minutes=utc_offset_min))

    def day(self, night: int) -> date:
        """The day a night belongs to."""
        return self.person.first_day + timedelta(days=night)

    def value(self, metric: str, night: int) -> float | None:
        """The value of a metric, or None."""
        return self.person.nights[metric][night]

    def recorded(self, metric: str, night: int) -> float:
        """The value of a metric that must be there; raises ValueError where it is missing."""
        value = self.value(metric, night)
        if value is None:
            raise ValueError(f"{metric} of {self.person.name} is missing on {self.day(night)}")
        return value

    def whole(self, metric: str, night: int) -> int | None:
        """The value of a metric in whole units, or None."""
        value = self.value(metric, night)
        return None if value is None else round(value)

    def local(self, night: int, minutes: float) -> datetime:
        """The local time so many minutes after the midnight that begins the night's day."""
        midnight = datetime.combine(self.day(night), time(), self.zone)
        return midnight + timedelta(minutes=minutes)

    def name(self, collection: str, night: int) -> str:
        """The id of a document."""
        return f"{self.person.name}-{collection}-{self.day(night)}"


def instant(moment: datetime) -> str:
    """Writes a time with milliseconds and its distance from UTC."""
    return moment.isoformat(timespec="milliseconds")


def midnight_utc(day: date) -> datetime:
    """The midnight in UTC that begins a day."""
    return datetime.combine(day, time(), UTC)


def bedtime(reader: Reader, night: int) -> datetime:
    """When the person went to bed."""
    return reader.local(night, reader.recorded(metrics.BEDTIME, night))


def stage_seconds(reader: Reader, night: int) -> dict[str, int]:
    """The seconds of each stage; time in bed is what the efficiency leaves."""
    asleep, deep_epochs, rem_epochs = (
        round(reader.recorded(metric, night) * 2)
        for metric in (metrics.SLEEP, metrics.DEEP, metrics.REM)
    )
    in_bed = round(asleep * 100 / reader.recorded(metrics.EFFICIENCY, night))
    return {
        stages.DEEP: deep_epochs * EPOCH_S,
        stages.LIGHT: (asleep - deep_epochs - rem_epochs) * EPOCH_S,
        stages.REM: rem_epochs * EPOCH_S,
        stages.AWAKE: (in_bed - asleep) * EPOCH_S,
    }


def stage_strings(seconds: dict[str, int], latency: int) -> dict[str, str]:
    """The stages every 30 seconds, exact, and every 5 minutes, off by less than one block each."""
    epochs = {stage: length // EPOCH_S for stage, length in seconds.items()}
    fine = stages.hypnogram(epochs, latency // EPOCH_S, EPOCH_S)
    blocks = stages.in_blocks(seconds, BLOCK_S)
    lead = min(round(latency / BLOCK_S), blocks[stages.AWAKE])
    coarse = stages.hypnogram(blocks, lead, BLOCK_S)
    return {
        "sleep_phase_30_sec": fine,
        "sleep_phase_5_min": coarse,
        "app_sleep_phase_5_min": coarse,
        "movement_30_sec": "".join("3" if stage == stages.AWAKE else "1" for stage in fine),
    }


def heart_rate_items(lowest: int, count: int) -> list[float | None]:
    """A curve that is lowest after three fifths of the night; the first sample is missing."""
    turn = max(1, count * 3 // 5)
    curve: list[float | None] = [
        float(lowest + abs(place - turn) * 9 // max(turn, 1)) for place in range(count)
    ]
    return [None, *curve[1:]]


def hrv_items(average: int, count: int) -> list[float | None]:
    """Values around the average whose mean it is; the first sample is missing."""
    swing = average // 8
    around: list[float | None] = [
        float(average + (swing if place % 2 else -swing)) for place in range(count - 1)
    ]
    if len(around) % 2:
        around[-1] = float(average)
    return [None, *around]


def sample(start: datetime, items: list[float | None]) -> Document:
    """A series of samples every five minutes."""
    return {"interval": float(BLOCK_S), "items": items, "timestamp": instant(start)}


def sleep(reader: Reader, night: int) -> Document:
    """The long sleep of a night."""
    start = bedtime(reader, night)
    seconds = stage_seconds(reader, night)
    in_bed = sum(seconds.values())
    latency = round(reader.recorded(metrics.LATENCY, night) * 60)
    texts = stage_strings(seconds, latency)
    count = len(texts["sleep_phase_5_min"])
    return {
        "id": reader.name("sleep", night),
        "day": reader.day(night).isoformat(),
        "type": "long_sleep",
        "period": 0,
        "bedtime_start": instant(start),
        "bedtime_end": instant(start + timedelta(seconds=in_bed)),
        "time_in_bed": in_bed,
        "total_sleep_duration": in_bed - seconds[stages.AWAKE],
        "deep_sleep_duration": seconds[stages.DEEP],
        "light_sleep_duration": seconds[stages.LIGHT],
        "rem_sleep_duration": seconds[stages.REM],
        "awake_time": seconds[stages.AWAKE],
        "latency": latency,
        "efficiency": reader.whole(metrics.EFFICIENCY, night),
        "restless_periods": seconds[stages.AWAKE] // 150,
        "low_battery_alert": False,
        "ring_id": None,
        "sleep_algorithm_version": "v2",
        "sleep_analysis_reason": "foreground_sleep_analysis",
        "sleep_score_delta": None,
        "readiness_score_delta": None,
        "readiness": nested_readiness(reader, night),
        **texts,
        **vitals(reader, night, start, count),
    }


def vitals(reader: Reader, night: int, start: datetime, count: int) -> Document:
    """Heart rate, HRV and breathing of a night; what was not measured is null."""
    lowest, average = reader.whole(metrics.HR, night), reader.whole(metrics.HRV, night)
    beats = None if lowest is None else heart_rate_items(lowest, count)
    known = [item for item in beats or [] if item is not None]
    return {
        "lowest_heart_rate": lowest,
        "average_heart_rate": round(sum(known) / len(known) * 8) / 8 if known else None,
        "heart_rate": None if beats is None else sample(start, beats),
        "average_hrv": average,
        "hrv": None if average is None else sample(start, hrv_items(average, count)),
        "average_breath": reader.value(metrics.BREATH, night),
    }


def temperatures(reader: Reader, night: int) -> Document:
    """The night's deviation and its three-night trend, in °C."""
    last = [
        value
        for place in range(max(0, night - 2), night + 1)
        if (value := reader.value(metrics.TEMPERATURE, place)) is not None
    ]
    return {
        "temperature_deviation": reader.value(metrics.TEMPERATURE, night),
        "temperature_trend_deviation": round(sum(last) / len(last), 2) if last else None,
    }


def nested_readiness(reader: Reader, night: int) -> Document:
    """The readiness inside of a sleep; each contributor repeats the score."""
    score = reader.whole(metrics.READINESS_SCORE, night)
    return {
        "contributors": dict.fromkeys(READINESS_CONTRIBUTORS, score),
        "score": score,
        **temperatures(reader, night),
    }


def daily_readiness(reader: Reader, night: int) -> Document:
    """The readiness of a day."""
    return {
        "id": reader.name("daily_readiness", night),
        "day": reader.day(night).isoformat(),
        "timestamp": instant(midnight_utc(reader.day(night))),
        **nested_readiness(reader, night),
    }


def daily_sleep(reader: Reader, night: int) -> Document:
    """The sleep score of a day; each contributor repeats it."""
    score = reader.whole(metrics.SLEEP_SCORE, night)
    return {
        "id": reader.name("daily_sleep", night),
        "day": reader.day(night).isoformat(),
        "timestamp": instant(midnight_utc(reader.day(night))),
        "score": score,
        "contributors": dict.fromkeys(SLEEP_CONTRIBUTORS, score),
    }


def daily_spo2(reader: Reader, night: int) -> Document:
    """The mean oxygen saturation of a night."""
    return {
        "id": reader.name("daily_spo2", night),
        "day": reader.day(night).isoformat(),
        "spo2_percentage": {"average": reader.value(metrics.SPO2, night)},
        "breathing_disturbance_index": None,
    }
