"""Getting the clients: npm programs and Python environments in ``.tools/clients``."""

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "conformance"))
import suite

TOOLS = Path(__file__).resolve().parents[3] / ".tools" / "clients"
BIN = TOOLS / "node_modules" / ".bin"
NPM = {
    "claude": "@anthropic-ai/claude-code@2.1.329",
    "codex": "@openai/codex@0.169.0",
    "opencode": "opencode-ai@1.18.33",
    "gemini": "@google/gemini-cli@0.61.0",
    "mcp-inspector": "@modelcontextprotocol/inspector@2.12.0",
    "mcp-remote": "mcp-remote@0.15.1",
    "mcpb": "@anthropic-ai/mcpb@2.1.2",
}
PYTHON = {
    "langchain": "langchain-mcp-adapters==0.3.2",
    "agents": "openai-agents==0.24.0",
    "pydantic": "pydantic-ai-slim[mcp]==2.68.0",
}


def get_node():
    """Node in front of the path; raises where npm cannot get one."""
    folder = str(Path(suite.get_node()).parent)
    if not os.environ["PATH"].startswith(folder):
        os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"


def get_npm(names):
    """The npm programs; what is there already stays. Raises where npm cannot get one."""
    get_node()
    with suite.alone(TOOLS):
        missing = [NPM[name] for name in names if not (BIN / name).exists()]
        if missing:
            options = ["--prefix", str(TOOLS), "--no-audit", "--no-fund"]
            command = ["npm", "install", *options, *missing]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def get_python(names):
    """The Python environments, one for each client."""
    TOOLS.mkdir(parents=True, exist_ok=True)
    for name in names:
        if not (TOOLS / name / "bin" / "python").exists():
            subprocess.run([sys.executable, "-m", "venv", str(TOOLS / name)], check=True)
            pip = [str(TOOLS / name / "bin" / "python"), "-m", "pip", "install", "--quiet"]
            subprocess.run([*pip, PYTHON[name]], check=True)


def paths():
    """Where the programs are; ``node`` stands beside them."""
    return BIN, Path(suite.find_node()).parent


def version_of(program):
    """The version as pinned."""
    pinned = NPM.get(program) or PYTHON[program]
    return pinned.rpartition("@")[2] if program in NPM else pinned.rpartition("==")[2]
