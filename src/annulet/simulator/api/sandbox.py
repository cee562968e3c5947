"""Oura's own sandbox, with its peculiarities; not a model for how days are decided.

It leaves out the last day of a range, never pages, ignores ``fields`` and ``latest``, and takes
any non-empty Authorization value.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from annulet.contract.collections import COLLECTIONS, AnyCollection, Query, Single
from annulet.simulator.api.page_envelope import select_fields
from annulet.simulator.api.query_parameters import parse_list_parameters
from annulet.simulator.api.rate_limits import RateLimits
from annulet.simulator.clock import Clock
from annulet.simulator.responses import ApiError, json_response, route
from annulet.simulator.world.person import Person
from annulet.simulator.world.traits import Traits

_BASE_PATH: Final = "/v2/sandbox/usercollection"
_FIXED_DAY: Final = "2021-01-01"
_FIXED_TIMESTAMP: Final = "2021-01-01T00:00:00.000+00:00"
_FIXED_DAY_COLLECTIONS: Final = ("daily_cardiovascular_age", "vO2_max")
_TEMPLATE_DAYS: Final = 300
_MOST_DAYS: Final = 3660
_NOW: Final = datetime(2024, 1, 1, tzinfo=UTC)
_ROW_INTERVAL_S: Final = 300


class Sandbox:
    """Answers ``/v2/sandbox/usercollection``."""

    def __init__(self, clock: Clock, limits: RateLimits) -> None:
        self._clock = clock
        self._limits = limits
        self._person = Person("sandbox", Traits(seed=5, days=_TEMPLATE_DAYS + 60), lambda: _NOW)

    def routes(self) -> list[Route]:
        """Return the routes of all collections but the profile."""
        return [
            route(f"{_BASE_PATH}/{{name}}", self._answer_list),
            route(f"{_BASE_PATH}/{{name}}/{{document_id}}", self._answer_document),
        ]

    async def _answer_document(self, request: Request) -> Response:
        """Answer with an error: 500 for ids of the sandbox, 404 for all others."""
        collection = self._authorize(request)
        if collection.single is Single.NEVER:
            raise ApiError(404, "Not Found")
        if request.path_params["document_id"].startswith(f"{collection.name}-"):
            return Response(b"Internal Server Error", 500, media_type="text/plain")
        raise ApiError(404, "Invalid sandbox document ID format.")

    def _authorize(self, request: Request) -> AnyCollection:
        collection = COLLECTIONS.get(request.path_params["name"])
        if collection is None or not collection.paged:
            raise ApiError(404, "Not Found")
        token = request.headers.get("authorization", "").strip()
        if not token:
            raise ApiError(400, "Missing auth token. Include any string in 'Authorization' header.")
        self._limits.count_request(token, "sandbox")
        return collection

    async def _answer_list(self, request: Request) -> Response:
        """Answer with a list or a time series."""
        collection = self._authorize(request)
        start, end, _ = parse_list_parameters(
            collection.query, request.query_params, has_latest=False
        )
        end = end or self._clock()
        start = start or end - timedelta(days=1)
        if collection.query is Query.DATETIME:
            data = _rows(collection.name, start, end)
        elif collection.query is Query.NONE:
            data = [self._person.rings()[0].data]
        else:
            days = min(_MOST_DAYS, (end.date() - start.date()).days)
            data = [
                document
                for number in range(days)
                for document in self._documents(collection, number, start.date())
            ]
        return json_response({"data": data, "next_token": None})

    def _documents(
        self, collection: AnyCollection, number: int, first: date
    ) -> list[dict[str, object]]:
        """Return the first document of a template day, moved to the requested day."""
        day = first + timedelta(days=number)
        index = 40 + day.toordinal() % _TEMPLATE_DAYS
        templates = self._person.stored.of_day(collection.name, index, _NOW)[:1]
        shift = day - self._person.model.calendar.day(index)
        return [
            _sandbox_document(
                collection.name,
                number,
                day,
                {
                    name: _move_dates(value, shift)
                    for name, value in select_fields(collection, template.data, "").items()
                },
            )
            for template in templates
        ]


def _sandbox_document(
    collection: str, number: int, day: date, document: dict[str, object]
) -> dict[str, object]:
    """Set id, timestamps and samples as the sandbox does."""
    document["id"] = f"{collection}-{number}-{day.year}-{day.month}-{day.day}"
    if "timestamp" in document:
        document["timestamp"] = f"{day.isoformat()}T00:00:00.000+00:00"
    if collection in _FIXED_DAY_COLLECTIONS:
        document["day"] = _FIXED_DAY
    for name, value in document.items():
        if isinstance(value, dict) and "items" in value:
            samples = (list(value["items"]) * 10)[:10]
            document[name] = {"interval": 60.0, "items": samples, "timestamp": _FIXED_TIMESTAMP}
    return document


def _move_dates(value: object, shift: timedelta) -> object:
    """Return a JSON value with every date in it moved."""
    if isinstance(value, dict):
        return {key: _move_dates(part, shift) for key, part in value.items()}
    if isinstance(value, str) and len(value) >= 10:
        try:
            return (date.fromisoformat(value[:10]) + shift).isoformat() + value[10:]
        except (ValueError, OverflowError):
            return value
    return value


def _rows(collection: str, start: datetime, end: datetime) -> list[dict[str, object]]:
    """Return regular rows of a time series, of 31 days at most."""
    count = int(min(end - start, timedelta(days=31)).total_seconds() // _ROW_INTERVAL_S)
    return [
        _row(collection, k, start + timedelta(seconds=k * _ROW_INTERVAL_S)) for k in range(count)
    ]


def _row(collection: str, number: int, instant: datetime) -> dict[str, object]:
    timestamp = instant.isoformat(timespec="milliseconds")
    if collection == "heartrate":
        return {
            "timestamp": timestamp,
            "timestamp_unix": round(instant.timestamp() * 1000),
            "bpm": 60 + number % 30,
            "source": "awake",
        }
    return {
        "timestamp": timestamp,
        "producer_timestamp": timestamp,
        "level": 100 - number % 80,
        "charging": False,
        "in_charger": False,
    }
