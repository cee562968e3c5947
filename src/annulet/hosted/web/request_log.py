"""One structured line a request: method, place, status, time. No query, no header, no body."""

from __future__ import annotations

import json
import logging
import time
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["LOGGER", "JsonLines", "RequestLog"]

LOGGER: Final = "annulet.hosted"
_SEGMENTS_KEPT: Final = 2
_written = json.JSONEncoder(ensure_ascii=False).encode


class JsonLines(logging.Formatter):
    """A log record as one JSON object; of an exception only its kind and where it happened."""

    def __init__(self) -> None:
        super().__init__()
        self._second, self._spelt = -1, ""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, object] = {
            "at": self._at(record),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
        }
        line.update(getattr(record, "facts", {}))
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            trace, where = record.exc_info[2], []
            while trace is not None:
                where.append(f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}")
                trace = trace.tb_next
            line["where"] = where[-6:]
        return _written(line)

    def _at(self, record: logging.LogRecord) -> str:
        """When it happened; many lines share a second."""
        if int(record.created) != self._second:
            self._second = int(record.created)
            self._spelt = self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z")
        return self._spelt


class RequestLog:
    """Logs each request when it is answered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._log = logging.getLogger(LOGGER)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Log the request when it is over."""
        if scope["type"] != "http" or not self._log.isEnabledFor(logging.INFO):
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            facts = {
                "method": scope["method"],
                "path": _place(scope["path"]),
                "status": status,
                "ms": round((time.perf_counter() - began) * 1000, 1),
            }
            # the short way: a line a request, and nobody asks which line of code it came from
            record = logging.LogRecord(LOGGER, logging.INFO, "", 0, "request", None, None)
            record.facts = facts
            self._log.handle(record)


def _place(path: str) -> str:
    """The place without what is particular to one person: ``/endpoints/…``."""
    segments = path.strip("/").split("/")
    if (
        segments[0] in {".well-known", "static", "connect", "webhooks"}
        or len(segments) < _SEGMENTS_KEPT
    ):
        return path
    return f"/{segments[0]}/…"
