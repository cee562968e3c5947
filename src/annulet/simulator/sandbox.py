"""Oura's own sandbox: a generator with habits of its own, never a model for day logic.

It leaves out the last day of a range, never pages, ignores ``fields`` and ``latest``, and takes
any non-empty Authorization value.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from annulet.contract.collections import COLLECTIONS, AnyCollection, Query, Single
from annulet.simulator.instants import instant_failures, read_instant
from annulet.simulator.replies import Refused, json_reply, refusal
from annulet.simulator.state import State
from annulet.simulator.world.person import Person
from annulet.simulator.world.traits import Traits

__all__ = ["Sandbox"]

_BASE: Final = "/v2/sandbox/usercollection"
_FIXED_DAY: Final = "2021-01-01"
_FIXED: Final = "2021-01-01T00:00:00.000+00:00"
_FROZEN: Final = ("daily_cardiovascular_age", "vO2_max")
_TEMPLATES: Final = 300
_SETTLED: Final = datetime(2024, 1, 1, tzinfo=UTC)
_ROW_SECONDS: Final = 300


class Sandbox:
    """Answers ``/v2/sandbox/usercollection``."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._model = Person("sandbox", Traits(seed=5, days=_TEMPLATES + 60), lambda: _SETTLED)

    @property
    def routes(self) -> list[Route]:
        """The routes of all collections but the profile."""
        return [
            Route(f"{_BASE}/{{name}}", self.many),
            Route(f"{_BASE}/{{name}}/{{document_id}}", self.single),
        ]

    async def many(self, request: Request) -> Response:
        """A list."""
        try:
            collection = self._admit(request)
            return json_reply(self._list(request, collection))
        except Refused as error:
            return refusal(error, problem=False)

    async def single(self, request: Request) -> Response:
        """One document: a failure for its own ids, 404 for all others."""
        try:
            return self._single(request, self._admit(request))
        except Refused as error:
            return refusal(error, problem=False)

    @staticmethod
    def _single(request: Request, collection: AnyCollection) -> Response:
        if collection.single is Single.NEVER:
            raise Refused(404, "Not Found")
        if request.path_params["document_id"].startswith(f"{collection.name}-"):
            return Response(b"Internal Server Error", 500, media_type="text/plain")
        raise Refused(404, "Invalid sandbox document ID format.")

    def _admit(self, request: Request) -> AnyCollection:
        collection = COLLECTIONS.get(request.path_params["name"])
        if collection is None or not collection.paged:
            raise Refused(404, "Not Found")
        token = request.headers.get("authorization", "").strip()
        if not token:
            raise Refused(400, "Missing auth token. Include any string in 'Authorization' header.")
        self._state.limits.spend(token, "sandbox")
        return collection

    def _list(self, request: Request, collection: AnyCollection) -> dict[str, Any]:
        bounds = []
        for name in collection.query.parameters:
            text = request.query_params.get(name)
            try:
                bounds.append(None if text is None else read_instant(text))
            except ValueError:
                union = collection.query is Query.DAY
                raise Refused(422, instant_failures(name, text or "", union=union)) from None
        end = bounds[1] if len(bounds) > 1 and bounds[1] else self._state.clock()
        start = bounds[0] if bounds and bounds[0] else end - timedelta(days=1)
        if collection.query is Query.DATETIME:
            data = _rows(collection.name, start, end)
        elif collection.query is Query.NONE:
            data = [self._model.rings()[0].data]
        else:
            days = max(0, (end.date() - start.date()).days)
            data = [
                item
                for number in range(min(days, 3660))
                for item in self._document(collection.name, number, start.date())
            ]
        return {"data": data, "next_token": None}

    def _document(self, name: str, number: int, first: date) -> list[dict[str, Any]]:
        """The documents of one day: those of a model day, moved and renamed."""
        day = first + timedelta(days=number)
        index = 40 + day.toordinal() % _TEMPLATES
        found = self._model.records.of_day(name, index, _SETTLED)[:1]
        shift = day - self._model.life.places.day(index)
        return [
            self._habits(name, number, day, _moved(item.data, shift))  # type: ignore[arg-type] # JSON stays JSON
            for item in found
        ]

    def _habits(self, name: str, number: int, day: date, data: dict[str, Any]) -> dict[str, Any]:
        data["id"] = f"{name}-{number}-{day.year}-{day.month}-{day.day}"
        if "timestamp" in data:
            data["timestamp"] = f"{day.isoformat()}T00:00:00.000+00:00"
        if name in _FROZEN:
            data["day"] = _FIXED_DAY
        for key, value in data.items():
            if isinstance(value, dict) and "items" in value:
                items = (list(value["items"]) * 10)[:10]
                data[key] = {"interval": 60.0, "items": items, "timestamp": _FIXED}
        return data


def _moved(value: object, shift: timedelta) -> object:
    """A value with every date in it moved by some days."""
    if callable(value):
        return _moved(value(), shift)
    if isinstance(value, dict):
        return {key: _moved(part, shift) for key, part in value.items()}
    if isinstance(value, str) and len(value) >= 10:
        try:
            return (date.fromisoformat(value[:10]) + shift).isoformat() + value[10:]
        except (ValueError, OverflowError):
            return value
    return value


def _rows(name: str, start: datetime, end: datetime) -> list[dict[str, Any]]:
    rows = []
    count = int(min(end - start, timedelta(days=31)).total_seconds() // _ROW_SECONDS)
    for k in range(count):
        at = start + timedelta(seconds=k * _ROW_SECONDS)
        row: dict[str, Any] = {"timestamp": at.isoformat(timespec="milliseconds")}
        if name == "heartrate":
            row |= {"timestamp_unix": round(at.timestamp() * 1000)}
            row |= {"bpm": 60 + k % 30, "source": "awake"}
        else:
            row |= {"producer_timestamp": row["timestamp"], "level": 100 - k % 80}
            row |= {"charging": False, "in_charger": False}
        rows.append(row)
    return rows
