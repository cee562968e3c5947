"""Every schema is in the subset that every vendor takes, by the vendors' own documents.

Each vendor is one row: what its documents allow, and a schema that it refuses or loses. A rule that
would not notice its own trap is no rule. ``make clients`` runs the vendors' own converters.
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import tool_list

from annulet.toolkit.answers import TOOLS as OURS

TOOLS = tool_list.current()["tools"]
PLAIN = frozenset({"type", "description", "properties", "items", "enum", "required"})
TYPES = frozenset({"object", "array", "string", "integer", "number", "boolean"})


@dataclass(frozen=True)
class Vendor:
    """What a vendor takes.

    Attributes:
        trap: A parameter that it refuses, or whose meaning it loses.
        keywords: The keywords that it reads.
        texts_only: Whether ``enum`` belongs to texts only.
        typed: Whether everything needs one type, and an array items.
        in_words: Whether ``enum`` is dropped, so that the words have to name the choices.
    """

    trap: dict
    keywords: frozenset = PLAIN
    texts_only: bool = False
    typed: bool = True
    in_words: bool = False


NUMBERS = {"type": "integer", "enum": [0, 5], "description": "0 or 5"}
VENDORS = {
    "google-genai": Vendor({"type": "object", "additionalProperties": False}),
    "Gemini API": Vendor(NUMBERS, texts_only=True),
    "Vertex AI": Vendor({"type": "array", "description": "No items"}),
    "OpenAI strict": Vendor({"type": "integer", "default": 30}),
    "Anthropic strict": Vendor({"type": "integer", "minimum": 7, "maximum": 30}),
    "Bedrock Nova": Vendor({"$ref": "#/$defs/day", "type": "string"}),
    "Mistral": Vendor({"anyOf": [{"type": "string"}, {"type": "null"}]}),
    "Cohere": Vendor({"type": "string", "enum": ["a"], "description": "x"}, in_words=True),
    "Ollama": Vendor({"type": ["string", "null"], "description": "x"}),
    "Home Assistant": Vendor({"description": "Anything"}),
    "VS Code": Vendor({"type": "array", "items": {"type": "array"}}),
    "strict validators": Vendor({"type": "string", "format": "date"}),
}


def complaints(schema, vendor, place=""):
    """What a vendor would not take in a schema, each with its place."""
    words = schema.get("description", "")
    choices = schema.get("enum") or schema.get("items", {}).get("enum") or ()
    if unknown := set(schema) - vendor.keywords:
        yield f"{place}: {sorted(unknown)}"
    if vendor.typed and str(schema.get("type")) not in TYPES:
        yield f"{place}: no single type"
    if vendor.typed and schema.get("type") == "array" and "items" not in schema:
        yield f"{place}: an array without items"
    if vendor.texts_only and "enum" in schema and schema["type"] != "string":
        yield f"{place}: enum of {schema['type']}"
    if vendor.in_words and words and any(choice not in words for choice in map(str, choices)):
        yield f"{place}: choices only in enum"
    for name, inner in schema.get("properties", {}).items():
        yield from complaints(inner, vendor, f"{place}.{name}")
    if "items" in schema:
        yield from complaints(schema["items"], vendor, f"{place}[]")


@pytest.mark.parametrize("name", VENDORS)
def test_every_vendor_takes_every_input_schema(name):
    """Nothing is refused, nothing is dropped; the vendor's own trap would be noticed."""
    vendor = VENDORS[name]
    assert list(complaints(vendor.trap, vendor))
    for tool in TOOLS:
        assert not list(complaints(tool["inputSchema"], vendor, tool["name"]))
        assert tool["inputSchema"]["type"] == "object"
        assert tool["inputSchema"]["properties"]


def test_every_parameter_is_described():
    """Also what a vendor drops: the choices, the limits and the default are in the words."""
    for tool in TOOLS:
        for name, shown in tool["inputSchema"]["properties"].items():
            schema = OURS[tool["name"]].properties[name]
            assert len(shown["description"]) > 5, (tool["name"], name)
            for key in ("default", "minimum", "maximum"):
                if key in schema:
                    assert str(schema[key]).lower() in shown["description"], (tool["name"], name)


def test_names_fit_every_vendor():
    """At most 64 letters, digits and underscores, also behind the prefixes of hosts."""
    for tool in TOOLS:
        assert re.fullmatch(r"[a-z][a-z0-9_]{1,40}", tool["name"])
        for name in tool["inputSchema"]["properties"]:
            assert re.fullmatch(r"[a-z][a-z0-9_]{1,40}", name)


def test_output_schemas_have_no_unions_and_typed_arrays():
    """A union at the root made tools vanish; a cell of a table may be text, number or null."""
    for tool in TOOLS:
        for place, schema in every_schema(tool["outputSchema"], tool["name"]):
            assert set(schema) <= PLAIN, place
            assert schema.get("type") in TYPES or place.endswith(".rows[][]"), place
            assert schema.get("type") != "array" or "items" in schema, place


def every_schema(schema, place):
    """A schema and all inside it, each with its place."""
    yield place, schema
    for name, inner in schema.get("properties", {}).items():
        yield from every_schema(inner, f"{place}.{name}")
    if "items" in schema:
        yield from every_schema(schema["items"], f"{place}[]")
