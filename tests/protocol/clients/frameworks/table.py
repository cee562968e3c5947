"""Frameworks that turn tools of MCP into those of a model's vendor, one row each.

``python table.py`` gets each into an environment of its own in ``.tools/clients``, lets its adapter
list, convert, ask three questions and make one mistake, and writes the table into
``docs/reference/compatibility.md``. ``python table.py NAME…`` tries some and writes nothing.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "conformance"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import getting
import run
import suite

HERE = Path(__file__).resolve().parent
PATIENCE_S = 180
TOOLS = 11
BEGIN, END = "<!-- frameworks -->", "<!-- end of frameworks -->"
PYTHON = {
    "adk": ("Google ADK", "google-adk==2.13.0 mcp==2.3.0"),
    "agent_framework": (
        "Agent Framework",
        "agent-framework-core==1.23.0 mcp==2.3.0 tenacity==9.2.1",
    ),
    "agents": ("OpenAI Agents SDK", "openai-agents==0.24.0"),
    "agno": ("Agno", "agno==3.1.10 mcp==2.3.0 fastmcp==4.2.3 openai==3.57.0 google-genai==3.6.1"),
    "anthropic": ("Anthropic SDK", "anthropic[mcp]==2.14.0"),
    "autogen": ("AutoGen", "autogen-ext[mcp,openai]==0.7.5 autogen-agentchat==0.7.5 mcp==1.30.0"),
    "crewai": ("CrewAI", "crewai==1.15.30 crewai-tools[mcp]==1.15.30 litellm==1.110.2"),
    "dspy": ("DSPy", "dspy[mcp]==3.4.1"),
    "fastmcp": ("FastMCP client", "fastmcp==4.2.3"),
    "genai": ("Google Gen AI SDK", "google-genai==3.6.1 mcp==2.3.0"),
    "haystack": ("Haystack", "haystack-ai==3.4.1 mcp-haystack==2.1.1"),
    "homeassistant": ("Home Assistant's conversion", "voluptuous-openapi==0.4.1 mcp==2.3.0"),
    "langchain": (
        "LangChain",
        (
            "langchain-mcp-adapters==0.3.2 langchain-openai==1.7.4 langchain-google-genai==4.4.3 "
            "langchain-anthropic==1.7.10 langchain-aws==1.9.1 langchain-mistralai==1.1.6 "
            "langchain-cohere==0.6.0"
        ),
    ),
    "litellm": ("LiteLLM", "litellm==1.108.7 mcp==2.3.0"),
    "llamaindex": ("LlamaIndex", "llama-index-tools-mcp==0.6.0 llama-index-core==0.14.25"),
    "llm": ("LLM", "llm==0.36 llm-tools-mcp==0.4 mcp==1.30.0"),
    "mcp_proxy": ("mcp-proxy", "mcp-proxy==0.13.0 mcp==1.30.0"),
    "mcp_use": ("mcp-use", "mcp-use==1.7.1 langchain-openai==1.7.4"),
    "mcpo": ("mcpo", "mcpo==0.0.20 mcp==1.30.0 fastapi==0.128.0 starlette==0.50.0"),
    "semantic_kernel": ("Semantic Kernel", "semantic-kernel[mcp]==1.45.0"),
    "smolagents": ("smolagents", "smolagents[mcp,openai]==1.26.0 mcp==1.30.0 websockets==17.4"),
    "strands": ("Strands", "strands-agents[openai,anthropic,gemini,mistral]==1.62.0"),
}
NODE = {
    "ai_sdk": (
        "Vercel AI SDK 2",
        (
            "@ai-sdk/mcp@2.0.99 ai@7.0.173 @ai-sdk/openai@4.0.118 @ai-sdk/anthropic@4.0.105 "
            "@ai-sdk/google@4.0.121 zod@4.1.12"
        ),
    ),
    "ai_sdk_1": (
        "Vercel AI SDK 1",
        (
            "@ai-sdk/mcp@1.0.102 ai@6.0.326 @ai-sdk/openai@3.0.141 @ai-sdk/anthropic@3.0.140 "
            "@ai-sdk/google@3.0.141 zod@4.1.12"
        ),
    ),
    "langchain_js": (
        "LangChain.js",
        (
            "@langchain/mcp-adapters@1.1.4 @langchain/core@1.4.0 @langchain/langgraph@1.7.3 "
            "@langchain/openai@1.6.0 @langchain/anthropic@1.5.11 @langchain/google-genai@2.3.2"
        ),
    ),
    "mastra": ("Mastra", "@mastra/mcp@2.0.0 @mastra/core@1.71.0"),
    "ts_sdk": ("TypeScript SDK 1", "@modelcontextprotocol/sdk@1.32.2"),
    "ts_sdk_2": ("TypeScript SDK 2", "@modelcontextprotocol/client@2.4.0"),
}
ADAPTERS = {"ai_sdk_1": "ai_sdk"}
"""Frameworks that share the adapter of another version."""
ABSENT = """\
Home Assistant 2026.11 itself needs Python 3.14 and is a program rather than a library, so its
conversion library is tried in its place."""
"""What is not tried as it is, with the reason."""


def get_python(name):
    """The interpreter of a framework's own environment."""
    folder = getting.TOOLS / f"framework-{name}"
    python = folder / "bin" / "python"
    if not python.exists():
        uv = shutil.which("uv") or str(getting.TOOLS.parent / "bin" / "uv")
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(folder)], check=True)
        packages = PYTHON[name][1].split()
        subprocess.run(
            [uv, "pip", "install", "--quiet", "--python", str(python), *packages], check=True
        )
    return str(python)


def get_node(name):
    """Node, and the folder of a framework with its packages and its adapter."""
    node = suite.get_node()
    folder = getting.TOOLS / f"framework-{name}"
    if not (folder / "node_modules" / ".package-lock.json").exists():
        options = ["--no-audit", "--no-fund", "--legacy-peer-deps", "--prefix", str(folder)]
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "--silent", *options, *NODE[name][1].split()], check=True)
    for file in HERE.glob("*.mjs"):
        (folder / file.name).write_text(file.read_text())
    return str(node), folder


def prepare(name):
    """The command of a framework's adapter, without the address and the key."""
    adapter = f"with_{ADAPTERS.get(name, name)}"
    if name in PYTHON:
        return [get_python(name), str(HERE / f"{adapter}.py")]
    node, folder = get_node(name)
    return [node, str(folder / f"{adapter}.mjs")]


def attempt(name, server):
    """One framework; returns its row."""
    title, packages = (PYTHON | NODE)[name]
    row = {"title": title, "version": packages.split()[0], "providers": [], "problem": ""}
    stdio = {"command": sys.executable, "args": ["-m", "annulet", "mcp"], "env": server.environment}
    try:
        command = [*prepare(name), server.url, server.key]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
            cwd=Path(command[1]).parent,
            env=os.environ | {"ANNULET_STDIO_SERVER": json.dumps(stdio)},
        )
        outcome = json.loads(done.stdout.strip().splitlines()[-1])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError) as problem:
        return row | {"problem": f"did not run: {type(problem).__name__}"}
    return row | {"providers": outcome["providers"], "problem": judge(outcome)}


def judge(outcome):
    """What is wrong with an outcome; empty where nothing is."""
    ours = {tool for tool in outcome["tools"] if "oura_" in tool}
    if len(ours) != TOOLS:
        return f"{len(ours)} tools"
    if outcome["problems"]:
        return "; ".join(f"{name}: {problem}" for name, problem in outcome["problems"].items())
    if not all("summary" in answer for answer in outcome["answers"]):
        return "an answer did not arrive"
    return "" if "never" in outcome["mistake"] else f"the error reads: {outcome['mistake'][:120]}"


def table(rows):
    """The part of the compatibility page."""
    lines = [
        BEGIN,
        "## Frameworks",
        "",
        "Each lists the eleven tools, converts every schema for every provider it knows, asks",
        "three questions and makes one mistake, offline. Written by",
        "`python tests/protocol/clients/frameworks/table.py`.",
        "",
        "| framework | package | schemas converted for | three answers and one error |",
        "| --- | --- | --- | --- |",
    ]
    for row in rows:
        providers = ", ".join(row["providers"]) or "–"
        outcome = row["problem"].replace("|", "/") or "yes"
        lines.append(f"| {row['title']} | `{row['version']}` | {providers} | {outcome} |")
    return "\n".join([*lines, "", ABSENT, "", END]) + "\n"


def main(chosen):
    """Try each in turn, and write the table."""
    rows = []
    for server in run.serve():
        for name in chosen or [*PYTHON, *NODE]:
            rows.append(attempt(name, server))
            print(json.dumps(rows[-1]), flush=True)
    if not chosen:
        text = run.PAGE.read_text(encoding="utf-8").partition(BEGIN)[0].rstrip()
        run.PAGE.write_text(f"{text}\n\n{table(rows)}", encoding="utf-8")
    return 0 if not any(row["problem"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
