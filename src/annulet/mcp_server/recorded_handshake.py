"""Answers the opening of a conversation on stdio from a record, while the server still loads.

A client's first requests have one answer each, so the first reply need not wait for the import of
the SDK. `tests/protocol/handshake_record.py` writes the record from the SDK server's own replies,
and a test holds both equal. Only requests that match exactly are answered here: the first other
message ends the record, and the server answers from then on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

FILE: Final = Path(Path(__file__).parent, "recorded_handshake.json")
_VERSION: Final = "io.modelcontextprotocol/protocolVersion"
_CAPABILITIES: Final = "io.modelcontextprotocol/clientCapabilities"
_CLIENT: Final = "io.modelcontextprotocol/clientInfo"
_MAX_LINE_BYTES: Final = 65_536
"""A longer line has no recorded answer; its rest is the server's to read."""
_INITIALIZED: Final = "notifications/initialized"


@dataclass(slots=True)
class Opening:
    """What the server needs to know of the conversation that it takes over.

    Attributes:
        replayed: The handshake of the older era, which is the only state of a conversation.
        pending: The line that has no recorded answer, or its beginning; empty at the end.
    """

    replayed: list[bytes] = field(default_factory=list)
    pending: bytes = b""


class RecordedHandshake:
    """The recorded results by protocol revision and method.

    Args:
        record: ``results``, ``index`` (``"revision method"`` to a place in the results) and
            ``newest``, the revision for a client that asks for an unknown one.
        lists_tools: Whether the recorded list of tools holds; asked when a client wants the list.
    """

    def __init__(
        self, record: Mapping[str, Any], lists_tools: Callable[[], bool] = lambda: True
    ) -> None:
        self._lists_tools = lists_tools
        self._results: list[object] = record["results"]
        self._index: dict[str, int] = record["index"]
        self._newest: str = record["newest"]
        self._revision = ""

    @classmethod
    def read(cls, lists_tools: Callable[[], bool] = lambda: True) -> RecordedHandshake:
        """Read the record that comes with the package.

        Args:
            lists_tools: Whether its list of tools holds.
        """
        return cls(json.loads(FILE.read_bytes()), lists_tools)

    def answer(self, lines: BinaryIO, replies: BinaryIO) -> Opening:
        """Answer recorded requests, up to the first message that is none.

        Args:
            lines: What the client writes; not buffered, because the server reads on.
            replies: What the client reads.
        """
        opening = Opening()
        while line := lines.readline(_MAX_LINE_BYTES):
            message = _parse(line)
            if message == {"jsonrpc": "2.0", "method": _INITIALIZED} and self._revision:
                opening.replayed.append(line)
                continue
            place = self._find(message)
            if place is None:
                opening.pending = line
                break
            if message["method"] == "initialize":
                opening.replayed.append(line)
            reply = {"jsonrpc": "2.0", "id": message["id"], "result": self._results[place]}
            text = json.dumps(reply, ensure_ascii=False, separators=(",", ":"))
            replies.write(text.encode() + b"\n")
            replies.flush()
        return opening

    def _find(self, message: dict[str, Any]) -> int | None:
        """The place of the result, for a request that the record answers."""
        if not message.keys() <= {"jsonrpc", "id", "method", "params"}:
            return None
        number, method, params = (message.get(name) for name in ("id", "method", "params"))
        if message.get("jsonrpc") != "2.0" or type(number) not in (int, str):
            return None
        if isinstance(number, str) and not number.isprintable():  # half a surrogate pair, too
            return None
        if not isinstance(method, str) or not isinstance(params, dict | None):
            return None
        if method == "tools/list" and not self._lists_tools():
            return None
        params = params or {}
        if method == "initialize":
            revision = "" if self._revision else self._negotiate(params)
            self._revision = self._revision or revision
        elif _VERSION in (params.get("_meta") or {}):
            revision = _read_envelope(params)
        else:
            revision = self._revision if params.keys() <= {"_meta"} and _is_meta(params) else ""
        return self._index.get(f"{revision} {method}")

    def _negotiate(self, params: dict[str, Any]) -> str:
        """The revision for the parameters of ``initialize``; empty where they are unusual."""
        asked = params.get("protocolVersion")
        is_usual = params.keys() == {"protocolVersion", "capabilities", "clientInfo"}
        if not is_usual or not isinstance(asked, str):
            return ""
        if not _are_capabilities(params["capabilities"]) or not _is_client(params["clientInfo"]):
            return ""
        return asked if f"{asked} initialize" in self._index else self._newest


def _parse(line: bytes) -> dict[str, Any]:
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}


def _read_envelope(params: dict[str, Any]) -> str:
    """The revision that a request of the newer era names; empty where the request is unusual."""
    meta = params["_meta"]
    known = {_VERSION, _CAPABILITIES, _CLIENT}
    if params.keys() != {"_meta"} or not known - {_CLIENT} <= meta.keys() <= known:
        return ""
    is_usual = _are_capabilities(meta[_CAPABILITIES]) and _is_client(meta.get(_CLIENT, _NOBODY))
    return meta[_VERSION] if is_usual and isinstance(meta[_VERSION], str) else ""


_CLIENT_TEXTS: Final = {"name", "version", "title", "description", "websiteUrl"}
_NOBODY: Final = {"name": "", "version": ""}


def _is_meta(params: dict[str, Any]) -> bool:
    """Whether ``_meta`` is absent or has nothing but a progress token."""
    meta = params.get("_meta", {})
    token = meta.get("progressToken", "") if isinstance(meta, dict) else None
    return type(token) in (int, str) and meta.keys() <= {"progressToken"}


def _are_capabilities(value: object) -> bool:
    """Whether a value is an object of objects of switches, as every known capability is."""
    return isinstance(value, dict) and all(
        isinstance(part, dict) and all(isinstance(switch, bool | dict) for switch in part.values())
        for part in value.values()
    )


def _is_client(value: object) -> bool:
    return (
        isinstance(value, dict)
        and {"name", "version"} <= value.keys() <= _CLIENT_TEXTS
        and all(isinstance(word, str) for word in value.values())
    )
