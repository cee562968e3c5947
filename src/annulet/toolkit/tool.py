"""What a tool is: one object that the server, the command line and the pages read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import msgspec

from annulet.toolkit.context import Context

Arguments: TypeAlias = Mapping[str, Any]
"""Arguments by name, as they came or as `annulet.toolkit.arguments.validate` completed them."""
Answer: TypeAlias = dict[str, Any]
"""A JSON-ready object with ``summary`` first."""
Schema: TypeAlias = Mapping[str, Any]
"""A JSON Schema, or the part of one."""
Run: TypeAlias = Callable[[Context, Arguments], Awaitable[Answer]]
A = TypeVar("A")


def with_arguments(kind: type[A], run: Callable[[Context, A], Awaitable[Answer]]) -> Run:
    """The ``run`` of a tool whose arguments have a type of their own.

    Args:
        kind: A dataclass with one field for each property of the tool.
        run: Answers.
    """

    def run_with_mapping(context: Context, arguments: Arguments) -> Awaitable[Answer]:
        return run(context, msgspec.convert(arguments, kind))

    return run_with_mapping


@dataclass(frozen=True, slots=True)
class Tool:
    """One of the eleven questions.

    Attributes:
        name: The name assistants call, ``oura_…``.
        title: The name a person reads.
        description: What the model is told: what the tool answers and when to choose another.
        properties: Parameters as JSON Schema, written by hand, each with a description; choices,
            limits and defaults are stated. The command line derives its options from them.
        output: JSON Schema of the answer.
        scopes: The permissions any of which makes the tool useful.
        run: Answers. Arguments are already validated and complete.
        prepare: Brings arguments as models write them into the form of the schema.
        unsplit: List parameters whose texts may hold commas.
    """

    name: str
    title: str
    description: str
    properties: Mapping[str, Schema]
    output: Schema
    scopes: tuple[str, ...]
    run: Run
    prepare: Callable[[Arguments], dict[str, Any]] | None = None
    unsplit: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        """The name of the command-line command: ``oura_daily_summary`` is ``daily``."""
        return _COMMANDS.get(self.name, self.name.removeprefix("oura_"))

    @property
    def input_schema(self) -> dict[str, Any]:
        """The parameters as the JSON Schema that clients get, in the subset that all convert.

        Some vendors refuse ``additionalProperties``, ``default`` and limits, others drop them and
        ``enum``: what a value may be therefore stands in the description, and `validate` checks.
        """
        properties = {name: _portable(schema) for name, schema in self.properties.items()}
        return {"type": "object", "properties": properties}


def _portable(schema: Schema) -> dict[str, Any]:
    """One parameter: its limits, choices and default are in the words."""
    items = schema.get("items", {})
    choices = ", ".join(schema.get("enum") or items.get("enum") or ())
    if "minimum" in schema:
        choices = f"{schema['minimum']} to {schema['maximum']}"
    words = f"{schema['description']}: {choices}" if choices else schema["description"]
    if "default" in schema:
        words += f"; default {str(schema['default']).lower()}"
    return {name: schema[name] for name in ("type", "enum", "items") if name in schema} | {
        "description": words
    }


_COMMANDS = {"oura_daily_summary": "daily", "oura_sleep_sessions": "sleep"}
