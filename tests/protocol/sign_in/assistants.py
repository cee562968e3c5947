"""Assistants that sign in to a running `annulet serve` by their own commands, and then ask.

Each function takes a `SignInSetting` and returns a `Signed`. Every assistant starts with an empty
home; the only help it gets is the address of the service.
"""

import asyncio
import json
import sys
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx2
import terminal
from mcp.client import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientMetadata

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "clients"))
import programs

TOOL = "oura_daily_summary"


@dataclass
class Signed:
    """What came of one assistant.

    Attributes:
        command: How it was told to sign in.
        asked: The authorization address that it wanted opened.
        output: What it printed.
        confirmed: Whether it says itself that it is signed in.
        tools: The names of the tools that it or its model saw.
        answer: The answer as its model saw it.
    """

    command: str
    asked: str = ""
    output: str = ""
    confirmed: bool = False
    tools: list = field(default_factory=list)
    answer: str = ""


@dataclass
class SignInSetting:
    """Where an assistant is used.

    Attributes:
        url: The MCP address of the service.
        person: The browser of the person.
        scene: The home, the programs and the scripted models.
    """

    url: str
    person: object
    scene: programs.Scene

    def sign_in(self, *command, until=""):
        """Run a log-in command in a terminal."""
        return terminal.run(
            command,
            environment=self.scene.environment(**self.surroundings),
            folder=self.scene.folder,
            person=self.person,
            until=until,
        )

    @property
    def surroundings(self):
        """No window opens, and everything is kept in the fresh home."""
        remote = str(self.scene.folder / "remote")
        return {"BROWSER": "/bin/true", "TERM": "xterm", "MCP_REMOTE_CONFIG_DIR": remote}

    def asked(self, signed):
        """What the assistant's model was given."""
        seen = self.scene.looked(protocol="")
        signed.tools, signed.answer = seen.tools, seen.answer
        return signed


class Callback:
    """The loopback address at which a program waits for its code."""

    def __init__(self):
        self.query = {}
        told = self.query

        class Receiver(BaseHTTPRequestHandler):
            def do_GET(self):
                told.update(parse_qsl(urlsplit(self.path).query))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"You can close this window.")

            def log_message(self, *_):
                """Nothing is to be printed."""

        self._server = HTTPServer(("127.0.0.1", 0), Receiver)
        self.url = f"http://127.0.0.1:{self._server.server_port}/callback"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()


class Storage:
    """What the SDK's client keeps."""

    def __init__(self):
        self.tokens = self.client = None

    async def get_tokens(self):
        """The pair of tokens."""
        return self.tokens

    async def set_tokens(self, tokens):
        """Keep the pair."""
        self.tokens = tokens

    async def get_client_info(self):
        """The registration."""
        return self.client

    async def set_client_info(self, client_info):
        """Keep the registration."""
        self.client = client_info


class SdkClient:
    """The MCP SDK's own client, as a program with a callback of its own.

    Attributes:
        storage: Its tokens and its registration.
        asked: The authorization address it wanted opened; empty while it was let in without.
    """

    def __init__(self, url, person):
        self.url, self.person = url, person
        self.storage, self.asked = Storage(), ""

    async def call(self, tool, arguments=None):
        """The names of all tools, and the answer of one."""
        with Callback() as callback:
            async with (
                httpx2.AsyncClient(auth=self._auth(callback), timeout=60, trust_env=False) as http,
                Client(streamable_http_client(self.url, http_client=http)) as client,
            ):
                tools = (await client.list_tools()).tools
                return [offered.name for offered in tools], await client.call_tool(tool, arguments)

    def _auth(self, callback):
        async def redirected(address):
            self.asked = address
            await asyncio.to_thread(terminal.allow, self.person, address)

        async def called_back():
            told = callback.query
            return AuthorizationCodeResult(
                code=told["code"], state=told.get("state"), iss=told.get("iss")
            )

        metadata = OAuthClientMetadata(redirect_uris=[callback.url], client_name="SDK client")
        return OAuthClientProvider(
            server_url=self.url,
            client_metadata=metadata,
            storage=self.storage,
            redirect_handler=redirected,
            callback_handler=called_back,
        )


async def sdk(setting):
    """The MCP SDK for Python."""
    program = SdkClient(setting.url, setting.person)
    tools, result = await program.call(TOOL)
    return Signed(
        "OAuthClientProvider",
        asked=program.asked,
        confirmed=program.storage.tokens is not None,
        tools=tools,
        answer=result.content[0].text,
    )


async def mcp_remote(setting):
    """mcp-remote: its client signs in, then its bridge uses what was kept."""
    output, asked = await asyncio.to_thread(
        setting.sign_in, "mcp-remote-client", setting.url, "--allow-http", until="Exiting"
    )
    signed = Signed("mcp-remote-client URL", asked, output, "Connected successfully" in output)
    parameters = StdioServerParameters(
        command=str(Path(setting.scene.bin[0]) / "mcp-remote"),
        args=[setting.url, "--allow-http"],
        env=setting.scene.environment(**setting.surroundings),
    )
    with (setting.scene.folder / "bridge.txt").open("w") as log:
        bridge = stdio_client(parameters, errlog=log)
        async with Client(bridge, mode="legacy") as client:
            signed.tools = [tool.name for tool in (await client.list_tools()).tools]
            signed.answer = (await client.call_tool(TOOL, {})).content[0].text
    return signed


def claude_code(setting):
    """Claude Code."""
    setting.scene.run("claude", "mcp", "add", "--transport", "http", "annulet", setting.url)
    output, asked = setting.sign_in("claude", "mcp", "login", "annulet")
    signed = Signed("claude mcp login annulet", asked, output, "Authenticated" in output)
    programs.ask_claude_code(setting.scene)
    return setting.asked(signed)


def codex(setting):
    """Codex."""
    server = f'\n[mcp_servers.annulet]\nurl = "{setting.url}"\n'
    setting.scene.write(".codex/config.toml", programs.codex_settings(setting.scene) + server)
    output, asked = setting.sign_in("codex", "mcp", "login", "annulet")
    signed = Signed("codex mcp login annulet", asked, output, "Successfully logged in" in output)
    programs.ask_codex(setting.scene)
    return setting.asked(signed)


def opencode(setting):
    """The assistant opencode."""
    entry = {"mcp": {"annulet": {"type": "remote", "url": setting.url}}}
    settings = programs.opencode_settings(setting.scene) | entry
    setting.scene.write(".config/opencode/opencode.json", json.dumps(settings))
    output, asked = setting.sign_in("opencode", "mcp", "auth", "annulet")
    signed = Signed("opencode mcp auth annulet", asked, output, "successful" in output)
    programs.ask_opencode(setting.scene)
    return setting.asked(signed)


ASSISTANTS = {
    "MCP SDK for Python": (None, sdk),
    "mcp-remote": ("mcp-remote", mcp_remote),
    "Claude Code": ("claude", claude_code),
    "Codex": ("codex", codex),
    "opencode": ("opencode", opencode),
}
"""By name: the program it needs from npm, and the function that uses it."""
