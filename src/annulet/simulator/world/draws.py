"""Seeded draws: everything about a person comes from named streams, so order never matters."""

from __future__ import annotations

import hashlib
import random
import uuid
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

__all__ = ["choose", "identity", "share", "stream"]


def stream(*parts: object) -> random.Random:
    """A random stream that belongs to a name; the same name always gives the same numbers."""
    return random.Random(":".join(map(str, parts)))


def identity(*parts: object) -> str:
    """A document id that looks like Oura's (a version 4 UUID) and never changes."""
    digest = hashlib.blake2b(":".join(map(str, parts)).encode(), digest_size=16).digest()
    return str(uuid.UUID(bytes=digest, version=4))


def choose(rng: random.Random, options: Sequence[T], weights: Sequence[float]) -> T:
    """One option, by weight."""
    return rng.choices(options, weights)[0]


def share(total: int, weights: Sequence[float]) -> list[int]:
    """Split a whole number by weights so that the parts add up to it again.

    >>> share(10, [1, 1, 1])
    [3, 4, 3]
    """
    scale = sum(weights)
    parts, given, seen = [], 0, 0.0
    for weight in weights:
        seen += weight
        upto = round(total * seen / scale) if scale else 0
        parts.append(upto - given)
        given = upto
    return parts
