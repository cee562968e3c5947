"""Scripted models on loopback: call `oura_daily_summary` once, then say "done".

Four wire formats that assistants speak: Anthropic messages, OpenAI responses, OpenAI chat
completions, Gemini. Every request body is kept, because it is what a real model would have seen.
"""

import gzip
import json

from starlette.applications import Starlette
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route

TOOL = "oura_daily_summary"
SAID = "done"


class Models:
    """The endpoints, and what they were sent."""

    def __init__(self):
        self.seen = []
        everything = ["GET", "POST", "HEAD", "PUT", "DELETE"]
        self.app = Starlette(routes=[Route("/{path:path}", self.answer, methods=everything)])

    async def answer(self, request):
        """Any request of any assistant."""
        body = _decoded(await request.body(), request.headers.get("content-encoding", ""))
        path = request.path_params["path"]
        if request.method != "POST":
            return JSONResponse({"data": [], "models": [], "object": "list"})
        if path.endswith("count_tokens"):
            return JSONResponse({"input_tokens": 10})
        if ":countTokens" in path:
            return JSONResponse({"totalTokens": 10})
        for ending, speak in _FORMATS.items():
            if ending in path:
                self.seen.append(body)
                return speak(body, path)
        return JSONResponse({})


def _decoded(raw, encoding):
    if encoding == "gzip":
        raw = gzip.decompress(raw)
    try:
        return json.loads(raw or b"{}")
    except (ValueError, UnicodeDecodeError):
        return {"unreadable": encoding or "body"}


def named_tools(value, space=None):
    """Every tool in a request, wherever the format keeps it: (name, namespace)."""
    if isinstance(value, list):
        for item in value:
            yield from named_tools(item, space)
    elif isinstance(value, dict):
        name = value.get("name")
        inner = name if value.get("type") == "namespace" else space
        if isinstance(name, str) and name.endswith(TOOL):
            yield name, space
        for key in ("tools", "function", "functionDeclarations", "function_declarations"):
            yield from named_tools(value.get(key), inner)


def _chosen(body):
    return next(named_tools(body.get("tools")), (None, None))


def _has(body, *marks):
    text = json.dumps(body.get("messages") or body.get("input") or body.get("contents") or [])
    return any(mark in text for mark in marks)


def _events(pairs):
    def stream():
        for name, data in pairs:
            head = f"event: {name}\n" if name else ""
            yield f"{head}data: {data if isinstance(data, str) else json.dumps(data)}\n\n"

    return StreamingResponse(stream(), media_type="text/event-stream")


def _anthropic(body, _path):
    tool, _ = _chosen(body)
    calls = tool and not _has(body, '"tool_result"')
    block = {"type": "text", "text": ""}
    if calls:
        block = {"type": "tool_use", "id": "toolu_1", "name": tool, "input": {}}
    delta = {"type": "text_delta", "text": SAID}
    if calls:
        delta = {"type": "input_json_delta", "partial_json": "{}"}
    why = "tool_use" if calls else "end_turn"
    usage = {"input_tokens": 1, "output_tokens": 1}
    head = {"id": "msg_1", "type": "message", "role": "assistant", "model": "scripted"}
    head |= {"content": [], "stop_reason": None, "stop_sequence": None, "usage": usage}
    if not body.get("stream"):
        content = [block] if calls else [{"type": "text", "text": SAID}]
        return JSONResponse(head | {"content": content, "stop_reason": why})
    return _events(
        [
            ("message_start", {"type": "message_start", "message": head}),
            (
                "content_block_start",
                {"type": "content_block_start", "index": 0, "content_block": block},
            ),
            ("content_block_delta", {"type": "content_block_delta", "index": 0, "delta": delta}),
            ("content_block_stop", {"type": "content_block_stop", "index": 0}),
            (
                "message_delta",
                {
                    "type": "message_delta",
                    "delta": {"stop_reason": why, "stop_sequence": None},
                    "usage": usage,
                },
            ),
            ("message_stop", {"type": "message_stop"}),
        ]
    )


def _responses(body, _path):
    tool, space = _chosen(body)
    if tool and not _has(body, '"function_call_output"'):
        item = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": tool}
        item |= {"arguments": "{}", "status": "completed"} | ({"namespace": space} if space else {})
    else:
        content = [{"type": "output_text", "text": SAID, "annotations": []}]
        item = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed"}
        item |= {"content": content}
    details = {"input_tokens_details": {"cached_tokens": 0}}
    details |= {"output_tokens_details": {"reasoning_tokens": 0}}
    usage = {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2} | details
    whole = {"id": "resp_1", "object": "response", "created_at": 1, "model": "scripted"}
    whole |= {"status": "completed", "output": [item], "usage": usage, "tools": []}
    whole |= {"parallel_tool_calls": False, "tool_choice": "auto"}
    if not body.get("stream"):
        return JSONResponse(whole)
    begun = whole | {"status": "in_progress", "output": []}
    kinds = ("response.output_item.added", "response.output_item.done")
    return _events(
        [("response.created", {"type": "response.created", "response": begun})]
        + [(kind, {"type": kind, "output_index": 0, "item": item}) for kind in kinds]
        + [("response.completed", {"type": "response.completed", "response": whole})]
    )


def _chat(body, _path):
    tool, _ = _chosen(body)
    message = {"role": "assistant", "content": SAID}
    why = "stop"
    if tool and not _has(body, '"role": "tool"'):
        call = {"index": 0, "id": "call_1", "type": "function"}
        call |= {"function": {"name": tool, "arguments": "{}"}}
        message, why = {"role": "assistant", "tool_calls": [call]}, "tool_calls"
    head = {"id": "c_1", "created": 1, "model": "scripted"}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    if not body.get("stream"):
        choice = {"index": 0, "message": message, "finish_reason": why}
        return JSONResponse(
            head | {"object": "chat.completion", "choices": [choice], "usage": usage}
        )
    head |= {"object": "chat.completion.chunk"}
    first = {"index": 0, "delta": message, "finish_reason": None}
    last = {"index": 0, "delta": {}, "finish_reason": why}
    return _events(
        [
            ("", head | {"choices": [first]}),
            ("", head | {"choices": [last], "usage": usage}),
            ("", "[DONE]"),
        ]
    )


def _gemini(body, path):
    tool, _ = _chosen(body)
    part = {"text": SAID}
    if tool and not _has(body, '"functionResponse"'):
        part = {"functionCall": {"name": tool, "args": {}}}
    elif "responseSchema" in json.dumps(body) or "responseJsonSchema" in json.dumps(body):
        part = {"text": json.dumps({"reasoning": "simple", "model_choice": "flash"})}
    usage = {"promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2}
    candidate = {"content": {"role": "model", "parts": [part]}, "finishReason": "STOP", "index": 0}
    whole = {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "scripted"}
    return _events([("", whole)]) if "stream" in path else JSONResponse(whole)


_FORMATS = {
    "v1/messages": _anthropic,
    "/responses": _responses,
    "chat/completions": _chat,
    "enerateContent": _gemini,
}
