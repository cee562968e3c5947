"""The conformance suite against a running `annulet serve`: authorization, and its MCP endpoint."""

import re
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import httpx2
import suite
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from ports import free_port

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "sign_in"))
import terminal
from stage import Stage

from annulet.simulator.server import ThreadedServer

METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]
CONNECTION = {"connection", "transfer-encoding", "content-length", "content-encoding"}


@contextmanager
def serving_hosted():
    """The service with its people."""
    with (
        tempfile.TemporaryDirectory(prefix="annulet-conformance-") as folder,
        Stage(Path(folder) / "service") as stage,
    ):
        yield stage


class Keyed:
    """Adds an API key to every request, because the suite cannot.

    Args:
        target: The address of the endpoint, path included.
        key: Its key.
    """

    def __init__(self, target, key):
        self._target, self._key = httpx2.URL(target), key
        app = Starlette(routes=[Route(self._target.path, self._forward, methods=METHODS)])
        self._running = ThreadedServer(app)
        self._ours = self._running.url.removeprefix("http://")
        self._theirs = f"{self._target.host}:{self._target.port}"
        self.url = f"{self._running.url}{self._target.path}"

    def __enter__(self):
        self._running.start()
        return self.url

    def __exit__(self, *_):
        self._running.stop()

    async def _forward(self, request):
        """A name of this place is replaced by that of the service; other names stay as they are."""
        headers = [
            (name, value.replace(self._ours, self._theirs))
            for name, value in request.headers.items()
            if name not in CONNECTION
        ]
        async with httpx2.AsyncClient(timeout=60, trust_env=False) as http:
            answer = await http.request(
                request.method,
                self._target,
                content=await request.body(),
                headers=[*headers, ("authorization", f"Bearer {self._key}")],
            )
        passed_headers = {n: v for n, v in answer.headers.items() if n.lower() not in CONNECTION}
        return Response(answer.content, answer.status_code, passed_headers)


def registered(stage, callback):
    """A public client with this callback; returns its id."""
    metadata = {"redirect_uris": [callback], "token_endpoint_auth_method": "none"}
    answer = httpx2.post(
        f"{stage.service.url}/register", json=metadata, trust_env=False, timeout=60
    )
    return answer.json()["client_id"]


def authorization_set(node, program, stage):
    """The authorization scenarios; returns whether they are green, and what was said."""
    port = free_port()
    client = registered(stage, f"http://127.0.0.1:{port}/callback")
    command = [node, str(program), "authorization", "--url", stage.service.url]
    command += ["--client-id", client, "--resource", stage.url, "-p", str(port)]
    output, visited = "", False
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=suite.TOOLS
    ) as running:
        for line in running.stdout:
            output += suite.COLOUR.sub("", line)
            asked = terminal.ASKED.search(output)
            if asked and not visited and "Callback server started" in output:
                visited = True
                terminal.allow(stage.anna, asked.group(1))
    passed = re.search(r"(\d+) passed, 0 failed", output.strip().splitlines()[-1])
    green = running.returncode == 0 and bool(passed) and int(passed.group(1)) > 0
    return green, output[output.find("=== SUMMARY ===") :]


def main(node, program):
    """Everything the service has to pass; prints it and returns whether it is green."""
    with serving_hosted() as stage:
        green, summary = authorization_set(node, program, stage)
        print(f"authorization: {'green' if green else 'RED'}\n{summary}")
        with Keyed(*stage.key(stage.anna)) as address:
            for revision, names in suite.WITHOUT_FIXTURES.items():
                for name in names:
                    failed = suite.scenario(node, program, address, name, revision)
                    failed -= suite.NEED_A_FIXTURE
                    print(f"{revision} hosted: {name}: {sorted(failed) or 'passed'}", flush=True)
                    green &= not failed
    return green
