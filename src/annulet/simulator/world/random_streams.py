"""Named random streams: each value is drawn from a stream of its own, so call order is irrelevant.

A stream's name is part of its seed: a renamed stream changes the simulated people.
"""

from __future__ import annotations

import hashlib
import random
import uuid
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def random_stream(*name: object) -> random.Random:
    """Return the random stream of a name; the same name always gives the same numbers."""
    return random.Random(":".join(map(str, name)))


def stable_uuid(*name: object) -> str:
    """Return the version 4 UUID of a name, in the form of Oura's ids."""
    digest = hashlib.blake2b(":".join(map(str, name)).encode(), digest_size=16).digest()
    return str(uuid.UUID(bytes=digest, version=4))


def weighted_choice(rng: random.Random, options: Sequence[T], weights: Sequence[float]) -> T:
    """Draw one option by weight."""
    return rng.choices(options, weights)[0]


def apportion(total: int, weights: Sequence[float]) -> list[int]:
    """Split a whole number by weights into whole parts whose sum is the number.

    >>> apportion(10, [1, 1, 1])
    [3, 4, 3]
    """
    scale = sum(weights)
    parts, allotted, weight_so_far = [], 0, 0.0
    for weight in weights:
        weight_so_far += weight
        upper = round(total * weight_so_far / scale) if scale else 0
        parts.append(upper - allotted)
        allotted = upper
    return parts
