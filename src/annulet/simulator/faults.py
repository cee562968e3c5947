"""Faults on demand: what fails, where and how often."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

import msgspec

from annulet.errors import UsageError

FAULT_KINDS: Final = {
    "status": "answer with an HTTP status (status:503), JSON body",
    "html": "answer with a status and an HTML body (html:502)",
    "empty": "answer with a status and no body (empty:500; empty:200 is an empty success)",
    "delay": "wait so many seconds (delay:1.5)",
    "cut": "cut the connection without an answer",
    "truncate": "send half of the answer, then cut the connection",
    "repeat_token": "every page points to itself",
    "pages": "so many documents a page (pages:5)",
}
_SYNTAX: Final = (
    "KIND[:VALUE][@PATH][,OPTION=VALUE…]; options: person, method, page (only that page of a "
    "list), skip (let so many requests pass first), times (how often; default always), "
    "probability, retry_after, after=1 (once the request has been processed). PATH matches as a "
    "part of the path or as a pattern with *. Example: status:503@sleep,times=2"
)


@dataclass(slots=True)
class Fault:
    """One fault.

    Attributes:
        kind: One of ``FAULT_KINDS``.
        value: The status, the seconds or the page size, by kind.
        path: A part of the path, or a pattern with ``*``; empty stands for every path.
        person: The only person whose requests fail.
        method: The only HTTP method that fails.
        page: The only page of a list that fails; 1 is the first.
        skip: The number of requests that pass before the fault begins.
        times: The number of requests that fail; ``None`` stands for all.
        probability: The probability that a request fails.
        retry_after: The value of ``Retry-After``.
        after: Whether the request is processed before it fails.
        body: The body of a ``status`` fault (not on the command line).
        hits: The number of requests that have failed.
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
        if self.method is not None:
            self.method = self.method.upper()
        if self.kind not in FAULT_KINDS:
            raise UsageError(
                f"There is no fault {self.kind!r}.", hint=f"Kinds: {', '.join(FAULT_KINDS)}."
            )

    def matches(self, method: str, path: str, person: str | None, page: int) -> bool:
        """Return whether the fault is about such a request."""
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


class Faults:
    """The active faults of one cloud."""

    def __init__(self, seed: int = 0) -> None:
        self._rng = random.Random(seed)
        self._active: list[Fault] = []

    def __iter__(self) -> Iterator[Fault]:
        return iter(list(self._active))

    def add(self, kind: str, value: float | None = None, **options: object) -> Fault:
        """Activate a fault, given in words such as ``cut@sleep,times=1`` or by its attributes."""
        if value is None and not options:
            fault = parse_fault(kind)
        else:
            fault = _make_fault({"kind": kind, "value": value, **options})
        self._active.append(fault)
        return fault

    def clear(self) -> None:
        """Remove every fault."""
        self._active.clear()

    def hit(self, method: str, path: str, person: str | None, page: int) -> list[Fault]:
        """Return the faults that a request meets, and count them."""
        faults = []
        for fault in self._active:
            if not fault.matches(method, path, person, page):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            if fault.times is not None and fault.hits >= fault.times:
                continue
            if self._rng.random() < fault.probability:
                fault.hits += 1
                faults.append(fault)
        return faults


def parse_fault(spec: str) -> Fault:
    """Parse a fault of the command line.

    >>> parse_fault("status:503@sleep,times=2").status
    503

    Raises:
        UsageError: The words are not a fault.
    """
    head, *parts = spec.split(",")
    kind_and_value, _, path = head.partition("@")
    kind, _, value = kind_and_value.partition(":")
    options = dict(part.partition("=")[::2] for part in parts)
    return _make_fault({"kind": kind, "value": value or None, "path": path, **options})


def _make_fault(attributes: Mapping[str, object]) -> Fault:
    """Return a fault; texts are converted to numbers and booleans.

    Raises:
        UsageError: An attribute is unknown or has a wrong value.
    """
    unknown = attributes.keys() - Fault.__dataclass_fields__
    if unknown:
        raise UsageError(f"A fault has no {', '.join(sorted(unknown))}.", hint=_SYNTAX)
    try:
        return msgspec.convert(attributes, Fault, strict=False)
    except msgspec.ValidationError as error:
        name = str(error).rpartition("$.")[2].rstrip("`")
        raise UsageError(
            f"A fault cannot have {name}={attributes[name]!r}.", hint=_SYNTAX
        ) from error
