"""The data API: lists and single documents of all collections."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from annulet.contract.collections import BASE_PATH, COLLECTIONS, AnyCollection, Query, Single
from annulet.simulator.instants import bool_failure, instant_failures, read_bool, read_instant
from annulet.simulator.page_envelope import Question, envelope, read_page, selected, token_for
from annulet.simulator.replies import Refused, json_reply, refusal
from annulet.simulator.series import latest_row, series_rows
from annulet.simulator.state import State
from annulet.simulator.tokens import Access
from annulet.simulator.world.person import Person

__all__ = ["Usercollection"]

_WIDEST: Final = timedelta(days=30)
_PROFILE: Final = ("age", "weight", "height", "biological_sex")


class Usercollection:
    """Answers ``/v2/usercollection``."""

    def __init__(self, state: State) -> None:
        self._state = state

    @property
    def routes(self) -> list[Route]:
        """The routes of all collections."""
        return [
            Route(f"{BASE_PATH}/{{name}}", self.many),
            Route(f"{BASE_PATH}/{{name}}/{{document_id}}", self.single),
        ]

    async def many(self, request: Request) -> Response:
        """A list, a series or the profile."""
        try:
            return json_reply(self._list(request))
        except Refused as error:
            return refusal(error, problem=self._state.options.problem_bodies)

    async def single(self, request: Request) -> Response:
        """One document by its id."""
        try:
            return json_reply(self._single(request))
        except Refused as error:
            return refusal(error, problem=self._state.options.problem_bodies)

    def _collection(self, request: Request, *, single: bool = False) -> AnyCollection:
        collection = COLLECTIONS.get(request.path_params["name"])
        if collection is None or (single and collection.single is Single.NEVER):
            raise Refused(404, "Not Found")
        return collection

    def _admit(self, request: Request, collection: AnyCollection) -> tuple[Access, Person]:
        """Check token, budget, membership and permission, in this order."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        access = self._state.tokens.valid(token.strip()) if scheme.lower() == "bearer" else None
        if access is None:
            raise Refused(401, "Access token is missing, malformed, expired or revoked.")
        self._state.limits.spend(access.value, access.grant.application.client_id)
        person = self._state.people[access.grant.person]
        if not person.member:
            raise Refused(403, "The membership of this user is not active.")
        needed = [collection.scope] if collection.scope else []
        if collection.name == "daily_stress" and self._state.options.stress_needs_scope:
            needed.append("stress")
        for scope in needed:
            if scope not in access.grant.scopes:
                raise Refused(401, f"Token is not authorized access {scope} scope.")
        return access, person

    def _list(self, request: Request) -> dict[str, Any]:
        collection = self._collection(request)
        access, person = self._admit(request, collection)
        if not collection.paged:
            return self._info(access, person)
        question = self._question(request, collection)
        if collection.latest and question.latest:
            return self._latest(collection, person, question.fields)
        if collection.query is Query.DATETIME:
            return self._series(request, collection, person, question)
        return self._documents(request, collection, person, question)

    def _single(self, request: Request) -> dict[str, Any]:
        collection = self._collection(request, single=True)
        _, person = self._admit(request, collection)
        found = person.document(collection.name, request.path_params["document_id"])
        if found is None:
            raise Refused(404, "Document not found.")
        return selected(collection, found.data, "")

    def _info(self, access: Access, person: Person) -> dict[str, Any]:
        info = person.info()
        hidden = [name for name in _PROFILE if "personal" not in access.grant.scopes]
        if "email" not in access.grant.scopes:
            hidden.append("email")
        for name in hidden:
            if self._state.options.absent_profile:
                del info[name]
            else:
                info[name] = None
        return info

    def _question(self, request: Request, collection: AnyCollection) -> Question:
        """What is asked: bounds, page, fields, newest only.

        Raises:
            Refused: A parameter cannot be read, or the range is upside down.
        """
        query = request.query_params
        failures: list[dict[str, Any]] = []
        bounds: list[datetime | None] = []
        for name in collection.query.parameters:
            text = query.get(name)
            try:
                bounds.append(None if text is None else read_instant(text))
            except ValueError:
                union = collection.query is Query.DAY
                failures += instant_failures(name, text or "", union=union)
        latest = self._switch(request, failures) if collection.latest else False
        if failures:
            raise Refused(422, failures)
        token = query.get("next_token")
        if token:
            return read_page(token, collection.name)
        start, end = self._bounds(collection, [*bounds, None, None][:2])
        if start > end:
            raise Refused(422, [_upside_down(collection, query)])
        fields = query.get("fields", "")
        if fields and collection.day and self._state.options.day_always:
            fields += f",{collection.day}"
        return Question(start, end, fields=fields, latest=latest)

    @staticmethod
    def _switch(request: Request, failures: list[dict[str, Any]]) -> bool:
        text = request.query_params.get("latest")
        try:
            return text is not None and read_bool(text)
        except ValueError:
            failures.append(bool_failure("latest", text or ""))
            return False

    def _bounds(
        self, collection: AnyCollection, bounds: list[datetime | None]
    ) -> tuple[datetime, datetime]:
        """The bounds; where they are not given, the last 24 hours, or yesterday and today."""
        start, end = bounds
        now = self._state.clock()
        if end is None:
            end = now
        if start is None:
            start = end - timedelta(days=1)
            if collection.query is Query.DAY:
                start = start.replace(hour=0, minute=0, second=0, microsecond=0)
        return start, end

    def _documents(
        self, request: Request, collection: AnyCollection, person: Person, question: Question
    ) -> dict[str, Any]:
        if collection.name == "ring_configuration":
            found = person.rings()
        else:
            found = person.documents(collection.name, question.start, question.end)
        size = _page_size(request) or self._state.options.page_size or max(1, len(found))
        offset = question.offset
        data = [
            selected(collection, item.data, question.fields)
            for item in found[offset : offset + size]
        ]
        token = None
        if offset + size < len(found):
            token = token_for(collection.name, question, offset + size)
        return self._enveloped(request, data, token, series=False)

    def _series(
        self, request: Request, collection: AnyCollection, person: Person, question: Question
    ) -> dict[str, Any]:
        wide = question.end - question.start > _WIDEST
        if self._state.options.refuse_wide_heartrate and wide:
            raise Refused(400, "The requested time range must not exceed 30 days.")
        size = _page_size(request) or self._state.options.series_page_size
        rows, more = series_rows(person, collection.name, question, size, self._state.options)
        data = [selected(collection, row, question.fields) for row in rows]
        token = token_for(collection.name, question, question.offset + size) if more else None
        return self._enveloped(request, data, token, series=True)

    def _latest(self, collection: AnyCollection, person: Person, fields: str) -> dict[str, Any]:
        row = latest_row(person, collection.name, self._state.clock(), self._state.options)
        data = [] if row is None else [selected(collection, row, fields)]
        return envelope(data, None, self._state.options, series=True)

    def _enveloped(
        self, request: Request, data: list[dict[str, Any]], token: str | None, *, series: bool
    ) -> dict[str, Any]:
        if any(fault.kind == "repeat_token" for fault in request.scope["annulet.faults"]):
            token = request.query_params.get("next_token") or token or "AAAA"
        return envelope(data, token, self._state.options, series=series)


def _page_size(request: Request) -> int | None:
    for fault in request.scope["annulet.faults"]:
        if fault.kind == "pages":
            return int(fault.value or 1)
    return None


def _upside_down(collection: AnyCollection, query: Any) -> dict[str, Any]:
    start, end = collection.query.parameters
    return {
        "type": "value_error",
        "loc": ["query", end],
        "msg": f"Value error, {end} must not be before {start}",
        "input": query.get(end),
    }
