"""All documents of a person, collection by collection and day by day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

from annulet.simulator.world import day_records, event_records, night_records
from annulet.simulator.world.document import Document
from annulet.simulator.world.draws import identity
from annulet.simulator.world.life import Life

__all__ = ["Records"]

_Maker = Callable[[Life, int, datetime], Iterator[Document]]
_MAKERS: Final[dict[str, _Maker]] = {
    "daily_sleep": night_records.sleep_scores,
    "daily_readiness": night_records.readiness,
    "daily_activity": day_records.activity,
    "sleep": night_records.sleep,
    "sleep_time": night_records.sleep_time,
    "rest_mode_period": event_records.rest_modes,
    "daily_stress": day_records.stress,
    "daily_resilience": day_records.resilience,
    "daily_spo2": day_records.spo2,
    "daily_cardiovascular_age": day_records.cardiovascular_age,
    "vO2_max": day_records.vo2_max,
    "workout": event_records.workouts,
    "session": event_records.sessions,
    "enhanced_tag": event_records.enhanced_tags,
    "tag": event_records.plain_tags,
}
_NEEDED: Final = frozenset({"bedtime_end", "text"})


class Records:
    """The documents of one person; settled ones are kept."""

    def __init__(self, life: Life) -> None:
        self._life = life
        self._kept: dict[tuple[str, int], list[Document]] = {}

    def of_day(self, collection: str, index: int, until: datetime) -> list[Document]:
        """The documents of one day that Oura has at an instant."""
        kept = self._kept.get((collection, index))
        if kept is None or any(item.settled > until for item in kept):
            with self._life.lock:
                found = [self._dressed(item) for item in self._made(collection, index, until)]
            if found and all(item.settled <= until and not item.gone for item in found):
                whole = self._complete(collection, index, until)
                if whole:
                    self._kept[collection, index] = found
            kept = found
        return [item for item in kept if item.seen(until)]

    def _complete(self, collection: str, index: int, until: datetime) -> bool:
        """Whether nothing can be added to that day any more."""
        return until > self._life.places.instant(index + 2) or collection.startswith("daily_")

    def _made(self, collection: str, index: int, until: datetime) -> Iterator[Document]:
        return _MAKERS[collection](self._life, index, until)

    def _dressed(self, item: Document) -> Document:
        """What sparse people's documents look like: keys left out, unknown keys added."""
        if not self._life.traits.sparse:
            return item
        odd = int(item.id[:2], 16)
        data = item.data
        if odd % 3 == 0:
            data = {k: v for k, v in data.items() if v is not None or k in _NEEDED}
        if odd % 4 == 0:
            data = {**data, "measure_of_tomorrow": {"value": 1.5, "unit": "?"}}
        return Document(item.id, item.key, item.visible, item.settled, data, item.gone)

    def rings(self, until: datetime) -> list[Document]:
        """``ring_configuration``: every ring ever set up."""
        found = []
        for ring, since in self._life.rings.set_up():
            name = identity(self._life.traits.seed, "ring", ring.set_up_days_ago)
            data: dict[str, Any] = {
                "id": name,
                "color": ring.color,
                "design": ring.design,
                "firmware_version": ring.firmware_version,
                "hardware_type": ring.hardware_type,
                "set_up_at": f"{since.astimezone(UTC).replace(tzinfo=None).isoformat()}Z",
                "size": ring.size,
            }
            found.append(self._dressed(Document(name, since, since, since, data)))
        return [item for item in found if item.seen(until)]
