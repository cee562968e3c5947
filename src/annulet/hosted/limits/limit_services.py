"""The limits of one service, built from its settings."""

from __future__ import annotations

from typing import Final

from annulet.hosted.database.engine import ServiceDatabase
from annulet.hosted.limits.fair_turns import TurnLimits
from annulet.hosted.limits.oura_gate import OuraGate
from annulet.hosted.limits.question_limits import QuestionLimits
from annulet.hosted.limits.shared_bucket import BucketSize, SharedBucket
from annulet.hosted.observability.oura_requests import OuraRequests
from annulet.hosted.observability.recorder import Recorder
from annulet.hosted.observability.tracing import Tracing
from annulet.settings import Settings

_OURA_WINDOW_S: Final = 300


class LimitServices:
    """How much people may ask, and how much of it reaches Oura.

    Attributes:
        questions: Admits the questions of people.
        oura_budget: The requests that all processes may send to Oura; ``None`` for any number.
        oura_gate: Lets the requests to Oura through.
    """

    def __init__(
        self, database: ServiceDatabase, settings: Settings, recorder: Recorder, tracing: Tracing
    ) -> None:
        limits = settings.limits
        self.questions: Final = QuestionLimits(
            database,
            burst=limits.questions_burst,
            per_second=limits.questions_per_second,
            turns=TurnLimits(at_once_a_person=limits.questions_at_once),
        )
        requests = limits.oura_requests
        size = BucketSize(requests, requests / _OURA_WINDOW_S, chunk=min(50, requests))
        name = f"oura:{settings.client_id}"[:80]
        self.oura_budget: Final = SharedBucket(database, name, size) if requests else None
        self.oura_gate: Final = OuraGate(self.oura_budget, requests=OuraRequests(recorder, tracing))
