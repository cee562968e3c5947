"""Files and functions stay small, and have names that say what is in them."""

from __future__ import annotations

import ast
import functools
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "annulet"
NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc", "base", "core", "manager"}
LONGEST_FILE = 400
LONGEST_FUNCTION = 40


@functools.cache
def texts() -> dict[str, str]:
    """Every source file, by its path inside the package."""
    files = sorted(SOURCE.rglob("*.py"))
    return {file.relative_to(SOURCE).as_posix(): file.read_text("utf-8") for file in files}


def code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function's body, its docstring left out."""
    first = node.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    body = node.body[1:] if documented else node.body
    return (node.end_lineno or 0) - body[0].lineno + 1 if body else 0


def long_functions(text: str) -> dict[str, int]:
    """The functions of a file that are too long, and their lines."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, kinds)]
    return {n.name: code_lines(n) for n in nodes if code_lines(n) > LONGEST_FUNCTION}


def undefined_exports(text: str) -> list[str]:
    """The names of a literal ``__all__`` that the file neither defines nor imports."""
    exported: list[str] = []
    defined: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            exported = [element.value for element in getattr(node.value, "elts", [])]
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            defined.add(node.id)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            defined.add(node.name)
        if isinstance(node, ast.Import | ast.ImportFrom):
            defined |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    return [name for name in exported if name not in defined]


def test_the_source_is_read() -> None:
    """The tests below look at the whole package."""
    assert len(texts()) > 30


def test_files_are_short() -> None:
    """No file has more than 400 lines."""
    lines = {file: text.count("\n") for file, text in texts().items()}
    assert {file: count for file, count in lines.items() if count > LONGEST_FILE} == {}


def test_functions_are_short() -> None:
    """No function has more than 40 lines."""
    long = {file: long_functions(text) for file, text in texts().items()}
    assert {file: functions for file, functions in long.items() if functions} == {}


def test_no_file_is_named_after_nothing() -> None:
    """No module or folder has a name that fits everything."""
    parts = {file: set(Path(file).with_suffix("").parts) for file in texts()}
    assert {file: names for file, names in parts.items() if names & NAMELESS} == {}


def test_every_file_says_what_it_is_for() -> None:
    """Each file begins with a docstring."""
    silent = [
        file
        for file, text in texts().items()
        if text.strip() and not ast.get_docstring(ast.parse(text))
    ]
    assert silent == []


def test_every_exported_name_is_there() -> None:
    """Every name in a literal ``__all__`` is defined or imported in its file."""
    # The public surface is loaded lazily; tests/unit/test_package.py checks it.
    files = {file: text for file, text in texts().items() if file != "__init__.py"}
    missing = {file: undefined_exports(text) for file, text in files.items()}
    assert {file: names for file, names in missing.items() if names} == {}


def test_long_and_undefined_would_be_seen() -> None:
    """The positive control of the rules about functions and exports."""
    body = "    x = 1\n" * (LONGEST_FUNCTION + 1)
    assert long_functions(f"def long():\n{body}") == {"long": LONGEST_FUNCTION + 1}
    assert long_functions(f'def short():\n    """What it does."""\n{body[:-10]}') == {}
    assert undefined_exports("__all__ = ['here', 'gone']\nhere = 1\n") == ["gone"]
    assert {"utils", "toolkit"} & NAMELESS == {"utils"}
