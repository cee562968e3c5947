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
