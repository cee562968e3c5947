"""The tool list as a committed snapshot with its price: ``python tests/protocol/tool_list.py``.

The price is an estimate that errs on the dear side: compact JSON of names, descriptions and input
schemas, plus the instructions, at 4 characters a token (o200k_base took 4.2 when this was
measured; `benchmarks/price.mjs` counts real tokens).
"""

import json
from pathlib import Path

from annulet.mcp_server.protocol.catalogue import list_tools
from annulet.mcp_server.protocol.catalogue_bundle import build_catalogue_bundle
from annulet.mcp_server.protocol.instructions import INSTRUCTIONS

SNAPSHOT = Path(__file__).with_name("snapshots") / "tools.json"
CHARACTERS_PER_TOKEN = 4


def seen_by_models():
    """What a client puts before a model: each tool's name, description and input schema."""
    tools = list_tools(build_catalogue_bundle()["tools"])
    return [
        {"name": tool.name, "description": tool.description, "input_schema": tool.input_schema}
        for tool in tools
    ]


def priced(value):
    """The estimated tokens of a JSON value or a text."""
    text = (
        value
        if isinstance(value, str)
        else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    )
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def current():
    """The snapshot as it would be written now."""
    seen = seen_by_models()
    price = {entry["name"]: priced(entry) for entry in seen}
    price["instructions"] = priced(INSTRUCTIONS)
    complete = build_catalogue_bundle()
    return {
        "tokens": {"all": sum(price.values()), **price},
        "tools": [
            tool.model_dump(by_alias=True, mode="json", exclude_none=True)
            for tool in list_tools(complete["tools"], complete["apps"])
        ],
    }


def written(snapshot):
    """The snapshot as text."""
    return json.dumps(snapshot, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    import handshake_record

    SNAPSHOT.write_text(written(current()), encoding="utf-8")
    handshake_record.write()
    print(f"{SNAPSHOT}: {current()['tokens']['all']} tokens")
