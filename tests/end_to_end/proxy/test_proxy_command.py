"""The commands ``annulet proxy`` and ``annulet grant``, as a person types them."""

import asyncio
import json
import os
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from annulet.oauth.application import Application, store_application
from annulet.oauth.grant import Grant
from annulet.oauth.vault_grants import VaultGrants, bearer_policy
from annulet.vault.key_sources import ProvidedKeys
from annulet.vault.secret import Secret
from annulet.vault.store import Vault

KEY = "made-up-key-of-a-test-with-enough-letters"
SECRETS = ("made-up-access-token", "made-up-refresh-token", "made-up-client-secret")


@dataclass
class Machine:
    """A data folder with one connection, and a stand-in for Oura."""

    home: Path
    oura: str

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "ANNULET_HOME": str(self.home / "data"),
            "ANNULET_KEY": KEY,
            "ANNULET_OURA_API_URL": self.oura,
        }

    async def start(self, *arguments: str, **more: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "annulet", *arguments,
            env=self.environment | more,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip

    async def run(self, *arguments: str, **more: str) -> tuple[int, str]:
        """Exit code and standard output of a command."""
        process = await self.start(*arguments, **more)
        out, _ = await process.communicate()
        assert process.returncode is not None
        return process.returncode, out.decode()

    @asynccontextmanager
    async def proxy(self, *arguments: str, **more: str) -> AsyncIterator[dict]:
        """A running proxy; yields what it said when it started."""
        process = await self.start("proxy", "--port", "0", "--json", *arguments, **more)
        assert process.stdout
        assert process.stderr
        try:
            line = await process.stdout.readline()
            assert line, (await process.stderr.read()).decode()
            yield json.loads(line)
        finally:
            process.send_signal(signal.SIGTERM)
            _, complaints = await process.communicate()
        assert process.returncode == 0
        assert complaints == b""


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    """A person's machine after ``annulet connect``."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        echo = json.dumps(
            {"data": [], "echo": f"{head.decode()} {SECRETS[1]} {SECRETS[2]}"}
        ).encode()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(echo) + echo)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    oura = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    vault = Vault(tmp_path / "data", clock=lambda: 1e9, provided_keys=ProvidedKeys(Secret(KEY)))
    store_application(vault, "default", Application("client", Secret(SECRETS[2])))
    await VaultGrants(vault, "default", policy=bearer_policy(oura)).replace(
        Grant(
            client_id="client",
            token_url=f"{oura}/oauth/token",
            revoke_url="",
            access_token=Secret(SECRETS[0]),
            refresh_token=Secret(SECRETS[1]),
            issued_at=1e9,
            expires_at=9e9,
        )
    )
    yield Machine(tmp_path, oura)
    server.close()
    await server.wait_closed()


async def read(base: str, token: str, name: str = "daily_sleep") -> tuple[int, str]:
    """Status and body of one read."""
    request = urllib.request.Request(
        f"{base}/v2/usercollection/{name}", headers={"Authorization": f"Bearer {token}"}
    )

    def ask() -> tuple[int, str]:
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read().decode()

    return await asyncio.to_thread(ask)


async def test_a_capability_from_grant_to_revocation(machine: Machine) -> None:
    """Minted while the proxy runs, used, listed, revoked, refused; no secret is ever seen."""
    async with machine.proxy() as started:
        code, token = await machine.run("grant", "--tool", "bash", "--collections", "daily_sleep")
        assert code == 0
        token = token.strip()
        status, body = await read(started["base_url"], token)
        assert status == 200
        assert body.count("[redacted]") == 3
        assert all(secret not in body for secret in SECRETS)
        assert (await read(started["base_url"], token, "heartrate"))[0] == 403

        code, listed = await machine.run("grant", "list", "--json")
        (entry,) = json.loads(listed)["capabilities"]
        assert (entry["tool"], entry["state"], entry["left"]) == ("bash", "active", 999)
        assert token not in listed

        assert (await machine.run("grant", "revoke", entry["id"]))[0] == 0
        status, body = await read(started["base_url"], token)
        assert (status, json.loads(body)["error"]["code"]) == (401, "capability_revoked")
    files = [file for file in (machine.home / "data").rglob("*") if file.is_file()]
    assert any(file.name == "journal.jsonl" for file in files)
    for file in files:
        content = file.read_bytes()
        assert not any(value.encode() in content for value in (*SECRETS, token))


async def test_the_unix_socket_goes_with_the_proxy(machine: Machine) -> None:
    """It is there while the proxy runs, and gone afterwards."""
    socket = machine.home / "p.sock"
    async with machine.proxy("--socket", str(socket)) as started:
        assert started["socket"] == str(socket)
        assert socket.is_socket()
    assert not socket.exists()


async def test_a_bare_token_needs_no_vault(machine: Machine) -> None:
    """In a container, ANNULET_ACCESS_TOKEN is enough, and never written."""
    bare = {"ANNULET_ACCESS_TOKEN": "made-up-bare-token", "ANNULET_HOME": str(machine.home / "b")}
    async with machine.proxy(**bare) as started:
        code, out = await machine.run("grant", "--tool", "bash", "--json", **bare)
        assert code == 0
        status, body = await read(started["base_url"], json.loads(out)["token"])
        assert status == 200
        assert "made-up-bare-token" not in body
    for file in (machine.home / "b").rglob("*"):
        assert file.is_dir() or b"made-up-bare-token" not in file.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["grant", "--tool", "ba sh"], 2, "bad_input"),
        (["grant", "--tool", "bash", "--ttl", "25h"], 2, "bad_input"),
        (["grant", "--tool", "bash", "--ttl", "soon"], 2, "bad_input"),
        (["grant", "--tool", "bash", "--collections", "steps"], 2, "bad_input"),
        (["grant", "--tool", "bash", "--account", "nobody"], 3, "not_connected"),
        (["grant"], 2, "bad_input"),
        (["grant", "revoke", "cap_none"], 2, "bad_input"),
        (["grant", "revoke"], 2, "bad_input"),
        (["proxy", "--account", "nobody"], 3, "not_connected"),
    ],
)
async def test_mistakes_are_explained(
    machine: Machine, arguments: list[str], code: int, word: str
) -> None:
    """Each with its exit code and its word."""
    exit_code, out = await machine.run(*arguments, "--json")
    assert exit_code == code
    assert json.loads(out)["error"]["code"] == word


async def test_a_busy_port_is_explained(machine: Machine) -> None:
    """Two proxies cannot share a port, and the second says so."""
    port = machine.oura.rsplit(":", 1)[1]
    code, out = await machine.run("proxy", "--port", port, "--json")
    assert code == 2
    assert port in json.loads(out)["error"]["message"]
