"""What a text costs a model: o200k_base where Node and npm are there, else an estimate.

The tokenizer is installed once under ``.bench/`` and counts offline.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

__all__ = ["ESTIMATE", "counted"]

ESTIMATE = "characters / 1.76"
_COUNT = """
import { encode } from "gpt-tokenizer/encoding/o200k_base";
import { readFileSync } from "node:fs";
const texts = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(texts.map((text) => encode(text).length)));
"""


def counted(texts: Sequence[str], folder: Path) -> tuple[list[int], str]:
    """Tokens of each text, and by what they were counted."""
    counts = _by_node(texts, folder / "tokens")
    if counts is not None:
        return counts, "o200k_base"
    return [round(len(text) / 1.76) for text in texts], ESTIMATE


def _by_node(texts: Sequence[str], folder: Path) -> list[int] | None:
    if shutil.which("node") is None or shutil.which("npm") is None:
        return None
    try:
        if not (folder / "node_modules" / "gpt-tokenizer").is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            _run(["npm", "install", "--silent", "--prefix", ".", "gpt-tokenizer"], folder, "")
        (folder / "count.mjs").write_text(_COUNT, encoding="utf-8")
        counts: list[int] = json.loads(_run(["node", "count.mjs"], folder, json.dumps(texts)))
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return counts


def _run(command: list[str], folder: Path, text: str) -> str:
    done = subprocess.run(
        command, cwd=folder, input=text, text=True, capture_output=True, timeout=180, check=True
    )
    return done.stdout
