"""The reference page of the Python library, from the docstrings of its public names."""

from __future__ import annotations

import inspect
import re
import textwrap
from typing import Any

import msgspec

import annulet
from annulet.contract.collections import COLLECTIONS
from annulet.contract.documents.reading import fields_of
from annulet.library.answer_types import ANSWER_TYPES
from annulet.toolkit.answers import TOOLS

_METHODS = {"vO2_max": "vo2_max"}


def library_page(mark: str) -> str:
    """The page as Markdown."""
    client = annulet.ConnectedClient
    parts = [
        mark,
        "# The Python library",
        "`import annulet` loads nothing heavy; `annulet.__all__` is the whole public surface. "
        "[Three programs](../how-to/use-python.md) show it at work.",
        "## Open a connection",
        *_entry("annulet.connect", annulet.connect),
        *_entry("annulet.sync.connect", annulet.sync.connect, module=annulet.sync),
        *_entry("annulet.OuraClient", annulet.OuraClient),
        "## Ask",
        *_entry("answer", client.answer),
        _answers(),
        "### What every answer has",
        _prose(annulet.TypedAnswer),
        "## Read collections",
        "Each is a method of the connection and of `OuraClient`. Days are `date`, both ends "
        "inclusive; series take two `datetime` with an offset. `fields=[…]` reads only what is "
        "named; an unknown field is refused with the nearest name.",
        _collections(),
        *_entry("collection", client.collection),
        *_entry("document", client.document),
        *_entry("stream", client.stream),
        "## Tables",
        _prose(annulet.Documents),
        *_entry("to_pandas", annulet.Documents.to_pandas),
        *_entry("to_polars", annulet.Documents.to_polars),
        *_entry("to_arrow", annulet.Documents.to_arrow),
        "## Errors",
        "One tree, `AnnuletError`, listed with codes in [errors](errors.md). `str(error)` says what "
        "happened and what to do next; `error.message` and `error.hint` are its parts.",
        "## Fields of the documents",
        "What was not measured is `None`. Values of an unexpected kind, and fields that this version "
        "does not know, are in `extra` as they came.",
        *(part for collection in COLLECTIONS.values() for part in _fields(collection.document)),
    ]
    return "\n\n".join(parts) + "\n"


def _entry(name: str, documented: Any, *, module: Any = None) -> list[str]:
    signature = re.sub(r"(: |-> )'([^']*)'", r"\1\2", str(inspect.signature(documented)))
    signature = signature.replace("(self, ", "(").replace("(self)", "()")
    extra = [_prose(module)] if module else []
    return [f"### {name}", f"`{name}{signature}`", *extra, _prose(documented)]


def _prose(documented: Any) -> str:
    """A docstring as Markdown: code after ``::`` is a block, sections are lists."""
    parts = []
    for part in inspect.cleandoc(inspect.getdoc(documented) or "").split("\n\n"):
        head, _, body = part.partition("\n")
        if head in {"Args:", "Raises:", "Attributes:"}:
            parts += [f"**{head[:-1]}**", _items(textwrap.dedent(body))]
        elif part.startswith("    ") and parts:
            open_code = parts[-1].startswith("    ")
            parts[-1:] = [f"{parts[-1]}\n\n{part}"] if open_code else [parts[-1], part]
        else:
            parts.append(part.removesuffix("::").rstrip())
    return "\n\n".join(_block(part) for part in parts if part)


def _block(part: str) -> str:
    if part.startswith("    "):
        return f"```python\n{textwrap.dedent(part)}\n```"
    return part.replace("``", "`")


def _items(body: str) -> str:
    entries = re.split(r"\n(?=\S)", body)
    pairs = [entry.partition(": ") for entry in entries]
    return "\n".join(f"- `{name}`: {' '.join(words.split())}" for name, _, words in pairs).replace(
        "``", "`"
    )


def _answers() -> str:
    rows = ["| answer | type | keys |", "| --- | --- | --- |"]
    common = set(annulet.TypedAnswer.__struct_fields__)
    for name, answer in ANSWER_TYPES.items():
        keys = [f"`{key}`" for key in answer.__struct_fields__ if key not in common]
        bare = name.removeprefix("oura_")
        also = "" if TOOLS[name].command == bare else f", `{TOOLS[name].command}`"
        rows.append(f"| `{bare}`{also} | `{answer.__name__}` | {', '.join(keys)} |")
    return "\n".join([*rows, "", "Parameters are those of the [tools](tools.md)."])


def _collections() -> str:
    rows = ["| method | documents | what it reads |", "| --- | --- | --- |"]
    for name, collection in COLLECTIONS.items():
        method = _METHODS.get(name, name)
        words = (inspect.getdoc(getattr(annulet.ConnectedClient, method)) or "").split("\n")[0]
        rows.append(f"| `{method}` | `{collection.document.__name__}` | {words} |")
    return "\n".join(rows)


def _fields(document: type[msgspec.Struct]) -> list[str]:
    text = inspect.cleandoc(document.__doc__ or "")
    listed = dict(re.findall(r"^    (\w+): (.*(?:\n {8}.*)*)", text, re.MULTILINE))
    rows = [
        f"- `{n}`: {' '.join(listed.get(n, '').split())}".replace("``", "`")
        for n in fields_of(document).types
    ]
    return [f"### {document.__name__}", text.split("\n\n")[0].replace("``", "`"), "\n".join(rows)]
