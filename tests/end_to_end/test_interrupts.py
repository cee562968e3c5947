"""Ctrl-C in every command that waits: one line, exit code 130, nothing half written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from annulet.simulator import SimulatedOura
from ports import free_port

PATIENCE_S = 60
ENDED = {130, -signal.SIGINT}
"""A process that a signal ends is shown by shells as 128 and the number of the signal."""
READY = {
    "demo": "Connected as",
    "serve --port 0": "until Ctrl-C",
    "mcp --http --port 0": "Ctrl-C ends",
    "proxy --port 0": "Ctrl-C ends it",
    "simulate --port 0": "until Ctrl-C",
    "connect --port PORT": "response_type=code",
    "connect --port PORT --no-browser": "paste",
}
Environ = dict[str, str]


@pytest.fixture(scope="module")
def cloud() -> Iterator[tuple[SimulatedOura, str]]:
    """A simulated cloud."""
    oura = SimulatedOura(["plain"])
    with oura.serve() as running:
        yield oura, running.url


@pytest.fixture
def environ(cloud: tuple[SimulatedOura, str], tmp_path: Path) -> Environ:
    """A machine of its own for each test."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "ANNULET_HOME": str(tmp_path / "annulet"),
        "ANNULET_KEY": "7c" * 32,
        "ANNULET_OURA_API_URL": cloud[1],
        "BROWSER": "true",
    }


def interrupted(
    environ: Environ, words: list[str], is_ready: Callable[[str], bool]
) -> tuple[int, str]:
    """A command that gets Ctrl-C as soon as it is ready: its code, and what it has written."""
    output = Path(environ["HOME"], "output.txt")
    with output.open("wb") as both:
        process = subprocess.Popen(
            [sys.executable, "-m", "annulet", *words],
            env=environ,
            cwd=environ["HOME"],
            stdin=subprocess.PIPE,
            stdout=both,
            stderr=both,
            start_new_session=True,
        )
    end = time.monotonic() + PATIENCE_S
    while not is_ready(output.read_text("utf-8")):
        assert process.poll() is None, output.read_text("utf-8")
        assert time.monotonic() < end, output.read_text("utf-8")
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    code = process.wait(PATIENCE_S)
    assert process.stdin is not None
    process.stdin.close()
    return code, output.read_text("utf-8")


@pytest.mark.parametrize("command", READY)
def test_a_command_that_waits_ends_in_one_line(command, environ, cloud):
    """A shell sees 130, a person sees that it has stopped."""
    port = free_port()
    cloud[0].register_application("new", "waits", "s", [f"http://localhost:{port}/callback"])
    if command.startswith("connect"):
        environ |= {"ANNULET_CLIENT_ID": "waits", "ANNULET_CLIENT_SECRET": "s"}
    else:
        environ["ANNULET_ACCESS_TOKEN"] = cloud[0].issue_token("plain")
    words = command.replace("PORT", str(port)).split()
    code, output = interrupted(environ, words, lambda text: READY[command] in text)
    assert code in ENDED
    assert output.rstrip().endswith("Stopped.")
    assert "Traceback" not in output


@pytest.mark.parametrize("file", ["nights.csv", "nights.json", "nights.parquet"])
def test_an_export_leaves_no_half_file(file, environ, cloud):
    """A former file stays as it was."""
    if file.endswith("parquet"):
        pytest.importorskip("pyarrow")
    folder = Path(environ["HOME"], "files")
    folder.mkdir()
    (folder / file).write_text("former")
    environ["ANNULET_ACCESS_TOKEN"] = cloud[0].issue_token("plain")
    cloud[0].faults.add("delay", 0.3)
    words = ["export", "heartrate", "--start", "2025-01-01", "-o", f"files/{file}"]
    try:
        code, output = interrupted(environ, words, lambda _output: len([*folder.iterdir()]) > 1)
    finally:
        cloud[0].faults.clear()
    assert code in ENDED
    assert output == "Stopped.\n"
    assert [path.read_text() for path in folder.iterdir()] == ["former"]


@pytest.mark.parametrize("module", ["cyclopts", "annulet.cli.app", "annulet.wiring", "msgspec"])
def test_a_command_that_still_loads_ends_in_one_line(module, environ, tmp_path):
    """Ctrl-C comes while a module is imported."""
    (tmp_path / "sitecustomize.py").write_text(
        "import os, signal, sys\n"
        "class Interrupting:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {module!r}:\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupting())\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "annulet", "daily"],
        env={**environ, "PYTHONPATH": str(tmp_path), "ANNULET_ACCESS_TOKEN": "x"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode in ENDED
    assert (done.stdout, done.stderr) == ("", "Stopped.\n")
