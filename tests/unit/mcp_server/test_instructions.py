"""The instructions: short, and true about the tools there are."""

import re

from annulet.mcp_server.protocol.instructions import INSTRUCTIONS
from annulet.toolkit.answers import TOOLS


def test_they_are_short_and_begin_with_a_sentence_that_stands_alone():
    """Some clients show only the first sentence, some cut late."""
    first = re.split(r"\.\s", INSTRUCTIONS)[0]
    assert len(INSTRUCTIONS) <= 1500
    assert len(first) <= 220
    for word in ("Oura", "sleep", "heart rate", "trends"):
        assert word in first


def test_they_name_every_tool_once_and_no_other():
    """A model that reads only this knows which tool to look for."""
    named = re.findall(r"oura_\w+", INSTRUCTIONS)
    assert set(TOOLS) <= set(named)
    assert len(named) == len(set(named))


def test_they_say_the_rules():
    """Dates, zone, missing data, not medical advice, how to connect."""
    for words in ("inclusive", "time zone", "never read them as zero", "Not medical advice"):
        assert words in INSTRUCTIONS
    assert "annulet connect" in INSTRUCTIONS
