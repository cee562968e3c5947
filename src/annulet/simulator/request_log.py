"""The log of every request that the simulated cloud received."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Final

from starlette.requests import Request

from annulet.simulator.faults import Fault

SCOPE_KEY: Final = "annulet.request"


def fingerprint(token: str) -> str:
    """Return a short hash that identifies a token and does not reveal it."""
    return hashlib.sha256(token.encode()).hexdigest()[:12]


@dataclass(slots=True)
class LoggedRequest:
    """One request.

    ``token`` is the fingerprint of the bearer; ``grant_type`` and ``outcome`` are set by the
    OAuth endpoints (``issued``, ``refreshed``, ``reused``, ``revoked``, or the OAuth error);
    ``fault`` names the kinds in ``faults``; ``began`` and ``ended`` are seconds of a monotonic
    clock.
    """

    at: datetime
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str] = field(repr=False)
    person: str | None = None
    token: str | None = None
    client_id: str | None = None
    grant_type: str | None = None
    outcome: str | None = None
    status: int | None = None
    size: int = 0
    fault: str | None = None
    began: float = 0.0
    ended: float = 0.0
    faults: list[Fault] = field(default_factory=list, repr=False)

    def as_dict(self) -> dict[str, object]:
        """Return the request for JSON, without headers."""
        data = {**asdict(self), "at": self.at.isoformat()}
        del data["headers"], data["faults"]
        return data

    @staticmethod
    def of(request: Request) -> LoggedRequest:
        """Return the log entry of the request being answered."""
        logged: LoggedRequest = request.scope[SCOPE_KEY]
        return logged


class RequestLog:
    """The requests in order of arrival."""

    def __init__(self) -> None:
        self._requests: list[LoggedRequest] = []

    def __iter__(self) -> Iterator[LoggedRequest]:
        return iter(list(self._requests))

    def __len__(self) -> int:
        return len(self._requests)

    def __getitem__(self, position: int) -> LoggedRequest:
        return self._requests[position]

    def add(self, request: LoggedRequest) -> None:
        """Log a request."""
        self._requests.append(request)

    def clear(self) -> None:
        """Remove every request."""
        self._requests.clear()

    def matching(self, path_part: str = "", **attributes: object) -> list[LoggedRequest]:
        """Return the requests with a path that contains the part and with these attributes."""
        return [
            request
            for request in self
            if path_part in request.path
            and all(getattr(request, name) == value for name, value in attributes.items())
        ]

    def count(self, path_part: str = "", **attributes: object) -> int:
        """Return the number of requests that match."""
        return len(self.matching(path_part, **attributes))

    @property
    def round_trips(self) -> int:
        """The number of responses awaited one after another: parallel requests count once."""
        trips, free_at = 0, float("-inf")
        for request in sorted(self, key=lambda request: request.ended):
            if request.began >= free_at:
                trips, free_at = trips + 1, request.ended
        return trips
