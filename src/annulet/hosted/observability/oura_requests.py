"""What is seen of each request to Oura's data: collection, status and time, and no query."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from annulet.hosted.observability.recorder import NoRecorder, Recorder
from annulet.hosted.observability.tracing import NoTracing, OuraRequest, Tracing
from annulet.hosted.observability.work_record import OuraUse, current_record

HELD: Final = "held"


class OuraRequests:
    """Observes the requests to Oura.

    Args:
        recorder: Counts them.
        tracing: Records them.
    """

    def __init__(self, recorder: Recorder | None = None, tracing: Tracing | None = None) -> None:
        self._recorder = recorder or NoRecorder()
        self._tracing = tracing or NoTracing()

    @contextmanager
    def sending(self, collection: str) -> Iterator[OuraRequest]:
        """Observe a request while the block lasts; the block sets its status."""
        request, use = OuraRequest(collection), _use_of_oura()
        if use is not None:
            use.begin()
        began = time.perf_counter()
        try:
            with self._tracing.oura_request(request):
                yield request
        finally:
            elapsed_s = time.perf_counter() - began
            self._recorder.count_oura_request(collection, request.status, elapsed_s)
            if use is not None:
                use.end(request.status)

    def hold_back(self, reason: str) -> None:
        """Note that a request was answered in place of Oura, and why."""
        self._recorder.count_held_request(reason)
        if (use := _use_of_oura()) is not None:
            use.statuses[HELD] += 1


def _use_of_oura() -> OuraUse | None:
    record = current_record()
    if record is None:
        return None
    if record.oura is None:
        record.oura = OuraUse()
    return record.oura
