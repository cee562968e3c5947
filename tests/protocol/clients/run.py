"""``make clients``: real clients ask the simulator's person how the night was.

Big downloads into ``.tools/clients`` (npm and PyPI), everything else on loopback. Writes
``docs/reference/compatibility.md``; exits with 1 where a client did not get the right answer.
``python run.py NAME…`` runs only some clients and leaves the page alone.
"""

import asyncio
import inspect
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import getting
import programs
from http_tap import HttpTap
from models import Models
from truth import is_right, truth

from annulet.simulator import SimulatedOura
from annulet.simulator.server import ThreadedServer

SHOWN = 220
TOOL_COUNT = 11
PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "compatibility.md"
CLIENTS = {
    "Claude Code": ("claude", "stdio", programs.claude_code),
    "Codex": ("codex", "stdio", programs.codex),
    "opencode": ("opencode", "stdio", programs.opencode),
    "Gemini CLI": ("gemini", "stdio", programs.gemini),
    "MCP Inspector (newer era)": ("mcp-inspector", "HTTP", programs.inspector_modern),
    "MCP Inspector (older era)": ("mcp-inspector", "HTTP", programs.inspector_legacy),
    "mcp-remote": ("mcp-remote", "HTTP", programs.mcp_remote),
    "LangChain MCP adapters": ("langchain", "HTTP", programs.langchain),
    "OpenAI Agents SDK": ("agents", "HTTP", programs.agents),
    "pydantic-ai": ("pydantic", "HTTP", programs.pydantic_ai),
}


class HttpServer:
    """`annulet mcp --http` for as long as a block lasts."""

    def __init__(self, environment):
        self.environment = environment
        command = [sys.executable, "-m", "annulet", "mcp", "--http", "--port", "0"]
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.url = self.process.stdout.readline().split()[-1]
        self.key = self.process.stdout.readline().split()[-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)
        self.process.stdout.close()


def serve():
    """`annulet mcp --http` before a simulated person, for as long as the caller iterates."""
    cloud = SimulatedOura(["plain"])
    home = Path(tempfile.mkdtemp(prefix="annulet-clients-"))
    with cloud.serve() as oura:
        environment = {
            "PATH": os.environ["PATH"],
            "ANNULET_HOME": str(home),
            "ANNULET_OURA_API_URL": oura.url,
            "ANNULET_ACCESS_TOKEN": cloud.issue_token("plain"),
            "ANNULET_TIMEZONE": "UTC",
        }
        with HttpServer(environment) as http:
            yield http
    shutil.rmtree(home, ignore_errors=True)


def ask_all(names):
    """Every client in turn; returns a row for each."""
    cloud = SimulatedOura(["plain"])
    rows = []
    home = Path(tempfile.mkdtemp(prefix="annulet-clients-"))
    with cloud.serve() as oura:
        server = {
            "ANNULET_HOME": str(home / "annulet"),
            "ANNULET_OURA_API_URL": oura.url,
            "ANNULET_ACCESS_TOKEN": cloud.issue_token("plain"),
            "ANNULET_TIMEZONE": "UTC",
        }
        with HttpServer({"PATH": os.environ["PATH"]} | server) as http:
            for name in names:
                rows.append(ask(name, cloud, server, http, home))
                print(json.dumps(rows[-1], ensure_ascii=False), flush=True)
    shutil.rmtree(home, ignore_errors=True)
    return rows


def ask(name, cloud, server, http, home):
    """One client in a fresh home."""
    program, transport, function = CLIENTS[name]
    models = Models()
    folder = home / name.replace(" ", "-").replace("(", "").replace(")", "")
    folder.mkdir()
    begun = time.monotonic()
    tap = HttpTap(http.url)
    with ThreadedServer(models.app) as endpoint, ThreadedServer(tap.app) as tapped:
        scene = programs.Scene(
            folder=folder,
            server=server,
            url=f"{tapped.url}/mcp",
            key=http.key,
            models=models,
            model_url=endpoint.url,
            bin=getting.paths(),
            python=lambda which: str(getting.TOOLS / which / "bin" / "python"),
        )
        try:
            answer = function(scene)
            seen = asyncio.run(answer) if inspect.isawaitable(answer) else answer
        except (ValueError, KeyError, IndexError, OSError, subprocess.TimeoutExpired) as problem:
            log = folder / "said.txt"
            print(f"{name}: {problem!r}\n{log.read_text()[-3000:] if log.exists() else ''}")
            seen = programs.Seen()
    return {
        "client": name,
        "version": getting.version_of(program),
        "transport": transport,
        "protocol": seen.protocol or next(iter(tap.revisions[-1:]), ""),
        "tools": len({tool for tool in seen.tools if "oura_" in tool}),
        "name": next((tool for tool in seen.tools if tool.endswith("daily_summary")), ""),
        "instructions": seen.instructions,
        "characters": len(seen.answer),
        "saw": " ".join(seen.answer.split())[:SHOWN],
        "right": is_right(seen.answer, truth(cloud)),
        "seconds": round(time.monotonic() - begun, 1),
    }


_COLUMNS = (
    "client",
    "version",
    "transport",
    "protocol",
    "tools",
    "name the model sees",
    "instructions reach the model",
    "answer",
    "right",
)


def page(rows):
    """The compatibility page."""
    words = {True: "yes", False: "no", None: "–"}
    lines = [
        "# Compatibility",
        "",
        "Real clients, each asked “How did I sleep last night?” against the simulated Oura cloud,",
        "offline, with scripted models. “Right” means that the model was given the night's true",
        "figures. This page is written by `make clients`; the configurations of assistants are",
        "written by `annulet mcp install`.",
        "",
        f"| {' | '.join(_COLUMNS)} |",
        f"|{' --- |' * len(_COLUMNS)}",
    ]
    for row in rows:
        cells = [row["client"], row["version"], row["transport"], row["protocol"] or "–"]
        cells += [str(row["tools"]), f"`{row['name']}`", words[row["instructions"]]]
        cells += [f"{row['characters']:,} characters", words[row["right"]]]
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", "## What each model was given", "", f"The first {SHOWN} characters.", ""]
    for row in rows:
        lines += [f"**{row['client']}**", "", "```text", row["saw"], "```", ""]
    return "\n".join(lines).rstrip() + "\n"


def main(chosen):
    """Get, ask, write."""
    getting.get_npm(getting.NPM)
    getting.get_python(getting.PYTHON)
    rows = ask_all(chosen or list(CLIENTS))
    if not chosen:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(page(rows), encoding="utf-8")
    return 0 if all(row["right"] and row["tools"] == TOOL_COUNT for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
