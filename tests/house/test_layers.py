"""The import contracts hold, and each of them would notice a break."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BREAKS = {
    "analytics knows the network": ("analytics/broken.py", "import httpx2\n"),
    "analytics knows the clock": ("analytics/broken.py", "import time\n"),
    "the double shares parsing": (
        "simulator/broken.py",
        "from annulet.client import OuraClient\n",
    ),
    "a room without a layer": ("utils/__init__.py", ""),
    "an answer knows MCP": ("toolkit/broken.py", "import mcp\n"),
    "an answer knows the types of MCP": ("toolkit/broken.py", "import mcp_types\n"),
    "the MCP face reads settings": (
        "mcp_server/broken.py",
        "from annulet.settings import Settings\n",
    ),
    "the service knows the double": (
        "hosted/broken.py",
        "from annulet.simulator import SimulatedOura\n",
    ),
    "the client knows OAuth": ("client/broken.py", "from annulet.oauth.grant import Grant\n"),
    "the road to Oura knows the client": (
        "oura_http/broken.py",
        "from annulet.client import OuraClient\n",
    ),
    "the double reads documents": (
        "simulator/broken.py",
        "from annulet.contract.documents import Sleep\n",
    ),
}


def check(root: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on a copy of the source."""
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [program, "--no-cache"],
        cwd=root,
        env={"PYTHONPATH": str(root / "src"), "PATH": "/usr/bin:/bin", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the source and its contracts that a test may break."""
    ignore = shutil.ignore_patterns("__pycache__", "static", "fonts")
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=ignore)
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def test_the_contracts_hold(copy: Path) -> None:
    """Nothing is imported upward or sideways."""
    result = check(copy)
    assert result.returncode == 0, result.stdout[-3000:]


@pytest.mark.parametrize("name", BREAKS)
def test_a_break_is_noticed(copy: Path, name: str) -> None:
    """Each of these breaks fails the check."""
    place, text = BREAKS[name]
    file = copy / "src" / "annulet" / place
    file.parent.mkdir(exist_ok=True)
    file.write_text(f'"""A break."""\n\n{text}')
    assert check(copy).returncode != 0
