"""The record of the opening, from the SDK server's own replies: ``python handshake_record.py``."""

import asyncio
import json

import anyio
import mcp_types as types
from mcp.shared.message import SessionMessage
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, LATEST_MODERN_VERSION

from annulet.mcp_server.protocol.both_eras import serve_both_eras
from annulet.mcp_server.protocol.catalogue_bundle import build_catalogue_bundle
from annulet.mcp_server.protocol.server import build_server
from annulet.mcp_server.recorded_handshake import FILE
from annulet.mcp_server.request_person import RequestPerson

LISTS = ("tools/list", "prompts/list", "resources/list", "resources/templates/list")
NEWER = LATEST_MODERN_VERSION
CLIENT = {"name": "recorder", "version": "1"}
META = {
    "io.modelcontextprotocol/protocolVersion": NEWER,
    "io.modelcontextprotocol/clientCapabilities": {},
}


def initialize(revision):
    """The opening of the older era."""
    return {"protocolVersion": revision, "capabilities": {}, "clientInfo": CLIENT}


async def ask(requests):
    """What a fresh server replies to some requests in a row: the results."""

    async def messages():
        for number, (method, params) in enumerate(requests):
            body = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
            yield SessionMessage(types.jsonrpc_message_adapter.validate_python(body))
            await replied[number].wait()

    async def send(item):
        reply = item.message.model_dump(by_alias=True, exclude_unset=True, mode="json")
        replies[reply["id"]] = reply.get("result")
        replied[reply["id"]].set()

    replies, replied = {}, [anyio.Event() for _ in requests]
    server = build_server(find_person=lambda _ctx: RequestPerson(None), **build_catalogue_bundle())
    await serve_both_eras(server, messages(), send)
    return [replies[number] for number in range(len(requests))]


async def record():
    """Every recorded result by revision and method; equal results are kept once."""
    results, index = [], {}
    openings = {
        revision: [("initialize", initialize(revision)), *[(m, {}) for m in (*LISTS, "ping")]]
        for revision in HANDSHAKE_PROTOCOL_VERSIONS
    }
    openings[NEWER] = [(method, {"_meta": META}) for method in ("server/discover", *LISTS)]
    openings[""] = [("ping", {})]
    for revision, requests in openings.items():
        for (method, _), result in zip(requests, await ask(requests), strict=True):
            assert result is not None, (revision, method)
            if result not in results:
                results.append(result)
            index[f"{revision} {method}"] = results.index(result)
    newest = HANDSHAKE_PROTOCOL_VERSIONS[-1]
    return {"newest": newest, "index": index, "results": results}


def write():
    """Write the record into the package."""
    text = json.dumps(asyncio.run(record()), ensure_ascii=False, separators=(",", ":"))
    FILE.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    write()
