"""The service starts and works with the rights that the samples leave it, and no more."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))
from confined import USER, confine, open_folder, skip_unless_possible
from samples import (
    DEPLOY,
    compose_programs,
    image_environment,
    read_unit,
    read_variables,
    unit_environment,
)

from ports import free_port
from postgresql import running_postgresql

UNIT = DEPLOY / "systemd/annulet@.service"
ANNULET = str(Path(sys.executable).with_name("annulet"))


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the confined user reaches; those of a test run are closed to other users."""
    with tempfile.TemporaryDirectory(prefix="annulet-confined-") as name:
        if os.name == "posix" and os.geteuid() == 0:
            open_folder(Path(name))
        skip_unless_possible(Path(name))
        yield Path(name)


def write_secret(folder: Path, name: str, value: str) -> Path:
    """A secret that the confined user alone may read."""
    file = folder / name
    file.write_text(value)
    os.chown(file, USER, USER)
    file.chmod(0o400)
    return file


@contextmanager
def running(
    command: Sequence[str],
    variables: Mapping[str, str],
    log: Path,
    *,
    writable: Sequence[Path] = (),
    url: str = "",
) -> Iterator[subprocess.Popen[bytes]]:
    """A confined program, from when it is ready until a SIGTERM has ended it."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            confine(command, variables, writable), stdout=output, stderr=output
        )
    try:
        end = time.monotonic() + 90
        while url and not is_ready(url):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.1)
        yield process
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    finally:
        process.kill()
        process.wait(30)


def is_ready(url: str) -> bool:
    """Whether the service says so itself."""
    try:
        return httpx2.get(f"{url}/readyz", trust_env=False, timeout=10).status_code == 200
    except httpx2.TransportError:
        return False


def run(command: Sequence[str], variables: Mapping[str, str]) -> str:
    """Run a confined program to its end; returns what it wrote."""
    outcome = subprocess.run(
        confine(command, variables), capture_output=True, text=True, check=False, timeout=120
    )
    assert outcome.returncode == 0, outcome.stderr
    return outcome.stdout + outcome.stderr


@pytest.mark.parametrize("home", [None, "/nonexistent"])
def test_the_unit_s_command_runs_as_the_unit_says(folder: Path, home: str | None) -> None:
    """On SQLite, with a state folder and nothing else to write to, and no home."""
    port, state = free_port(), open_folder(folder / "state")
    write_secret(folder, "oura-client-secret", "planted-secret")
    assert read_unit(UNIT)["StateDirectory"] == ["annulet"]
    variables = {
        **read_variables(DEPLOY / "systemd/annulet.env.example"),
        **unit_environment(UNIT),
        **({} if home is None else {"HOME": home}),
    }
    places = {"%i": str(port), "%d": str(folder), "/var/lib/annulet": str(state)}
    for name, value in variables.items():
        for written, real in places.items():
            variables[name] = variables[name].replace(written, real)
        assert "%" not in variables[name], value
    (line,) = read_unit(UNIT)["ExecStart"]
    command = [ANNULET, *shlex.split(line)[1:]]
    log, url = folder / "log", f"http://127.0.0.1:{port}"
    with running(command, variables, log, writable=[state], url=url) as process:
        headers = {"host": "ring.example.org"}
        page = httpx2.get(f"{url}/sign-up", headers=headers, trust_env=False)
        assert page.status_code == 200
        status = Path(f"/proc/{process.pid}/status").read_text()
        assert re.search(rf"^Uid:\t{USER}\t{USER}", status, re.MULTILINE)
        assert re.search(r"^CapBnd:\t0+$", status, re.MULTILINE)
    assert process.returncode == -signal.SIGTERM
    text = log.read_text()
    assert "There is no admin yet" in text
    assert "planted-secret" not in text
    assert "Traceback" not in text
    assert {file.name for file in state.iterdir()} == {"annulet.db", "hosted.key"}


@pytest.mark.full
def test_the_compose_file_s_programs_run_with_nothing_to_write_to(folder: Path) -> None:
    """Migration, three replicas and the worker on PostgreSQL, as compose starts them."""
    programs, ports = compose_programs(), {}
    with running_postgresql() as address:
        secrets = {
            "database_url": address,
            "sealing_key": "7c" * 32,
            "oura_client_secret": "planted-secret",
            "metrics_token": "token-of-the-scraper",
        }
        for name, value in secrets.items():
            write_secret(folder, name, value)

        def variables(name: str) -> dict[str, str]:
            ports[name] = free_port()
            settings = {**image_environment(), **programs[name]["environment"]}
            moved = {n: v.replace("/run/secrets", str(folder)) for n, v in settings.items()}
            del moved["PATH"]
            places = {"ANNULET_HOST": "127.0.0.1", "ANNULET_PORT": str(ports[name])}
            return {
                **moved,
                **places,
                "ANNULET_METRICS_HOST": "127.0.0.1",
                "ANNULET_METRICS_PORT": "0",
            }

        def command(name: str) -> list[str]:
            return [ANNULET, *programs[name]["command"]]

        assert "format" in run(command("migrate"), variables("migrate"))
        replicas = [name for name, p in programs.items() if "serve" in p["command"]]
        for name in replicas:
            given, log = variables(name), folder / f"{name}.log"
            url = f"http://127.0.0.1:{ports[name]}"
            with running(command(name), given, log, url=url) as process:
                pass
            assert process.returncode == -signal.SIGTERM
            assert "planted-secret" not in log.read_text()
            assert "Others on this machine" not in log.read_text()
        with running(command("worker"), variables("worker"), folder / "worker.log") as worker:
            end = time.monotonic() + 90
            while "ok" not in run([ANNULET, "admin", "jobs"], variables("worker")):
                assert worker.poll() is None, (folder / "worker.log").read_text()
                assert time.monotonic() < end
                time.sleep(1)
        assert worker.returncode == 0
        assert "Traceback" not in (folder / "worker.log").read_text()
