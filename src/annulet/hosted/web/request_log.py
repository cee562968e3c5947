"""Middleware that logs one line a request.

A line never holds a query, a header or a body, and of the path only the template of its route. A
person is a pseudonym, and an address is what limits count: of IPv6 the network.
"""

from __future__ import annotations

import logging
import time
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from annulet.hosted.observability.recorder import Recorder
from annulet.hosted.observability.request_id import HEADER, read_request_id
from annulet.hosted.observability.route_names import name_method, shorten_path
from annulet.hosted.observability.work_record import (
    RECORD_KEY,
    WorkRecord,
    begin_request,
)
from annulet.hosted.web.body_check import CLIENT_CLOSED_REQUEST
from annulet.hosted.web.client_address import read_client_address
from annulet.hosted.web.json_log import LOGGER
from annulet.hosted.web.paths import PROBES

_REFUSALS: Final = frozenset({429, 503})


class RequestLog:
    """Gives each request an id, which the answer carries; logs and counts it when it is answered.

    Args:
        app: The application behind this middleware.
        shows_addresses: Whether a line names the address of the client.
    """

    def __init__(self, app: ASGIApp, *, shows_addresses: bool = True) -> None:
        self._app = app
        self._shows_addresses = shows_addresses
        self._log = logging.getLogger(LOGGER)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and log it at its end."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = read_request_id(scope)
        record = scope[RECORD_KEY] = begin_request(request_id)
        id_header = (HEADER, request_id.encode())
        # without an answer it is a bug of the service, unless the client went away first
        started, status, has_answer = time.perf_counter(), 500, False

        async def receive_noted() -> Message:
            nonlocal status
            message = await receive()
            if message["type"] == "http.disconnect" and not has_answer:
                status = CLIENT_CLOSED_REQUEST
            return message

        async def send_noted(message: Message) -> None:
            nonlocal status, has_answer
            if message["type"] == "http.response.start":
                status, has_answer = message["status"], True
                message["headers"] = [*message.get("headers", ()), id_header]
            await send(message)

        try:
            await self._app(scope, receive_noted, send_noted)
        finally:
            elapsed_s = time.perf_counter() - started
            if self._log.isEnabledFor(logging.INFO):
                self._write(scope, record, status, elapsed_s)
            _count(scope, record, status, elapsed_s)

    def _write(self, scope: Scope, record: WorkRecord, status: int, elapsed_s: float) -> None:
        facts: dict[str, object] = {
            "method": name_method(scope),
            "path": shorten_path(scope),
            "status": status,
            "ms": round(elapsed_s * 1000, 1),
        }
        if self._shows_addresses and (address := read_client_address(scope)):
            facts["client"] = address
        facts |= record.facts
        if record.oura is not None:
            facts |= {"oura": dict(record.oura.statuses), "oura_ms": record.oura.milliseconds}
        # Logger.info would look for the calling line, which costs more than this record
        line = logging.LogRecord(LOGGER, logging.INFO, "", 0, "request", None, None)
        line.facts = facts
        self._log.handle(line)


def _count(scope: Scope, record: WorkRecord, status: int, elapsed_s: float) -> None:
    recorder: Recorder = scope["app"].state.recorder
    recorder.count_request(scope, status, elapsed_s)
    if status in _REFUSALS and scope["path"] not in PROBES:
        recorder.count_refusal(status, str(record.facts.get("refusal", "other")))
