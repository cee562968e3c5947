"""The data API: lists, single documents and time series of all collections."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from annulet.contract.collections import BASE_PATH, COLLECTIONS, AnyCollection, Query, Single
from annulet.simulator.api.page_envelope import (
    ListQuery,
    decode_next_token,
    encode_next_token,
    list_envelope,
    select_fields,
)
from annulet.simulator.api.query_parameters import parse_list_parameters
from annulet.simulator.api.rate_limits import RateLimits
from annulet.simulator.api.time_series import latest_row, read_rows
from annulet.simulator.faults import Fault
from annulet.simulator.oauth.authorization_server import AuthorizationServer
from annulet.simulator.oauth.token_store import AccessToken
from annulet.simulator.request_log import LoggedRequest
from annulet.simulator.responses import ApiError, json_response, route
from annulet.simulator.world.person import Person

_WIDEST_RANGE: Final = timedelta(days=30)
_PERSONAL_FIELDS: Final = ("age", "weight", "height", "biological_sex")


class Usercollection:
    """Answers ``/v2/usercollection``."""

    def __init__(self, server: AuthorizationServer, limits: RateLimits) -> None:
        self._server = server
        self._options = server.options
        self._limits = limits

    def routes(self) -> list[Route]:
        """Return the routes of all collections."""
        return [
            route(f"{BASE_PATH}/{{name}}", self._answer_list, self._options),
            route(
                f"{BASE_PATH}/{{name}}/{{document_id}}",
                self._answer_document,
                self._options,
            ),
        ]

    async def _answer_list(self, request: Request) -> Response:
        """Answer with a page of documents or rows, or with the profile."""
        collection = COLLECTIONS.get(request.path_params["name"])
        if collection is None:
            raise ApiError(404, "Not Found")
        access, person = self._authorize(request, collection)
        if not collection.paged:
            return json_response(self._profile(access, person))
        query = self._read_query(request, collection)
        rows, has_more = self._read_page(request, collection, person, query)
        token = None
        if has_more:
            token = encode_next_token(collection.name, query, query.offset + len(rows))
        if not query.latest and _find_fault(request, "repeat_token"):
            token = request.query_params.get("next_token") or token or "AAAA"
        data = [select_fields(collection, row, query.fields) for row in rows]
        is_series = collection.query is Query.DATETIME
        return json_response(list_envelope(data, token, self._options, is_series=is_series))

    async def _answer_document(self, request: Request) -> Response:
        """Answer with one document by its id."""
        collection = COLLECTIONS.get(request.path_params["name"])
        if collection is None or collection.single is Single.NEVER:
            raise ApiError(404, "Not Found")
        _, person = self._authorize(request, collection)
        document = person.document(collection.name, request.path_params["document_id"])
        if document is None:
            raise ApiError(404, "Document not found.")
        return json_response(select_fields(collection, document.data, ""))

    def _authorize(self, request: Request, collection: AnyCollection) -> tuple[AccessToken, Person]:
        """Check token, rate limits, membership and scope, in this order."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        is_bearer = scheme.lower() == "bearer"
        access = self._server.tokens.find_valid(token.strip()) if is_bearer else None
        if access is None:
            raise ApiError(401, "Access token is missing, malformed, expired or revoked.")
        self._limits.count_request(access.value, access.grant.application.client_id)
        person = self._server.people[access.grant.person]
        if not person.member:
            raise ApiError(403, "The membership of this user is not active.")
        required = [collection.scope] if collection.scope else []
        if collection.name == "daily_stress" and self._options.stress_needs_scope:
            required.append("stress")
        for scope in required:
            if scope not in access.grant.scopes:
                raise ApiError(401, f"Token is not authorized access {scope} scope.")
        return access, person

    def _profile(self, access: AccessToken, person: Person) -> dict[str, object]:
        info = person.info()
        hidden = [] if "personal" in access.grant.scopes else [*_PERSONAL_FIELDS]
        if "email" not in access.grant.scopes:
            hidden.append("email")
        for name in hidden:
            if self._options.absent_profile:
                del info[name]
            else:
                info[name] = None
        return info

    def _read_query(self, request: Request, collection: AnyCollection) -> ListQuery:
        """Return bounds, page, fields and ``latest`` of a list request.

        Raises:
            ApiError: A parameter cannot be parsed, or the end is before the start (422).
        """
        parameters = request.query_params
        start, end, latest = parse_list_parameters(
            collection.query, parameters, has_latest=collection.latest
        )
        token = parameters.get("next_token")
        if token:
            return decode_next_token(token, collection.name)
        start, end = self._default_bounds(collection, start, end)
        if start > end:
            raise ApiError(422, [_reversed_range_error(collection, parameters)])
        fields = parameters.get("fields", "")
        if fields and collection.day and self._options.day_always:
            fields += f",{collection.day}"
        return ListQuery(start, end, fields=fields, latest=latest)

    def _default_bounds(
        self, collection: AnyCollection, start: datetime | None, end: datetime | None
    ) -> tuple[datetime, datetime]:
        """Fill missing bounds: the last 24 hours, of daily collections yesterday and today."""
        if end is None:
            end = self._server.clock()
        if start is None:
            start = end - timedelta(days=1)
            if collection.query is Query.DAY:
                start = start.replace(hour=0, minute=0, second=0, microsecond=0)
        return start, end

    def _read_page(
        self, request: Request, collection: AnyCollection, person: Person, query: ListQuery
    ) -> tuple[list[Mapping[str, object]], bool]:
        """Return one page of documents or rows, and whether there are more."""
        name = collection.name
        fault = _find_fault(request, "pages")
        page_size = int(fault.value or 1) if fault else None
        if query.latest:
            return latest_row(person, name, self._server.clock(), self._options), False
        if collection.query is Query.DATETIME:
            is_wide = query.end - query.start > _WIDEST_RANGE
            if self._options.refuse_wide_heartrate and is_wide:
                raise ApiError(400, "The requested time range must not exceed 30 days.")
            page_size = page_size or self._options.series_page_size
            return read_rows(person, name, query, page_size, self._options)
        is_ring = collection.query is Query.NONE
        documents = person.rings() if is_ring else person.documents(name, query.start, query.end)
        page_size = page_size or self._options.page_size or max(1, len(documents))
        end = query.offset + page_size
        return [document.data for document in documents[query.offset : end]], end < len(documents)


def _find_fault(request: Request, kind: str) -> Fault | None:
    """Return the fault of a kind that the request has met."""
    faults = LoggedRequest.of(request).faults
    return next((fault for fault in faults if fault.kind == kind), None)


def _reversed_range_error(
    collection: AnyCollection, parameters: Mapping[str, str]
) -> dict[str, object]:
    start, end = collection.query.parameters
    return {
        "type": "value_error",
        "loc": ["query", end],
        "msg": f"Value error, {end} must not be before {start}",
        "input": parameters.get(end),
    }
