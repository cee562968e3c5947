"""mcpo: the tools as operations of an OpenAPI description."""

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

from adapter import report, run

PROGRAM = str(Path(sys.executable).parent / "mcpo")
PATIENCE_S = 60


def fetch(address, body=None):
    """The JSON of an answer; that of a refusal too."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(address, data=data, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refusal:
        return json.load(refusal)


def free_port():
    """A port that nothing listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def describe(address):
    """The OpenAPI description, as soon as the program serves it."""
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            return fetch(f"{address}/openapi.json")
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def start(port, url, headers):
    """The program on a port."""
    options = ["--host", "127.0.0.1", "--port", str(port), "--server-type", "streamable-http"]
    command = [PROGRAM, *options, "--header", json.dumps(headers), "--", url]
    return subprocess.Popen(command, stdout=sys.stderr)


async def main(url, headers):
    """List, describe and ask through the operations."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    program = start(port, url, headers)
    try:
        paths = describe(address)["paths"]
        names = [path.strip("/") for path in paths]

        def operations():
            assert all("post" in operations for operations in paths.values())

        await report(
            names, {"OpenAPI": operations}, lambda name, values: fetch(f"{address}/{name}", values)
        )
    finally:
        program.terminate()
        program.wait(PATIENCE_S)


run(main)
