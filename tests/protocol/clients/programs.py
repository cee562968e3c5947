"""The real clients: how each is got, set up, and asked; what its model saw.

Every function takes the `Scene` and returns a `Seen`. Configurations of assistants are written by
annulet's own installer, so the run also shows that each assistant reads what it writes.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from mcp.client import Client
from mcp.client.stdio import StdioServerParameters

from annulet.mcp_server.assistants.config_file import Machine, ServerCommand
from annulet.mcp_server.install.installable import find_installable
from annulet.mcp_server.install.plan import plan_install

HERE = Path(__file__).resolve().parent
QUESTION = "How did I sleep last night? Use the tools."
LONGEST = 240


@dataclass
class Seen:
    """What came of one client.

    Attributes:
        tools: The tools' names as the client or its model saw them.
        answer: The answer as the model saw it.
        protocol: The protocol revision it spoke.
        instructions: Whether the server's instructions reached the model; None: no model looked.
    """

    tools: list = field(default_factory=list)
    answer: str = ""
    protocol: str = ""
    instructions: bool | None = None


@dataclass
class Scene:
    """Everything a client needs.

    Attributes:
        folder: A fresh folder, also its home.
        server: Environment of `annulet mcp`.
        url: The HTTP server's address.
        key: Its key.
        models: The scripted models.
        model_url: Where they listen.
        bin: Where npm put the programs; ``node`` stands beside them.
        python: Finds the interpreter of a Python client's own environment.
    """

    folder: Path
    server: dict
    url: str
    key: str
    models: object
    model_url: str
    bin: tuple
    python: object

    def environment(self, **more):
        """A clean environment with a home of its own."""
        path = os.pathsep.join([*map(str, self.bin), "/usr/bin", "/bin"])
        return {"HOME": str(self.folder), "PATH": path, "NO_COLOR": "1", "TERM": "dumb"} | more

    def run(self, *command, **more):
        """Run a program to its end; returns what it printed."""
        done = subprocess.run(
            command,
            env=self.environment(**more),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )
        (self.folder / "said.txt").write_text(done.stdout + "\n--\n" + done.stderr)
        return done.stdout

    def install(self, name):
        """Let annulet's installer write the client's configuration; the tap listens."""
        command = (str(HERE / "tap.py"), str(self.folder / "tap"), sys.executable, "-m")
        entry = ServerCommand(
            sys.executable, (*command, "annulet", "mcp"), tuple(self.server.items())
        )
        machine = Machine(self.folder, "linux", {})
        plan_install(find_installable(name), machine, entry).carry_out()

    def write(self, name, content):
        """A file in the client's home."""
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content if isinstance(content, str) else json.dumps(content))

    def tapped(self):
        """The protocol revision that the client spoke over stdio."""
        for line in (self.folder / "tap").read_text().splitlines():
            params = json.loads(line).get("params") or {}
            meta = params.get("_meta") or {}
            version = meta.get("io.modelcontextprotocol/protocolVersion")
            if version or "protocolVersion" in params:
                return version or params["protocolVersion"]
        return ""

    def looked(self, protocol=None):
        """What the scripted model was given."""
        bodies = json.dumps(self.models.seen, ensure_ascii=False)
        names = sorted({name for body in self.models.seen for name in _tool_names(body)})
        answers = [text for body in self.models.seen for text in _texts(body) if _is_answer(text)]
        return Seen(
            tools=names,
            answer=answers[-1] if answers else "",
            protocol=self.tapped() if protocol is None else protocol,
            instructions="annulet answers questions" in bodies,
        )


def _tool_names(value):
    if isinstance(value, dict):
        name = value.get("name")
        if isinstance(name, str) and "oura_" in name and ("description" in value):
            yield name
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, dict | list):
            yield from _tool_names(inner)


def _texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


def _is_answer(text):
    return '"summary"' in text and "sleep_score" in text and '"rows"' in text


def claude_code(scene):
    """Claude Code, asked in print mode."""
    scene.install("claude-code")
    ask_claude_code(scene)
    return scene.looked()


def ask_claude_code(scene):
    """One question, with the scripted model."""
    scene.run(
        "claude",
        "-p",
        QUESTION,
        "--allowedTools",
        "mcp__annulet",
        ANTHROPIC_BASE_URL=scene.model_url,
        ANTHROPIC_API_KEY="x",
        ENABLE_TOOL_SEARCH="false",
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="1",
    )


def codex(scene):
    """Codex, asked in exec mode."""
    scene.write(".codex/config.toml", codex_settings(scene))
    scene.install("codex")
    ask_codex(scene)
    return scene.looked()


def codex_settings(scene):
    """A provider that is the scripted model."""
    return (
        'model = "gpt-5-codex"\nmodel_provider = "fake"\n\n[model_providers.fake]\n'
        f'name = "fake"\nbase_url = "{scene.model_url}/v1"\nwire_api = "responses"\n'
        'env_key = "FAKE_KEY"\nsupports_websockets = false\n'
    )


def ask_codex(scene):
    """One question, with the scripted model."""
    scene.run(
        "codex",
        "exec",
        "--skip-git-repo-check",
        "--dangerously-bypass-approvals-and-sandbox",
        QUESTION,
        FAKE_KEY="x",
    )


def opencode(scene):
    """opencode, asked in run mode."""
    scene.write(".config/opencode/opencode.json", opencode_settings(scene))
    scene.install("opencode")
    ask_opencode(scene)
    return scene.looked()


def opencode_settings(scene):
    """A provider that is the scripted model."""
    provider = {
        "npm": "@ai-sdk/openai-compatible",
        "options": {"baseURL": f"{scene.model_url}/v1", "apiKey": "x"},
        "models": {"scripted": {"name": "scripted", "tool_call": True}},
    }
    settings = {"provider": {"fake": provider}, "permission": "allow", "autoupdate": False}
    return settings | {
        "model": "fake/scripted",
        "small_model": "fake/scripted",
        "share": "disabled",
    }


def ask_opencode(scene):
    """One question, with the scripted model."""
    scene.run("opencode", "run", QUESTION, OPENCODE_DISABLE_MODELS_FETCH="1")


def gemini(scene):
    """Gemini CLI, asked in prompt mode; without the internet it takes its time."""
    security = {"folderTrust": {"enabled": False}, "auth": {"selectedType": "gemini-api-key"}}
    usage = {"usageStatisticsEnabled": False}
    scene.write(".gemini/settings.json", {"security": security, "privacy": usage})
    scene.install("gemini")
    scene.run(
        "gemini",
        "--yolo",
        "-p",
        QUESTION,
        GOOGLE_GEMINI_BASE_URL=scene.model_url,
        GEMINI_API_KEY="x",
    )
    return scene.looked()


def inspector(scene, *options, protocol):
    """The Inspector's command line, strict about schemas."""
    target = ("mcp-inspector", "--cli", scene.url, "--transport", "http", "--format", "json")
    target += ("--header", f"Authorization: Bearer {scene.key}", "--stored-auth-only", *options)
    tools = json.loads(scene.run(*target, "--method", "tools/list", "--strict"))
    result = json.loads(
        scene.run(*target, "--method", "tools/call", "--tool-name", "oura_daily_summary")
    )
    return Seen(
        tools=[tool["name"] for tool in tools.get("result", tools)["tools"]],
        answer=result.get("result", result)["content"][0]["text"],
        protocol=protocol,
    )


def inspector_modern(scene):
    """The Inspector in the newer era."""
    return inspector(scene, "--protocol-era", "modern", protocol="2026-07-28")


def inspector_legacy(scene):
    """The Inspector in the older era."""
    return inspector(scene, "--protocol-era", "legacy", protocol="2025-11-25")


async def mcp_remote(scene):
    """mcp-remote as a bridge from stdio to HTTP, driven by the SDK's client."""
    header = f"Authorization: Bearer {scene.key}"
    parameters = StdioServerParameters(
        command=str(Path(scene.bin[0]) / "mcp-remote"),
        args=[scene.url, "--allow-http", "--header", header],
        env=scene.environment(MCP_REMOTE_CONFIG_DIR=str(scene.folder)),
    )
    async with Client(parameters, mode="legacy") as client:
        tools = (await client.list_tools()).tools
        result = await client.call_tool("oura_daily_summary", {})
        return Seen(
            tools=[tool.name for tool in tools],
            answer=result.content[0].text,
            protocol=client.protocol_version,
        )


def _in_python(scene, name, *arguments):
    script = str(HERE / f"with_{name}.py")
    output = scene.run(scene.python(name), script, scene.url, scene.key, *arguments)
    return json.loads(output.strip().splitlines()[-1])


def langchain(scene):
    """LangChain's adapters."""
    output = _in_python(scene, "langchain")
    return Seen(output["tools"], output["seen"])


def agents(scene):
    """The OpenAI agents SDK."""
    output = _in_python(scene, "agents", scene.model_url)
    return Seen(output["tools"], output["seen"])


def pydantic_ai(scene):
    """pydantic-ai."""
    output = _in_python(scene, "pydantic")
    return Seen(output["tools"], output["seen"])
