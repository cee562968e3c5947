"""A request as raw bytes, before any part has interpreted them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RawRequest:
    """The parts of a request that the policy looks at.

    Attributes:
        method: As sent.
        path: The raw path of the request line, undecoded.
        query: The raw query, undecoded.
        headers: Names in lower case with their values, duplicates kept.
    """

    method: str
    path: bytes
    query: bytes
    headers: tuple[tuple[bytes, bytes], ...]

    def header_values(self, name: bytes) -> list[bytes]:
        """Every value of a header."""
        return [value for key, value in self.headers if key == name]
