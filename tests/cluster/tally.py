"""What people saw while they asked: answers, refusals and how long they took."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import httpx2

ANSWER: Final = "answer"
CUT: Final = "cut"


@dataclass(frozen=True, slots=True)
class Seen:
    """One question and what came of it.

    Attributes:
        outcome: ``answer``, the code of a failure, a status such as ``HTTP 401``, or ``cut``.
        answer: The answer, where there is one.
        sent: When it was asked, in seconds of a monotonic clock.
        received: When the outcome was known.
        message: What a failure says first.
    """

    outcome: str
    answer: dict[str, Any] = field(repr=False)
    sent: float
    received: float
    message: str = ""

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.received - self.sent


@dataclass(frozen=True, slots=True)
class Finding:
    """What one fault did.

    Attributes:
        saw: What the people saw, in words.
        lost: What was lost, in words.
    """

    saw: str
    lost: str = "nothing"


class Tally:
    """The outcomes of many questions; threads add to it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: list[Seen] = []

    def add(self, seen: Seen) -> None:
        """Add one outcome."""
        with self._lock:
            self._seen.append(seen)

    def list(self, outcome: str = "") -> list[Seen]:
        """List the outcomes so far, or those of one kind."""
        with self._lock:
            return [seen for seen in self._seen if outcome in {"", seen.outcome}]

    def count(self, outcome: str = ANSWER) -> int:
        """Count one kind of outcome."""
        return len(self.list(outcome))

    def require(self, *allowed: str) -> None:
        """Check that only answers and these outcomes came."""
        others = [seen for seen in self.list() if seen.outcome not in {ANSWER, *allowed}]
        assert not others, others[:3]

    def describe(self) -> str:
        """Say in words what was seen."""
        seen = self.list()
        counts = Counter(each.outcome for each in seen)
        parts = [f"{counts.pop(ANSWER, 0)} of {len(seen)} questions answered"]
        parts += [f"{number} × {_describe(outcome)}" for outcome, number in counts.most_common()]
        return f"{', '.join(parts)}; {describe_slowest(seen)}"


def describe_slowest(seen: Iterable[Seen]) -> str:
    """Say how long the slowest question took."""
    return f"the slowest took {max((each.seconds for each in seen), default=0):.1f} s"


def _describe(outcome: str) -> str:
    if outcome == CUT:
        return "connection cut"
    return f"`{outcome}`"


def read_response(sent: float, response: httpx2.Response) -> Seen:
    """Read what came of a question from the response of the service."""
    received = time.monotonic()
    if response.status_code != 200:
        return Seen(f"HTTP {response.status_code}", {}, sent, received, response.text[:300])
    line = next(part for part in response.text.splitlines() if part.startswith(("data:", "{")))
    answer = dict(json.loads(line.removeprefix("data:"))["result"]["structuredContent"])
    error = answer.get("error")
    if error is None:
        return Seen(ANSWER, answer, sent, received)
    return Seen(error["code"], {}, sent, received, error["message"])
