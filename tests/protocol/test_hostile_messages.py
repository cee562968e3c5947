"""Hostile and careless clients get the same answer on stdio and over HTTP, and no traceback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from hostile_messages import MESSAGES, OPENING, as_text, outcome, request

ANNULET = [sys.executable, "-m", "annulet", "mcp"]
LAST = request("last")


@pytest.fixture(scope="module")
def environ(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A machine without a connection."""
    home = str(tmp_path_factory.mktemp("home"))
    return {"PATH": os.environ["PATH"], "HOME": home, "ANNULET_HOME": home}


@pytest.fixture(scope="module")
def http_server(environ: dict[str, str]) -> Iterator[httpx2.Client]:
    """A client of the server over HTTP, which logs no traceback."""
    command = [*ANNULET, "--http", "--port", "0"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environ, stdout=pipe, stderr=pipe, text=True) as server:
        assert server.stdout is not None
        address, key = (server.stdout.readline().split()[-1] for _ in range(2))
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        headers["Accept"] = "application/json, text/event-stream"
        with httpx2.Client(base_url=address, headers=headers, timeout=60) as client:
            yield client
        server.send_signal(signal.SIGINT)
        assert "Traceback" not in server.communicate(timeout=60)[1]


def post(client: httpx2.Client, text: str) -> dict[str, Any] | None:
    """The reply to one message over HTTP."""
    response = client.post("", content=text.encode())
    if response.status_code == 202:
        return None
    body = response.text
    if response.headers["content-type"].startswith("text/event-stream"):
        body = next(line[5:] for line in body.splitlines() if line.startswith("data:"))
    return json.loads(body)


@pytest.mark.parametrize("name", MESSAGES)
def test_stdio_answers_or_says_what_is_wrong(name, environ):
    """The message is answered, and so is the one behind it."""
    message, number, error = MESSAGES[name]
    lines = [as_text(OPENING), as_text(message), as_text(LAST)]
    done = subprocess.run(
        ANNULET,
        input="".join(f"{line}\n" for line in lines).encode(),
        env=environ,
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert b"Traceback" not in done.stderr
    replies = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert replies[0]["id"] == 1
    others = [reply for reply in replies[1:] if reply.get("id") != "last"]
    assert len(others) + 1 == len(replies) - 1
    outcomes = [outcome(reply) for reply in others] or [outcome(None)]
    assert outcomes == [(number, error)]


@pytest.mark.parametrize("name", MESSAGES)
def test_http_answers_the_same(name, http_server):
    """Nothing of the library's own words for it gets out."""
    message, number, error = MESSAGES[name]
    client = http_server
    reply = post(client, as_text(message))
    assert outcome(reply) == (number, error)
    assert "pydantic" not in str(reply)
    assert "union" not in str(reply)


def test_a_client_that_leaves_before_its_answer(environ):
    """The server ends by itself and without a traceback."""
    with subprocess.Popen(
        ANNULET,
        env=environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        assert server.stderr is not None
        for message in (OPENING, {"jsonrpc": "2.0", "method": "notifications/initialized"}):
            server.stdin.write(as_text(message).encode() + b"\n")
        server.stdin.flush()
        assert b'"id":1' in server.stdout.readline()
        server.stdout.close()
        call = request(2, "tools/call", params={"name": "oura_device", "arguments": {}})
        server.stdin.write(as_text(call).encode() + b"\n")
        server.stdin.close()
        server.wait(60)
        assert b"Traceback" not in server.stderr.read()
