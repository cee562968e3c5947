"""Faults on demand: what goes wrong, where, how often."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from typing import Any, Final

from annulet.errors import UsageError

__all__ = ["KINDS", "SYNTAX", "Fault", "Faults", "parse_fault"]

KINDS: Final = {
    "status": "answer with an HTTP status (status:503), JSON body",
    "html": "answer with a status and an HTML body (html:502)",
    "empty": "answer with a status and no body (empty:500; empty:200 is an empty success)",
    "delay": "wait so many seconds (delay:1.5)",
    "cut": "cut the connection without an answer",
    "truncate": "send half of the answer, then cut the connection",
    "repeat_token": "every page points to itself",
    "pages": "so many documents a page (pages:5)",
}
SYNTAX: Final = (
    "KIND[:VALUE][@PATH][,OPTION=VALUE…]; options: person, method, page (only that page of a "
    "list), skip (let so many requests pass first), times (how often; default always), "
    "probability, retry_after, after=1 (once the request has been processed). PATH matches as a "
    "part of the path or as a pattern with *. Example: status:503@sleep,times=2"
)


@dataclass(slots=True)
class Fault:
    """One fault.

    Attributes:
        kind: One of ``KINDS``.
        value: Status, seconds or page size, by kind.
        path: Part of the path, or a pattern with ``*``; empty: every path outside control.
        person: Only requests of that person.
        method: Only that HTTP method.
        page: Only that page of a list (1 is the first).
        skip: Requests that pass before it begins.
        times: How often it strikes; ``None``: always.
        probability: How likely it strikes.
        retry_after: Value of ``Retry-After``.
        after: Whether the request is processed before the fault strikes.
        body: The body of a ``status`` fault, instead of one of its own (not on the command line).
        hits: How often it has struck.
    """

    kind: str
    value: float | None = None
    path: str = ""
    person: str | None = None
    method: str | None = None
    page: int | None = None
    skip: int = 0
    times: int | None = None
    probability: float = 1.0
    retry_after: str | None = None
    after: bool = False
    body: str | None = None
    hits: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise UsageError(
                f"There is no fault {self.kind!r}.", hint=f"Kinds: {', '.join(KINDS)}."
            )

    def fits(self, method: str, path: str, person: str | None, page: int) -> bool:
        """Whether a request is meant."""
        return (
            self.method in {None, method}
            and self.person in {None, person}
            and self.page in {None, page}
            and (self.path in path or fnmatchcase(path, self.path))
        )

    @property
    def status(self) -> int:
        """The HTTP status of a fault that answers."""
        return int(self.value or 500)

    def as_dict(self) -> dict[str, Any]:
        """The fault for JSON."""
        return {item.name: getattr(self, item.name) for item in fields(self)}


class Faults:
    """The faults in force."""

    def __init__(self, seed: int = 0) -> None:
        self._rng = random.Random(seed)
        self._active: list[Fault] = []

    def __iter__(self) -> Iterator[Fault]:
        return iter(list(self._active))

    def add(self, kind: str | Fault, value: float | None = None, **options: Any) -> Fault:
        """Put a fault in force: a ``Fault``, a spec such as ``cut@sleep,times=1``, or its parts."""
        if isinstance(kind, Fault):
            fault = kind
        elif value is None and not options:
            fault = parse_fault(kind)
        else:
            fault = Fault(kind, value, **options)
        self._active.append(fault)
        return fault

    def clear(self) -> None:
        """Take every fault out of force."""
        self._active.clear()

    def strike(self, method: str, path: str, person: str | None, page: int) -> list[Fault]:
        """The faults that strike this request; counts them."""
        found = []
        for fault in self._active:
            if not fault.fits(method, path, person, page):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            if fault.times is not None and fault.hits >= fault.times:
                continue
            if self._rng.random() < fault.probability:
                fault.hits += 1
                found.append(fault)
        return found


_TYPES: Final[dict[str, Any]] = {
    "person": str,
    "method": str.upper,
    "page": int,
    "skip": int,
    "times": int,
    "probability": float,
    "retry_after": str,
    "after": lambda text: text not in {"", "0", "no", "false"},
}


def parse_fault(spec: str) -> Fault:
    """Read a fault from the words of the command line.

    >>> parse_fault("status:503@sleep,times=2").status
    503

    Raises:
        UsageError: The words make no fault.
    """
    head, *rest = spec.split(",")
    kind, _, path = head.partition("@")
    name, _, value = kind.partition(":")
    try:
        options = {
            key: _TYPES[key](text) for key, _, text in (part.partition("=") for part in rest)
        }
        return Fault(name, float(value) if value else None, path, **options)
    except (KeyError, ValueError) as error:
        raise UsageError(f"{spec!r} is not a fault.", hint=SYNTAX) from error
