"""The documents of a person, by collection and day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Final

from annulet.simulator.world.daytime_documents import build_activity, build_stress
from annulet.simulator.world.event_documents import (
    build_enhanced_tags,
    build_rest_modes,
    build_sessions,
    build_tags,
    build_workouts,
)
from annulet.simulator.world.odd_documents import make_documents_odd
from annulet.simulator.world.person_model import PersonModel
from annulet.simulator.world.random_streams import stable_uuid
from annulet.simulator.world.score_documents import SCORE_FIELDS, build_score
from annulet.simulator.world.sleep_documents import build_sleeps
from annulet.simulator.world.stored_document import StoredDocument

_Builder = Callable[[PersonModel, int, datetime], Iterator[StoredDocument]]
_BUILDERS: Final[dict[str, _Builder]] = {
    **{collection: partial(build_score, collection) for collection in SCORE_FIELDS},
    "sleep": build_sleeps,
    "daily_activity": build_activity,
    "daily_stress": build_stress,
    "workout": build_workouts,
    "session": build_sessions,
    "enhanced_tag": build_enhanced_tags,
    "tag": build_tags,
    "rest_mode_period": build_rest_modes,
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
        # A clock that was set back makes cached documents change again.
        if documents is None or any(document.final_from > until for document in documents):
            documents = list(_BUILDERS[collection](self._model, index, until))
            if self._model.traits.sparse:
                documents = [_make_sparse(document) for document in documents]
            if self._model.traits.odd:
                documents = make_documents_odd(collection, index, documents)
            if self._is_final(collection, index, documents, until):
                self._cache[collection, index] = documents
        return [document for document in documents if document.is_visible(until)]

    def _is_final(
        self, collection: str, index: int, documents: list[StoredDocument], until: datetime
    ) -> bool:
        """Return whether a day's documents can neither change nor become more."""
        if not documents or any(
            document.deleted_at or document.final_from > until for document in documents
        ):
            return False
        day_is_over = until > self._model.calendar.instant(index + 2)
        return day_is_over or collection.startswith("daily_")

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
            documents.append(_make_sparse(document) if self._model.traits.sparse else document)
        return [document for document in documents if document.is_visible(until)]


def _make_sparse(document: StoredDocument) -> StoredDocument:
    """Leave empty fields out of some documents, and add an unknown field to others."""
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
