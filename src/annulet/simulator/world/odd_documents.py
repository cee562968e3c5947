"""Documents as people report them and no schema allows: odd values, odd types, odd versions.

Each oddity is one kind of public report. They take turns by day, so that it can be said of every
day what is odd about it, and several of them meet on some days.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from annulet.simulator.world.stored_document import StoredDocument, format_local

_Data = dict[str, object]
_Change = Callable[[_Data], _Data]


def _with(**values: object) -> _Change:
    return lambda data: {**data, **values} if data.keys() & values.keys() else data


def _without(*names: str) -> _Change:
    return lambda data: {name: value for name, value in data.items() if name not in names}


def _as_text(*names: str) -> _Change:
    return lambda data: data | {name: str(data[name]) for name in names if data.get(name)}


def _plus(name: str, addend: float) -> _Change:
    def change(data: _Data) -> _Data:
        value = data.get(name)
        return data | {name: value + addend} if isinstance(value, int | float) else data

    return change


def _day_with_time(data: _Data) -> _Data:
    return data | {"day": f"{data['day']}T00:00:00+00:00"} if "day" in data else data


def _not_worn(data: _Data) -> _Data:
    counted = ("steps", "active_calories", "equivalent_walking_distance", "high_activity_time")
    return data | dict.fromkeys(counted, 0) | {"score": None, "non_wear_time": 86_400}


def _ends_before_it_starts(data: _Data) -> _Data:
    start = datetime.fromisoformat(str(data["start_datetime"]))
    return data | {"end_datetime": format_local(start - timedelta(hours=1))}


ODDITIES: Final[dict[str, dict[str, tuple[int, int, _Change]]]] = {
    "sleep": {
        "impossible HRV": (19, 3, _with(average_hrv=-102)),
        "heart rate zero": (23, 4, _with(lowest_heart_rate=0, average_heart_rate=0)),
        "fraction": (5, 2, _plus("average_hrv", 0.5)),
        "number as text": (7, 1, _as_text("lowest_heart_rate", "total_sleep_duration")),
        "no total": (11, 6, _with(total_sleep_duration=None)),
        "unknown type": (13, 5, _with(type="deep_rest")),
        "no day": (17, 8, _without("day")),
        "day with a time": (9, 7, _day_with_time),
        "longer than a day": (29, 11, _with(total_sleep_duration=130_000, time_in_bed=131_000)),
    },
    "daily_sleep": {
        "score beyond all": (13, 6, _with(score=10**30)),
        "fraction": (6, 1, _plus("score", 0.5)),
        "day with a time": (7, 3, _day_with_time),
    },
    "daily_readiness": {
        "absolute temperature": (11, 5, _with(temperature_deviation=23.0)),
        "number as text": (8, 2, _as_text("score")),
    },
    "daily_spo2": {
        "not measured": (5, 2, _with(spo2_percentage={"average": 0.0})),
        "impossible": (17, 4, _with(spo2_percentage={"average": 140.0})),
    },
    "daily_stress": {
        "not measured": (6, 2, _with(stress_high=0, recovery_high=0, day_summary=None)),
    },
    "daily_activity": {"not worn": (9, 4, _not_worn)},
    "workout": {"ends before it starts": (2, 0, _ends_before_it_starts)},
    "enhanced_tag": {
        "long text": (2, 1, _with(comment="A long evening. " * 30 + "\u202egnirts\x07")),
    },
}
"""By collection and kind: every how many days it happens, on which of them, and what changes."""

_SECOND_VERSION: Final = (4, 1)
"""Every how many days a second document of the day without a score follows, and on which."""


def oddities_of(collection: str, index: int) -> list[str]:
    """Return the kinds of oddity that the documents of a day have."""
    kinds = ODDITIES.get(collection, {}).items()
    return [kind for kind, (every, turn, _) in kinds if index % every == turn]


def make_documents_odd(
    collection: str, index: int, documents: list[StoredDocument]
) -> list[StoredDocument]:
    """Return the documents of a day with everything that is odd about them."""
    for kind in oddities_of(collection, index):
        change = ODDITIES[collection][kind][2]
        documents = [replace(document, data=change(document.data)) for document in documents]
    every, turn = _SECOND_VERSION
    if collection == "daily_sleep" and index % every == turn:
        documents = [version for document in documents for version in _versions(document)]
    return documents


def _versions(document: StoredDocument) -> tuple[StoredDocument, StoredDocument]:
    second_id = f"{document.id[:-4]}0002"
    data = document.data | {"id": second_id, "score": None}
    return document, replace(document, id=second_id, data=data)


def make_rows_odd(rows: list[_Data]) -> list[_Data]:
    """Return samples of a time series, some without their offset, as text, at zero or undated."""
    odd: list[_Data] = []
    for number, row in enumerate(rows):
        odd.append(_odd_row(number, row))
        if number % 100 == 3:
            odd.append(row | {"timestamp": None, "timestamp_unix": None})
        if number % 100 == 4:
            odd.append(row | {"source": "odd", **({"bpm": 0} if "bpm" in row else {"level": None})})
    return odd


def _odd_row(number: int, row: _Data) -> _Data:
    if number % 50 == 1:
        return row | {"timestamp": str(row["timestamp"]).removesuffix("Z")}
    if number % 50 == 2 and "bpm" in row:
        return row | {"bpm": str(row["bpm"])}
    return row
