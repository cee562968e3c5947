"""The peer ``mcp-oura`` from PyPI, in an environment of its own under ``.bench/``."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import PathDistribution
from pathlib import Path

__all__ = ["installed"]

_PACKAGE = "mcp-oura==0.4.0"


def installed(folder: Path) -> tuple[list[str], str]:
    """The peer's command and its version; without a command, the reason why."""
    home = folder / "peer"
    command = home / "bin" / "oura-mcp"
    try:
        if not command.exists():
            folder.mkdir(parents=True, exist_ok=True)
            _run([sys.executable, "-m", "venv", str(home)])
            pip = [str(home / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
            _run([*pip, "install", "--quiet", _PACKAGE])
    except (OSError, subprocess.SubprocessError) as failure:
        return [], f"mcp-oura could not be installed ({type(failure).__name__}): left out"
    info = next(home.glob("lib/python*/site-packages/mcp_oura-*.dist-info"), None)
    version = PathDistribution(info).version if info else "?"
    return [str(command)], f"mcp-oura {version}"


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=600)
