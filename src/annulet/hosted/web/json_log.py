"""The log of the process: one JSON object a line, also of libraries, warnings and threads.

A line never holds the text of an exception or of a library's message: both may quote a request, an
address or the parameters of a statement. It holds the kind of an error and where it happened.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import traceback
from types import TracebackType
from typing import Any, Final

from annulet.hosted.observability.work_record import current_record

LOGGER: Final = "annulet.hosted"
_OUR_LOGGERS: Final = (LOGGER, "annulet.mcp_server")
_TRUSTED_LOGGERS: Final = ("uvicorn.error", "asyncio", "opentelemetry")
"""The first line of their messages is a fixed sentence."""
_LIBRARY: Final = "a library reports a problem"
_FAILURE: Final = "a failure outside of any request"
_TRACEBACK_FRAMES: Final = 6
_FRAME: Final = re.compile(r'^[ |+]*File ".*", line (\d+), in (\S+)$', re.MULTILINE)
_TRACEBACK: Final = "Traceback (most recent call last):"
_encode = json.JSONEncoder(ensure_ascii=False).encode


class JsonFormatter(logging.Formatter):
    """Formats a log record as one JSON object; of an exception only its type and its frames."""

    def __init__(self) -> None:
        super().__init__()
        self._second, self._formatted_second = -1, ""

    def format(self, record: logging.LogRecord) -> str:
        """Format one record."""
        line: dict[str, object] = {
            "at": self._format_second(record),
            "level": record.levelname.lower(),
            **_read_message(record),
        }
        work = current_record()
        if work is not None:
            line.update(work.names)
        line.update(getattr(record, "facts", {}))
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["where"] = _list_frames(record.exc_info[2])
        return _encode(line)

    def _format_second(self, record: logging.LogRecord) -> str:
        # many lines share a second, so its text is built once
        if int(record.created) != self._second:
            self._second = int(record.created)
            self._formatted_second = self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z")
        return self._formatted_second


class OncePerSecond(logging.Filter):
    """Lets one record a second pass."""

    def __init__(self) -> None:
        super().__init__()
        self._second = -1

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether no record of this second has passed."""
        is_first = int(record.created) != self._second
        self._second = int(record.created)
        return is_first


def log_as_json() -> None:
    """Write everything that this process logs to standard error, a JSON object a line."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for name in (*_OUR_LOGGERS, *_TRUSTED_LOGGERS):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
        logger.setLevel(logging.INFO)
    # a client that opens connections faster than files are closed must not fill the disk
    logging.getLogger("asyncio").addFilter(OncePerSecond())
    # what is sent to a collector that is away
    logging.getLogger("opentelemetry").setLevel(logging.WARNING)
    # it would repeat every failure that our own log has told already, and each step of success
    logging.getLogger("procrastinate").setLevel(logging.CRITICAL)
    logging.captureWarnings(capture=True)
    threading.excepthook = _log_thread_failure
    sys.unraisablehook = _log_unraisable


def _read_message(record: logging.LogRecord) -> dict[str, object]:
    """Return the message of a record as far as it quotes no one."""
    if record.name.startswith(_OUR_LOGGERS):
        return {"message": record.getMessage()}
    place = f"{record.funcName}:{record.lineno}"
    if not record.name.startswith(_TRUSTED_LOGGERS):
        return {"message": _LIBRARY, "logger": record.name, "where": [place]}
    text = record.getMessage()
    if _TRACEBACK in text:  # uvicorn's message about a start or a stop that failed
        frames = [f"{name}:{number}" for number, name in _FRAME.findall(text)]
        return {"message": "the service failed to start or to stop", "error": _read_error(text)} | {
            "where": frames[-_TRACEBACK_FRAMES:]
        }
    return {"message": text.partition("\n")[0]}


def _read_error(text: str) -> str:
    """Return the kind of the exception that ends a printed traceback; empty for a group."""
    ends = [frame.end() for frame in _FRAME.finditer(text)]
    lines = text[ends[-1] if ends else 0 :].splitlines()[1:]
    kind = next((line for line in lines if line[:1].isalpha()), "").partition(":")[0]
    return kind.rpartition(".")[2]


def _list_frames(trace: TracebackType | None) -> list[str]:
    # the lines of the source are not read
    frames = [f"{frame.f_code.co_name}:{line}" for frame, line in traceback.walk_tb(trace)]
    return frames[-_TRACEBACK_FRAMES:]


def _log_thread_failure(failure: threading.ExceptHookArgs) -> None:
    if failure.exc_value is not None:
        _log_failure(failure.exc_value)


def _log_unraisable(failure: Any) -> None:
    if failure.exc_value is not None:
        _log_failure(failure.exc_value)


def _log_failure(error: BaseException) -> None:
    logging.getLogger(LOGGER).error(_FAILURE, exc_info=error)
