"""Messages of hostile and careless clients, and what answers each, whatever the transport."""

from __future__ import annotations

import json

HANDSHAKE = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "test", "version": "1"},
}
OPENING = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": HANDSHAKE}
INVALID_REQUEST, INVALID_PARAMS, PARSE_ERROR, NO_METHOD = -32600, -32602, -32700, -32601
NO_ANSWER = "no answer"


def request(number: object, method: str = "ping", **more: object) -> dict[str, object]:
    """A request; ``params`` may be anything."""
    return {"jsonrpc": "2.0", "id": number, "method": method, **more}


def call(number: object, name: object, **arguments: object) -> dict[str, object]:
    """A call of a tool."""
    return request(number, "tools/call", params={"name": name, "arguments": arguments})


# What is sent after the opening, the id of the answer, and its error; None for a result.
MESSAGES: dict[str, tuple[object, object, object]] = {
    "an id that is a fraction": (request(1.5), None, INVALID_REQUEST),
    "an id that is null": (request(None), None, INVALID_REQUEST),
    "an id that is a switch": ({**request(0), "id": True}, None, INVALID_REQUEST),
    "an id that is a list": (request([2]), None, INVALID_REQUEST),
    "an id that is an object": (request({}), None, INVALID_REQUEST),
    "an id that is half a character": ('{"jsonrpc":"2.0","id":"\\ud800","method":"ping"}', None,
                                       INVALID_REQUEST),
    "an id of forty digits": (request(10**40), 10**40, None),
    "an id below zero": (request(-1), -1, None),
    "an empty id": (request(""), "", None),
    "params that are null": (request(2, params=None), 2, None),
    "params that are a list": (request(2, "tools/list", params=[]), 2, INVALID_REQUEST),
    "params that are text": (request(2, "tools/call", params="x"), 2, INVALID_REQUEST),
    "a call without params": (request(2, "tools/call"), 2, INVALID_PARAMS),
    "a call of no name": (call(2, None), 2, INVALID_PARAMS),
    "an argument of 400 digits": (call(2, "oura_trends", window_days=10**400), 2, "bad_input"),
    "an argument that is half a character": (
        json.dumps(call(2, "oura_effects", tag="HALF")).replace("HALF", "\\udfff"),
        2, INVALID_REQUEST),
    "a name with a zero byte": (request(2, "pi\0ng"), 2, NO_METHOD),
    "an unknown notification": ({"jsonrpc": "2.0", "method": "notifications/x"}, None, NO_ANSWER),
    "a cancellation of nothing": (
        {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 99}},
        None, NO_ANSWER),
    "a cancellation that names an object": (
        {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": {}}},
        None, NO_ANSWER),
    "an answer to nothing": ({"jsonrpc": "2.0", "id": 9, "result": {}}, None, NO_ANSWER),
    "a second opening": ({**OPENING, "id": 2}, 2, None),
    "an opening without params": (request(2, "initialize"), 2, INVALID_PARAMS),
    "an opening of a numbered version": (
        request(2, "initialize", params={**HANDSHAKE, "protocolVersion": 5}), 2, INVALID_PARAMS),
    "another version of JSON-RPC": ({**request(2), "jsonrpc": "1.0"}, 2, INVALID_REQUEST),
    "a method that is a number": (request(2, 7), 2, INVALID_REQUEST),
    "a batch": ([request(2)], None, INVALID_REQUEST),
    "a number": (5, None, INVALID_REQUEST),
    "no JSON": ("{", None, PARSE_ERROR),
    "a depth of fifty thousand": ("[" * 50_000, None, PARSE_ERROR),
    "a byte-order mark": ("\ufeff" + json.dumps(request(2)), 2, None),
    "an end of line of Windows": (json.dumps(request(2)) + "\r", 2, None),
}  # fmt: skip


def as_text(message: object) -> str:
    """A message as it is sent."""
    return message if isinstance(message, str) else json.dumps(message)


def outcome(reply: dict[str, object] | None) -> tuple[object, object]:
    """The id and the error of a reply: a code of JSON-RPC, or that of a tool's failure."""
    if reply is None:
        return None, NO_ANSWER
    if "error" in reply:
        return reply.get("id"), reply["error"]["code"]
    result = reply["result"]
    failure = json.loads(result["content"][0]["text"]) if result.get("isError") else None
    return reply["id"], failure["error"]["code"] if failure else None
