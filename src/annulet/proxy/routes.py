"""The routes and the parameters of each, from the table of collections."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from annulet.contract.collections import BASE_PATH, COLLECTIONS, AnyCollection, Query, Single
from annulet.proxy.request_refused import RequestRefused

SANDBOX_PATH: Final = "/v2/sandbox/usercollection"
_DOCUMENT_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,80}\Z")
_MAX_QUERY_BYTES: Final = 4096
# Oura also reads a bare number as a Unix time. A day that annulet and Oura read differently would
# bypass the range of a capability.
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d\Z")
_INSTANT: Final = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?\Z",
)
_VALUES: Final = {
    "fields": re.compile(r"[A-Za-z0-9_,]{1,1000}\Z"),
    "latest": re.compile(r"(?i:true|false|1|0)\Z"),
    "next_token": re.compile(r"[\x21-\x7e]{1,2000}\Z"),
}


@dataclass(frozen=True, slots=True)
class Route:
    """One route of Oura's.

    Attributes:
        collection: What is read.
        document_id: The one document asked for, or empty for a range.
        sandbox: Whether Oura's made-up data is read in the place of the person's.
    """

    collection: AnyCollection
    document_id: str = ""
    sandbox: bool = False

    @property
    def path(self) -> str:
        """The path at Oura."""
        single = f"/{self.document_id}" if self.document_id else ""
        return f"{SANDBOX_PATH if self.sandbox else BASE_PATH}/{self.collection.name}{single}"

    @property
    def template(self) -> str:
        """The path without the id of a document, for the journal."""
        single = "/{document_id}" if self.document_id else ""
        return f"{SANDBOX_PATH if self.sandbox else BASE_PATH}/{self.collection.name}{single}"

    @property
    def parameters(self) -> tuple[str, ...]:
        """The query parameters the route knows."""
        if self.document_id:
            return ()
        if self.sandbox:
            names = self.collection.parameters
            return tuple(name for name in names if name not in {"fields", "latest"})
        return self.collection.parameters


@dataclass(frozen=True, slots=True)
class Parameters:
    """A checked query.

    Attributes:
        values: Names and decoded values, each name once.
        start: The first day asked for, where one is given.
        end: The last day asked for, where one is given.
    """

    values: tuple[tuple[str, str], ...] = ()
    start: date | None = None
    end: date | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names, for the journal."""
        return tuple(name for name, _ in self.values)

    @property
    def encoded(self) -> str:
        """The query for Oura: the checked parameters, encoded again."""
        return "&".join(f"{name}={quote(value, safe='')}" for name, value in self.values)

    def has(self, name: str) -> bool:
        """Whether a parameter is given."""
        return name in self.names


def find_route(path: bytes) -> Route:
    """Find the route of a raw path, whose characters are checked already.

    Raises:
        RequestRefused: No collection has this path.
    """
    text = path.decode("ascii")
    for base, sandbox in ((BASE_PATH, False), (SANDBOX_PATH, True)):
        name, slash, document_id = text.removeprefix(f"{base}/").partition("/")
        collection = COLLECTIONS.get(name) if text.startswith(f"{base}/") else None
        if collection is None or (sandbox and name == "personal_info"):
            continue
        if not slash:
            return Route(collection, sandbox=sandbox)
        if collection.single is Single.BY_ID and _DOCUMENT_ID.match(document_id):
            return Route(collection, document_id, sandbox)
    raise RequestRefused(
        404,
        "not_found",
        "No collection of Oura's has this path.",
        hint=f"Use {BASE_PATH}/NAME with a name such as daily_sleep; capitals matter (vO2_max).",
    )


def read_query(route: Route, query: bytes) -> Parameters:
    """Parse a query; each parameter must be known to the route, well-formed and given once.

    A plus sign stands for itself: an instant is the only value here that has one.

    Raises:
        RequestRefused: The query holds anything else.
    """
    if not query:
        return Parameters()
    values: dict[str, str] = {}
    if len(query) <= _MAX_QUERY_BYTES:
        for pair in query.split(b"&"):
            name, value = _read_pair(route, pair)
            if name in values:
                raise _bad("A query parameter appears more than once.")
            values[name] = value
    else:
        raise _bad("The query is too long.")
    start, end = _days(route.collection.query, values)
    if start and end and end < start:
        raise _bad("The range ends before it begins.")
    return Parameters(tuple(values.items()), start, end)


def _read_pair(route: Route, pair: bytes) -> tuple[str, str]:
    raw_name, equals, raw_value = pair.partition(b"=")
    name = raw_name.decode("ascii", "replace")
    if not equals or name not in route.parameters:
        known = ", ".join(route.parameters) or "none"
        raise _bad("This route does not know a parameter of the query.", f"It knows: {known}.")
    try:
        value = unquote_to_bytes(raw_value).decode("ascii")
    except UnicodeDecodeError:
        raise _bad("A value of the query is not plain text.") from None
    pattern = _VALUES.get(name)
    well_formed = pattern.match(value) if pattern else _DAY.match(value) or _INSTANT.match(value)
    if not well_formed:
        raise _bad("A value of the query is malformed.", _FORM.get(name, _FORM["start_date"]))
    return name, value


_FORM: Final = {
    "fields": "Write the names of fields with commas between them.",
    "latest": "Write true or false.",
    "next_token": "Send the next_token of the page before, unchanged.",
    "start_date": "Write a day as 2026-05-31, or an instant as 2026-05-31T22:00:00Z.",
}


def _days(query: Query, values: dict[str, str]) -> tuple[date | None, date | None]:
    if not query.parameters:
        return None, None
    start, end = (values.get(name) for name in query.parameters)
    return _day(start), _day(end)


def _day(value: str | None) -> date | None:
    if value is None:
        return None
    try:
        return datetime.fromisoformat(value).date()
    except ValueError:
        raise _bad("A day of the query is not in the calendar.", _FORM["start_date"]) from None


def _bad(message: str, hint: str = "Correct the query and send it again.") -> RequestRefused:
    return RequestRefused(400, "bad_input", message, hint=hint)
