"""The examples in docstrings are true."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src"


def test_examples_give_what_they_show() -> None:
    """Every module with an example is run; there are some."""
    attempted, failed = 0, []
    for file in sorted(SOURCE.rglob("*.py")):
        if ">>> " in file.read_text("utf-8"):
            name = ".".join(file.relative_to(SOURCE).with_suffix("").parts)
            result = doctest.testmod(importlib.import_module(name.removesuffix(".__init__")))
            attempted += result.attempted
            failed += [name] if result.failed else []
    assert failed == []
    assert attempted > 50
