"""Frameworks that turn tools of MCP into those of a model's vendor, one row each.

``python table.py`` gets each into an environment of its own in ``.tools/clients``, lets its adapter
list, convert, ask three questions and make one mistake, and writes the table into
``docs/reference/compatibility.md``. ``python table.py NAME…`` tries some and writes nothing.
"""

import json
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
    "agent_framework": ("Agent Framework", "agent-framework-core==1.23.0 mcp==2.3.0 tenacity"),
    "agents": ("OpenAI Agents SDK", "openai-agents==0.24.0"),
    "agno": ("Agno", "agno==3.1.10 mcp==2.3.0 fastmcp>=4,<5 openai google-genai"),
    "anthropic": ("Anthropic SDK", "anthropic[mcp]==2.14.0"),
    "autogen": ("AutoGen", "autogen-ext[mcp,openai]==0.7.5 autogen-agentchat==0.7.5 mcp<2"),
    "crewai": ("CrewAI", "crewai==1.15.30 crewai-tools[mcp]==1.15.30 litellm"),
    "dspy": ("DSPy", "dspy[mcp]==3.4.1"),
    "fastmcp": ("FastMCP client", "fastmcp==4.2.3"),
    "genai": ("Google Gen AI SDK", "google-genai==3.6.1 mcp==2.3.0"),
    "haystack": ("Haystack", "haystack-ai==3.4.1 mcp-haystack==2.1.1"),
    "homeassistant": ("Home Assistant's conversion", "voluptuous-openapi==0.4.1 mcp==2.3.0"),
    "langchain": (
        "LangChain",
        (
            "langchain-mcp-adapters==0.3.2 langchain-openai langchain-google-genai "
            "langchain-anthropic langchain-aws langchain-mistralai langchain-cohere"
        ),
    ),
    "litellm": ("LiteLLM", "litellm==1.108.7 mcp==2.3.0"),
    "llamaindex": ("LlamaIndex", "llama-index-tools-mcp==0.6.0 llama-index-core==0.14.25"),
    "mcp_use": ("mcp-use", "mcp-use==1.7.1 langchain-openai"),
    "semantic_kernel": ("Semantic Kernel", "semantic-kernel[mcp]==1.45.0"),
    "smolagents": ("smolagents", "smolagents[mcp,openai]==1.26.0 mcp<2 websockets"),
    "strands": ("Strands", "strands-agents[openai,anthropic,gemini,mistral]==1.62.0"),
}
NODE = {
    "ai_sdk": ("Vercel AI SDK", "@ai-sdk/mcp@2.0.99 ai@7.0.173"),
    "mastra": ("Mastra", "@mastra/mcp@2.0.0 @mastra/core@1.71.0"),
    "ts_sdk": ("TypeScript SDK 1", "@modelcontextprotocol/sdk@1.32.2"),
    "ts_sdk_2": ("TypeScript SDK 2", "@modelcontextprotocol/client@2.4.0"),
}
MODELS = ("@ai-sdk/openai", "@ai-sdk/anthropic", "@ai-sdk/google")
NODE_FOLDER = getting.TOOLS / "frameworks"


def get_python(name):
    """The interpreter of a framework's own environment."""
    folder = getting.TOOLS / f"framework-{name}"
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        command = [str(python), "-m", "pip", "install", "--quiet", *PYTHON[name][1].split()]
        subprocess.run(command, check=True)
    return str(python)


def get_node():
    """Node, with every framework for it in one folder."""
    node = suite.get_node()
    if not (NODE_FOLDER / "node_modules").exists():
        packages = [package for _, names in NODE.values() for package in names.split()]
        options = ["--no-audit", "--no-fund", "--legacy-peer-deps", "--prefix", str(NODE_FOLDER)]
        NODE_FOLDER.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", *options, *packages, *MODELS], check=True)
    for file in HERE.glob("*.mjs"):
        (NODE_FOLDER / file.name).write_text(file.read_text())
    return str(node)


def attempt(name, server):
    """One framework; returns its row."""
    is_python = name in PYTHON
    title, packages = (PYTHON if is_python else NODE)[name]
    row = {"title": title, "version": packages.split()[0], "providers": [], "problem": ""}
    try:
        program = get_python(name) if is_python else get_node()
        file = HERE / f"with_{name}.py" if is_python else NODE_FOLDER / f"with_{name}.mjs"
        command = [program, str(file), server.url, server.key]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
            cwd=file.parent,
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
    return "\n".join([*lines, "", END]) + "\n"


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
