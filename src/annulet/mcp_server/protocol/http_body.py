"""The body of a request over HTTP: read once, checked as on stdio, and handed on as it came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import mcp_types as types
from mcp_types import PROTOCOL_VERSION_META_KEY
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

from annulet.mcp_server.protocol.json_rpc import decode

MAX_BYTES: Final = 1024 * 1024
_MARK: Final = b"\xef\xbb\xbf"
_REVISION_HEADER: Final = "mcp-protocol-version"
_METHOD_HEADER: Final = "mcp-method"


@dataclass(slots=True)
class RequestBody:
    """What has been read of a body.

    Attributes:
        messages: The ASGI messages to hand on, in their order.
        content: The whole body; ``None`` where it is too long or the client has gone.
    """

    messages: list[Message]
    content: bytes | None

    @classmethod
    async def read(cls, receive: Receive) -> RequestBody:
        """Read a body, up to the limit that the SDK has for it."""
        messages: list[Message] = []
        content = b""
        while True:
            message = await receive()
            messages.append(message)
            if message["type"] != "http.request":
                return cls(messages, None)
            content += message.get("body", b"")
            if len(content) > MAX_BYTES:
                return cls(messages, None)
            if not message.get("more_body", False):
                content = content.removeprefix(_MARK)
                whole: Message = {"type": "http.request", "body": content, "more_body": False}
                return cls([whole], content)

    def check(self, scope: Scope) -> Scope | types.JSONRPCError:
        """Check the message; returns the scope to hand on, or the error that answers it."""
        if self.content is None:
            return scope
        value = decode(self.content.decode("utf-8", errors="replace"))
        if isinstance(value, types.JSONRPCError):
            return value
        if _may_misstate_revision(Headers(scope=scope)) and _is_handshake(value):
            headers = [pair for pair in scope["headers"] if pair[0].decode() != _REVISION_HEADER]
            return {**scope, "headers": headers}
        return scope

    def replay(self, receive: Receive) -> Receive:
        """What gives the body once more, and then what the client still sends."""

        async def receive_again() -> Message:
            return self.messages.pop(0) if self.messages else await receive()

        return receive_again


def _may_misstate_revision(headers: Headers) -> bool:
    """Whether the header names a revision that the handshake cannot have agreed on."""
    revision = headers.get(_REVISION_HEADER)
    is_older = revision is None or revision in HANDSHAKE_PROTOCOL_VERSIONS
    return not is_older and _METHOD_HEADER not in headers


def _is_handshake(message: dict[str, object]) -> bool:
    """Whether a message opens an older era; one that states a revision in its meta does not."""
    params = message.get("params")
    meta = params.get("_meta") if isinstance(params, dict) else None
    is_modern = isinstance(meta, dict) and PROTOCOL_VERSION_META_KEY in meta
    return message.get("method") == "initialize" and not is_modern
