"""The log of every request the simulated cloud received."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

__all__ = ["Entry", "Journal"]


@dataclass(slots=True)
class Entry:
    """One request.

    ``token`` is a fingerprint of the bearer, never the token; ``grant_type`` and ``outcome``
    are set by the token endpoints (``issued``, ``refreshed``, ``reused``, ``revoked``, or the
    OAuth error). ``began`` and ``ended`` are real seconds of a monotonic clock.
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

    def as_dict(self) -> dict[str, Any]:
        """The entry for JSON; without headers."""
        data = asdict(self)
        del data["headers"]
        return {**data, "at": self.at.isoformat()}


class Journal:
    """The requests in order of arrival."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []

    def __iter__(self) -> Iterator[Entry]:
        return iter(list(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, place: int) -> Entry:
        return self._entries[place]

    def add(self, entry: Entry) -> None:
        """Note a request."""
        self._entries.append(entry)

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()

    def matching(self, part: str = "", **wanted: object) -> list[Entry]:
        """The requests whose path contains ``part`` and whose attributes have these values."""
        return [
            entry
            for entry in self
            if part in entry.path
            and all(getattr(entry, name) == value for name, value in wanted.items())
        ]

    def count(self, part: str = "", **wanted: object) -> int:
        """How many requests match."""
        return len(self.matching(part, **wanted))

    @property
    def refreshes(self) -> list[Entry]:
        """Every attempt to refresh."""
        return self.matching(grant_type="refresh_token")

    @property
    def reuses(self) -> list[Entry]:
        """Every attempt to use a refresh token or a code a second time."""
        return self.matching(outcome="reused")

    @property
    def round_trips(self) -> int:
        """How many answers had to be waited for one after another: parallel ones count once."""
        trips, free_at = 0, float("-inf")
        for entry in sorted(self, key=lambda entry: entry.ended):
            if entry.began >= free_at:
                trips, free_at = trips + 1, entry.ended
        return trips
