"""What starts often starts light."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {
    "aiosqlite",
    "alembic",
    "argon2",
    "jinja2",
    "keyring",
    "matplotlib",
    "numpy",
    "pandas",
    "polars",
    "pyarrow",
    "resvg_py",
    "sqlalchemy",
}


def loaded_after(code: str) -> set[str]:
    """The packages that a fresh interpreter has loaded after some code."""
    script = f"import sys, json\n{code}\nprint(json.dumps([m.split('.')[0] for m in sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    return set(json.loads(done.stdout))


@pytest.mark.parametrize(
    ("code", "also"),
    [
        ("import annulet.mcp_server.protocol.stdio", {"cyclopts", "rich"}),
        ("import annulet.cli.commands.ask", {"mcp", "rich", "httpx2"}),
        ("import annulet.cli", {"mcp", "rich", "httpx2", "cyclopts", "msgspec"}),
        ("import annulet", {"mcp", "rich", "httpx2", "cyclopts", "msgspec"}),
        ("import annulet.client", {"mcp", "rich", "httpx2", "cyclopts"}),
    ],
)
def test_heavy_things_wait_until_they_are_used(code: str, also: set[str]) -> None:
    """Nothing heavy is imported before a question is asked."""
    assert not loaded_after(code) & (HEAVY | also)


def test_a_heavy_import_would_be_seen() -> None:
    """The positive control of the test above."""
    assert "sqlalchemy" in loaded_after("import sqlalchemy")
