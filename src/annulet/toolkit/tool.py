"""What a tool is: one object that every face of annulet reads."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from annulet.toolkit.context import Context

__all__ = ["Answer", "Arguments", "Tool"]

Arguments = Mapping[str, Any]
Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tool:
    """One of the ten questions.

    Attributes:
        name: The name assistants call, ``oura_…``.
        title: The name a person reads.
        description: What the model is told: what the tool answers and when to choose another.
        properties: Parameters as JSON Schema, written by hand: no unions with null, enums where
            there is a list, defaults stated. The command line derives its options from them.
        output: JSON Schema of the answer.
        scopes: The permissions any of which makes the tool useful.
        run: Gathers, decides and presents. Arguments are already validated and complete.
        required: Parameters without which there is no question.
    """

    name: str
    title: str
    description: str
    properties: Mapping[str, Mapping[str, Any]]
    output: Mapping[str, Any]
    scopes: tuple[str, ...]
    run: Callable[[Context, Arguments], Awaitable[Answer]]
    required: tuple[str, ...] = ()

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
