"""A simulated person as an Oura cloud: answers ``/v2/usercollection/*`` with JSON documents.

``OuraDocuments(person).respond(path, query)`` is a plain function of its arguments;
``application(people)`` serves several people as an ASGI app, each under their name as the bearer
token. Dates mean 00:00 UTC and both ends are included, compared with each collection's key instant
as the reference page says; without dates everything is answered. The zone is fixed.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from functools import cached_property, partial
from typing import Any
from urllib.parse import parse_qsl

from benchmarks.second_population import day_documents, metrics, night_documents
from benchmarks.second_population.night_documents import Document, Reader, midnight_utc
from benchmarks.second_population.truth import Person

PREFIX = "/v2/usercollection/"
EMPTY = (
    "daily_cardiovascular_age",
    "daily_resilience",
    "heartrate",
    "rest_mode_period",
    "ring_battery_level",
    "session",
    "sleep_time",
    "tag",
    "vO2_max",
    "workout",
)
# Which metric must be there for a document to exist.
RECORDED_BY = {
    "sleep": metrics.SLEEP,
    "daily_sleep": metrics.SLEEP_SCORE,
    "daily_readiness": metrics.READINESS_SCORE,
    "daily_activity": metrics.STEPS,
    "daily_stress": metrics.STRESS,
    "daily_spo2": metrics.SPO2,
}
BUILDERS: dict[str, Callable[[Reader, int], Document]] = {
    "sleep": night_documents.sleep,
    "daily_sleep": night_documents.daily_sleep,
    "daily_readiness": night_documents.daily_readiness,
    "daily_activity": day_documents.daily_activity,
    "daily_stress": day_documents.daily_stress,
    "daily_spo2": night_documents.daily_spo2,
}
ALWAYS_GIVEN = {"sleep": {"bedtime_start"}}
WITHOUT_FIELDS = {"enhanced_tag"}

Build = Callable[[], Document]
Answer = tuple[int, Document]
Scope = Mapping[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]
NOT_FOUND: Answer = (404, {"detail": "Not Found"})


class BadDateError(ValueError):
    """A date of a request that cannot be read, or a range that ends before it begins."""

    def __init__(self, parameter: str, value: str, reason: str) -> None:
        super().__init__(reason)
        self.parameter, self.value = parameter, value

    def answer(self) -> Answer:
        """The answer that names the parameter."""
        error = {
            "type": "datetime_from_date_parsing",
            "loc": ["query", self.parameter],
            "msg": str(self),
            "input": self.value,
        }
        return 422, {"detail": [error]}


def read_instant(query: Mapping[str, str], parameter: str) -> datetime | None:
    """Reads a date as its midnight in UTC, or a date-time as it is; None where it is not given."""
    text = query.get(parameter)
    if text is None:
        return None
    try:
        if len(text) == len("2026-01-01"):
            return midnight_utc(date.fromisoformat(text))
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        reason = "Input should be a valid datetime or date"
        raise BadDateError(parameter, text, reason) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def selected(collection: str, document: Document, fields: str | None) -> Document:
    """Keeps the asked fields and the ones always given; all of them where no name is known."""
    asked = {name for name in (fields or "").split(",") if name in document}
    if not asked or collection in WITHOUT_FIELDS:
        return document
    asked |= ALWAYS_GIVEN.get(collection, {"id", "timestamp"})
    return {name: value for name, value in document.items() if name in asked}


class OuraDocuments:
    """Answers requests about one person. ``page_size`` is in documents; None is one page."""

    def __init__(
        self, person: Person, *, utc_offset_min: int = 0, page_size: int | None = None
    ) -> None:
        self.person = person
        self.page_size = page_size
        self._reader = Reader(person, utc_offset_min)

    def respond(self, path: str, query: Mapping[str, str]) -> Answer:
        """Answers a path and its query with a status and a body."""
        if not path.startswith(PREFIX):
            return NOT_FOUND
        collection, _, document_id = path.removeprefix(PREFIX).partition("/")
        if collection == "personal_info":
            return 200, {"id": self.person.name}
        if collection not in self._entries:
            return NOT_FOUND
        if document_id:
            return self._single(collection, document_id)
        try:
            return self._list(collection, query)
        except BadDateError as error:
            return error.answer()

    @cached_property
    def _entries(self) -> dict[str, list[tuple[datetime, Build]]]:
        entries: dict[str, list[tuple[datetime, Build]]] = {name: [] for name in EMPTY}
        for collection, build in BUILDERS.items():
            entries[collection] = [
                (self._key(collection, night), partial(build, self._reader, night))
                for night, value in enumerate(self.person.nights[RECORDED_BY[collection]])
                if value is not None
            ]
        entries["enhanced_tag"] = sorted(self._tags(), key=lambda entry: entry[0])
        entries["ring_configuration"] = [
            (datetime.fromisoformat(ring["set_up_at"]), partial(dict, ring))
            for ring in day_documents.ring_configurations(self._reader)
        ]
        return entries

    def _key(self, collection: str, night: int) -> datetime:
        if collection == "daily_activity":
            return self._reader.local(night, day_documents.DAY_BEGINS_MIN)
        if collection == "sleep":
            return night_documents.bedtime(self._reader, night)
        return midnight_utc(self._reader.day(night))

    def _tags(self) -> Iterable[tuple[datetime, Build]]:
        for tag in self.person.truth.tags:
            for place in range(len(tag.days)):
                yield (
                    day_documents.tag_time(self._reader, tag, place),
                    partial(day_documents.enhanced_tag, self._reader, tag, place),
                )

    def _single(self, collection: str, document_id: str) -> Answer:
        for _, build in self._entries[collection]:
            document = build()
            if document["id"] == document_id:
                return 200, document
        return 404, {"detail": "Document not found."}

    def _list(self, collection: str, query: Mapping[str, str]) -> Answer:
        start, end = read_instant(query, "start_date"), read_instant(query, "end_date")
        if start and end and start > end:
            raise BadDateError("start_date", query["start_date"], "Start date is after end date")
        if collection == "ring_configuration":
            start = end = None
        builds = [
            build
            for key, build in self._entries[collection]
            if (start is None or key >= start) and (end is None or key <= end)
        ]
        begin = int(token) if (token := query.get("next_token", "")).isdigit() else 0
        stop = len(builds) if self.page_size is None else begin + self.page_size
        data = [selected(collection, build(), query.get("fields")) for build in builds[begin:stop]]
        return 200, {"data": data, "next_token": str(stop) if stop < len(builds) else None}


def application(
    people: Iterable[Person], *, utc_offset_min: int = 0, page_size: int | None = None
) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """Makes an ASGI app that answers GET requests; the bearer token is the person's name."""
    served = {
        person.name: OuraDocuments(person, utc_offset_min=utc_offset_min, page_size=page_size)
        for person in people
    }

    def answer(scope: Scope) -> Answer:
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        token = headers.get("authorization", "").removeprefix("Bearer ")
        if token not in served:
            return 401, {"detail": "No person has this token: send a person's name as the bearer."}
        if scope["method"] != "GET":
            return 405, {"detail": "Method Not Allowed"}
        query = dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True))
        return served[token].respond(scope["path"], query)

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise ValueError("this app answers HTTP requests only: start it with lifespan off")
        status, body = answer(scope)
        content = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": content})
        await send({"type": "http.response.body", "body": json.dumps(body).encode()})

    return app
