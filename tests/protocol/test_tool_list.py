"""The tool list is a contract: any change shows in review, with its price."""

import json
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import tool_list

from annulet.mcp_server.protocol.instructions import INSTRUCTIONS
from annulet.toolkit.answers import TOOLS

BUDGET = 2000
LONGEST_INSTRUCTIONS = 1500
ALLOWED = {"type", "description", "enum", "default", "items", "minimum", "maximum", "maxLength"}


def test_the_snapshot_is_current():
    """After a deliberate change run ``python tests/protocol/tool_list.py`` and commit it."""
    snapshot = json.loads(tool_list.SNAPSHOT.read_text(encoding="utf-8"))
    assert snapshot == json.loads(tool_list.written(tool_list.current()))


def test_the_list_is_cheap():
    """All eleven tools, and the instructions beside them, stay within the budgets of the house."""
    tokens = tool_list.current()["tokens"]
    assert len(TOOLS) == 11
    assert tokens["all"] - tokens["instructions"] <= BUDGET
    assert len(INSTRUCTIONS) <= LONGEST_INSTRUCTIONS


def test_names_explain_themselves():
    """One prefix, and nothing a client would refuse."""
    for name in TOOLS:
        assert re.fullmatch(r"oura_[a-z_]{4,40}", name)


def test_input_schemas_are_written_for_models():
    """No unions, no titles, enums where there is a list, closed."""
    for entry in tool_list.seen_by_models():
        schema = entry["input_schema"]
        assert schema["additionalProperties"] is False
        for name, parameter in schema["properties"].items():
            assert set(parameter) <= ALLOWED, name
            assert isinstance(parameter["type"], str)
            if parameter["type"] == "array":
                assert parameter["items"]["type"] == "string"
        assert set(schema.get("required", ())) <= set(schema["properties"])


def test_every_tool_promises_what_its_answer_has():
    """Output schemas are objects with a summary, and know the failure."""
    for tool in tool_list.current()["tools"]:
        schema = tool["outputSchema"]
        assert schema["type"] == "object"
        assert {"summary", "error"} <= set(schema["properties"])
