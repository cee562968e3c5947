"""Rooms stay small and have names that say what is in them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "annulet"
FILES = sorted(SOURCE.rglob("*.py"))
NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc", "base", "core", "manager"}
LONGEST_FILE = 400
LONGEST_FUNCTION = 40


def code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a function's body, its docstring not counted."""
    first = node.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    body = node.body[1:] if documented else node.body
    return (node.end_lineno or 0) - body[0].lineno + 1 if body else 0


def functions(file: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node for node in ast.walk(tree) if isinstance(node, kinds)]


def test_there_are_rooms_to_look_at() -> None:
    """The walk below really walks."""
    assert len(FILES) > 30


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(SOURCE)))
def test_files_and_functions_fit_on_a_desk(file: Path) -> None:
    """No file beyond 400 lines, no function beyond 40."""
    lines = file.read_text(encoding="utf-8").count("\n")
    assert lines <= LONGEST_FILE, f"{file.name} has {lines} lines: two rooms in one?"
    long = {f.name: code_lines(f) for f in functions(file) if code_lines(f) > LONGEST_FUNCTION}
    assert not long, f"{file.name}: {long}"


def test_every_room_has_a_name() -> None:
    """No room named after nothing in particular."""
    names = {part for file in FILES for part in file.relative_to(SOURCE).with_suffix("").parts}
    assert not names & NAMELESS


def test_a_nameless_room_would_be_seen() -> None:
    """The positive control of the test above."""
    assert {"utils", "toolkit"} & NAMELESS == {"utils"}


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(SOURCE)))
def test_every_room_says_what_it_is_for(file: Path) -> None:
    """Each file begins with a docstring."""
    text = file.read_text(encoding="utf-8")
    assert not text.strip() or ast.get_docstring(ast.parse(text)), file.name


def sorted_as_ruff_does(names: list[str]) -> list[str]:
    def rank(name: str) -> tuple[int, str]:
        return (0 if name.isupper() else 1 if name[:1].isupper() else 2, name)

    return sorted(names, key=rank)


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(SOURCE)))
def test_what_a_room_exports_is_there(file: Path) -> None:
    """Every name in a literal ``__all__`` is defined or imported in the file."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    listed: list[str] = []
    known: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            listed = [element.value for element in getattr(node.value, "elts", [])]
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            known.add(node.id)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            known.add(node.name)
        if isinstance(node, ast.Import | ast.ImportFrom):
            known |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    if file == SOURCE / "__init__.py":
        return  # the public surface is loaded lazily; tests/unit/test_package.py holds it
    missing = [name for name in listed if name not in known]
    assert not missing, f"{file.name} exports {missing}"
