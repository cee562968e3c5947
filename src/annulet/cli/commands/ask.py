"""The eleven answers as commands: their options are the tools' own parameters."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from annulet.toolkit.answers import TOOLS, answer
from annulet.toolkit.scenes import has_scenes
from annulet.toolkit.tool import Answer, Arguments, Tool

_POSITIONAL: Final = ("start", "end", "period", "against", "tag")
_MAY_BEGIN_WITH_HYPHEN: Final = frozenset({"sort"})
"""``--sort -start``: the hyphen is the value's own."""
_KINDS: Final[dict[str, object]] = {
    "string": str | None,
    "integer": int | None,
    "boolean": bool | None,
    "array": list[str] | None,
}


def __getattr__(name: str) -> Callable[..., Awaitable[None]]:
    """The command of that name, made when it is typed."""
    for tool in TOOLS.values():
        if tool.command == name:
            return command(tool)
    raise AttributeError(name)


def command(tool: Tool) -> Callable[..., Awaitable[None]]:
    """The command-line command of one tool."""
    signature = inspect.Signature([*_options(tool), *_common(tool)])

    async def ask(*positional: object, **keywords: object) -> None:
        bound = signature.bind(*positional, **keywords)
        bound.apply_defaults()
        options = dict(bound.arguments)
        as_json, account = options.pop("json"), options.pop("account")
        chart = options.pop("chart", None)
        result = await _ask(tool, options, account, chart)
        _show(tool, result, as_json=as_json)

    ask.__name__ = ask.__qualname__ = tool.command
    ask.__doc__ = _as_typed(tool.description)
    ask.__signature__ = signature  # type: ignore[attr-defined] # inspect reads it
    ask.__annotations__ = {p.name: p.annotation for p in signature.parameters.values()}
    return ask


def _as_typed(words: str) -> str:
    """Words in which tools are called by the commands they are here."""
    for tool in TOOLS.values():
        words = words.replace(tool.name, f"annulet {tool.command}")
    return words


def _options(tool: Tool) -> list[inspect.Parameter]:
    names = sorted(tool.properties, key=lambda name: name not in _POSITIONAL)
    return [_option(name, tool.properties[name]) for name in names]


def _option(name: str, schema: Arguments) -> inspect.Parameter:
    kind = _KINDS[schema["type"]]
    words = _as_typed(str(schema.get("description", "")))
    choices = schema.get("enum") or schema.get("items", {}).get("enum")
    shown = f"{words} [{', '.join(map(str, choices))}]" if choices else words
    if "default" in schema:
        shown = f"{shown} [default: {schema['default']}]"
    return inspect.Parameter(
        name,
        inspect.Parameter.POSITIONAL_OR_KEYWORD
        if name in _POSITIONAL
        else inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[
            kind,
            Parameter(
                help=shown.strip(),
                negative_bool="no-",
                negative_none=(),
                allow_leading_hyphen=name in _MAY_BEGIN_WITH_HYPHEN,
            ),
        ],
    )


def _common(tool: Tool) -> list[inspect.Parameter]:
    """The options that every answer has; a chart only where there can be one."""
    options = {
        "json": (False, Annotated[bool, Parameter(help="Print the answer as JSON.")]),
        "account": ("", Annotated[str, Parameter(help="Which connection, if not the default.")]),
    }
    if has_scenes(tool.name):
        words = "Also draw a chart into this .svg or .png file."
        options["chart"] = (None, Annotated[Path | None, Parameter(help=words)])
    return [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, (default, kind) in options.items()
    ]


async def _ask(tool: Tool, options: Arguments, account: str, chart: Path | None) -> Answer:
    from annulet.cli.output import charts
    from annulet.settings import Settings
    from annulet.wiring import open_context

    if chart is not None:
        charts.check(chart)
    async with open_context(Settings.from_environ(), account=account) as context:
        result = await answer(tool.name, options, context)
        if chart is not None:
            await charts.draw(tool, options, result, context, chart)
    return result


def _show(tool: Tool, result: Answer, *, as_json: bool) -> None:
    from annulet.cli.output import streams

    if as_json:
        streams.answer_json(result)
    else:
        from annulet.cli.output.render import render

        render(tool, result)
