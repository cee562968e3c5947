"""Every test that the threat model names exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/explanation/threat-model.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def missing_tests(text: str) -> list[str]:
    """The tests that a text names and the project does not have."""
    missing = []
    for path, name in NAMED.findall(text):
        file = ROOT / path
        tree = ast.parse(file.read_text("utf-8")) if file.exists() else ast.Module([], [])
        names = {node.name for node in tree.body if hasattr(node, "name")}
        if name not in names:
            missing.append(f"{path}::{name}")
    return missing


def test_the_threat_model_names_tests_that_exist() -> None:
    """A row whose last cell is neither a test nor open is a failure, too."""
    text = PAGE.read_text("utf-8")
    assert missing_tests(text) == []
    assert missing_tests("`tests/house/test_threat_model.py::test_nothing`")
    rows = [line for line in text.splitlines() if re.match(r"\| (?:[HMLG]\d|–)", line)]
    assert len(rows) > 30
    for row in rows:
        last_cell = row.rstrip("| ").rpartition("|")[2].strip()
        assert NAMED.fullmatch(last_cell) or last_cell.startswith("open"), row
