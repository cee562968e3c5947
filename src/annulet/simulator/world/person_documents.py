"""The documents of a person, by collection and day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from annulet.simulator.world import (
    daytime_documents,
    event_documents,
    score_documents,
    sleep_documents,
)
from annulet.simulator.world.person_model import PersonModel
from annulet.simulator.world.random_streams import stable_uuid
from annulet.simulator.world.stored_document import StoredDocument

__all__ = ["PersonDocuments"]

_Builder = Callable[[PersonModel, int, datetime], Iterator[StoredDocument]]
_BUILDERS: Final[dict[str, _Builder]] = {
    "daily_sleep": score_documents.build_sleep_score,
    "daily_readiness": score_documents.build_readiness,
    "daily_activity": daytime_documents.build_activity,
    "sleep": sleep_documents.build_sleeps,
    "sleep_time": sleep_documents.build_sleep_time,
    "rest_mode_period": event_documents.build_rest_modes,
    "daily_stress": daytime_documents.build_stress,
    "daily_resilience": score_documents.build_resilience,
    "daily_spo2": score_documents.build_spo2,
    "daily_cardiovascular_age": score_documents.build_cardiovascular_age,
    "vO2_max": score_documents.build_vo2_max,
    "workout": event_documents.build_workouts,
    "session": event_documents.build_sessions,
    "enhanced_tag": event_documents.build_enhanced_tags,
    "tag": event_documents.build_tags,
}
_NEVER_LEFT_OUT: Final = frozenset({"bedtime_end", "text"})


class PersonDocuments:
    """The documents of one person; days that cannot change any more are cached."""

    def __init__(self, model: PersonModel) -> None:
        self._model = model
        self._cache: dict[tuple[str, int], list[StoredDocument]] = {}

    def of_day(self, collection: str, index: int, until: datetime) -> list[StoredDocument]:
        """Return the documents of a day that Oura has at an instant."""
        documents = self._cache.get((collection, index))
        if documents is None or any(document.final_from > until for document in documents):
            built = _BUILDERS[collection](self._model, index, until)
            documents = [self._make_sparse(document) for document in built]
            if self._is_final(collection, index, documents, until):
                self._cache[collection, index] = documents
        return [document for document in documents if document.is_visible(until)]

    def _is_final(
        self, collection: str, index: int, documents: list[StoredDocument], until: datetime
    ) -> bool:
        """Return whether a day's documents can neither change nor become more."""
        is_complete = collection.startswith("daily_") or until > self._model.calendar.instant(
            index + 2
        )
        return (
            bool(documents)
            and is_complete
            and all(
                document.final_from <= until and not document.deleted_at for document in documents
            )
        )

    def _make_sparse(self, document: StoredDocument) -> StoredDocument:
        """Leave empty fields out of some documents of sparse people and add a field to others."""
        if not self._model.traits.sparse:
            return document
        draw = int(document.id[:2], 16)
        data = document.data
        if draw % 3 == 0:
            data = {
                name: value
                for name, value in data.items()
                if value is not None or name in _NEVER_LEFT_OUT
            }
        if draw % 4 == 0:
            data = {**data, "measure_of_tomorrow": {"value": 1.5, "unit": "?"}}
        return replace(document, data=data)

    def rings(self, until: datetime) -> list[StoredDocument]:
        """Return ``ring_configuration``: every ring set up until an instant."""
        documents = []
        for ring, set_up_at in self._model.rings.set_ups():
            ring_id = stable_uuid(self._model.traits.seed, "ring", ring.set_up_days_ago)
            data: dict[str, object] = {
                "id": ring_id,
                "color": ring.color,
                "design": ring.design,
                "firmware_version": ring.firmware_version,
                "hardware_type": ring.hardware_type,
                "set_up_at": f"{set_up_at.astimezone(UTC).replace(tzinfo=None).isoformat()}Z",
                "size": ring.size,
            }
            document = StoredDocument(ring_id, set_up_at, set_up_at, set_up_at, data)
            documents.append(self._make_sparse(document))
        return [document for document in documents if document.is_visible(until)]
