"""People of a kind, and the mixed population of the audit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date

from benchmarks.second_population.draft import Draft, Seed
from benchmarks.second_population.kinds import KINDS
from benchmarks.second_population.publishing import publish
from benchmarks.second_population.truth import Person

NIGHTS = 425

# 550 people: how many of each kind make the population of the audit.
AUDIT = dict.fromkeys(KINDS, 7) | {"plain": 67}


def person(kind: str, index: int, nights: int = NIGHTS, seed: int = 1) -> Person:
    """Makes one person; the same four arguments always give the same person.

    Raises KeyError with the known kinds where the kind is unknown, ValueError where there is no
    night to draw.
    """
    if kind not in KINDS:
        raise KeyError(f"unknown kind {kind!r}; known are {', '.join(KINDS)}")
    if nights < 1:
        raise ValueError("a person needs at least one night: give nights >= 1")
    parts = KINDS[kind]
    length = nights if parts.longest is None else min(nights, parts.longest)
    draft = Draft(Seed(seed, kind, index), length, parts.body, parts.noise)
    if parts.weekend is not None:
        parts.weekend.apply(draft)
    for part in parts.parts:
        part.apply(draft)
    values = publish(draft, parts.gaps, parts.rounding)
    return Person(f"{kind}-{index:04d}", kind, draft.first_day, values, draft.truth())


def population(kind: str, people: int, nights: int = NIGHTS, seed: int = 1) -> list[Person]:
    """Makes the first ``people`` people of a kind."""
    return [person(kind, index, nights, seed) for index in range(people)]


def audit_population(nights: int = NIGHTS, seed: int = 1) -> Iterator[Person]:
    """Makes the 550 people of the audit one after the other."""
    for kind, people in AUDIT.items():
        for index in range(people):
            yield person(kind, index, nights, seed)


def digest(people: Iterable[Person]) -> str:
    """Gives one SHA-256 over all nights and truths, whatever the order of the people."""

    def plain(value: object) -> str:
        if isinstance(value, date):
            return value.isoformat()
        raise TypeError(f"no plain form for {type(value).__name__}")

    texts = sorted(json.dumps(asdict(subject), sort_keys=True, default=plain) for subject in people)
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()
