"""What a tool is: one object that the server, the command line and the pages read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import msgspec

from annulet.toolkit.context import Context

__all__ = ["Answer", "Arguments", "Schema", "Tool", "with_arguments"]

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
        properties: Parameters as JSON Schema, written by hand: no unions with null, enums where
            there is a list, defaults stated. The command line derives its options from them.
        output: JSON Schema of the answer.
        scopes: The permissions any of which makes the tool useful.
        run: Answers. Arguments are already validated and complete.
        required: Parameters without which there is no question.
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
    required: tuple[str, ...] = ()
    prepare: Callable[[Arguments], dict[str, Any]] | None = None
    unsplit: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        """The name of the command-line command: ``oura_daily_summary`` is ``daily``."""
        return _COMMANDS.get(self.name, self.name.removeprefix("oura_"))

    @property
    def input_schema(self) -> dict[str, Any]:
        """The parameters as one closed JSON Schema object."""
        schema: dict[str, Any] = {
            "type": "object",
            "properties": {name: dict(schema) for name, schema in self.properties.items()},
            "additionalProperties": False,
        }
        if self.required:
            schema["required"] = list(self.required)
        return schema


_COMMANDS = {"oura_daily_summary": "daily", "oura_sleep_sessions": "sleep"}
