"""Every command the skills show, executed against the simulated cloud."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import httpx2
import pytest

from annulet.cli import run
from annulet.cli.app import COMMANDS
from annulet.cli.commands.proxy import DEFAULT_PORT
from annulet.simulator import SimulatedOura
from ports import default_ports

SKILLS = Path(__file__).parents[2] / "skills"
BROWSER = """#!{python}
import sys, urllib.request
urllib.request.urlopen(sys.argv[1], timeout=60).read()
"""


def shown(*names: str) -> list[str]:
    """The command lines of the fenced blocks of some pages."""
    lines = []
    for name in names:
        for block in re.findall(
            r"```(?:bash|sh)\n(.*?)```", (SKILLS / name).read_text(), re.DOTALL
        ):
            lines += block.splitlines()
    return lines


EVERY = shown(*(str(page.relative_to(SKILLS)) for page in sorted(SKILLS.rglob("*.md"))))
ASKING = [
    line
    for line in shown("oura/SKILL.md", "oura/references/commands.md", "oura/references/raw-data.md")
    if not re.match(r"annulet (proxy|grant)|curl", line)
]
CONNECTING = ["annulet --version", "annulet doctor --json", "annulet setup"]
CONNECTED = shown("oura-setup/SKILL.md")[len(CONNECTING) :]
HEADLESS = "annulet connect --no-browser"


def lately(line: str, today: date) -> str:
    """A command line with its dates moved to the days before today, as far apart as they stand.

    The cloud knows the last 400 days, and a page is read in any year.
    """
    move = today - date(2026, 6, 2)
    return re.sub(r"\b2026-\d\d-\d\d\b", lambda day: str(date.fromisoformat(day[0]) + move), line)


@dataclass
class Machine:
    """A home folder, how its commands find the simulated cloud, and what day it is there."""

    home: Path
    environ: dict[str, str]
    today: date

    def run(self, line: str, **more: str) -> subprocess.CompletedProcess[str]:
        program = shlex.split(line)
        words = [sys.executable, "-m", *program] if program[0] == "annulet" else program
        return subprocess.run(
            words,
            env=self.environ | more,
            cwd=self.home,
            input="",
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    def forget_application(self) -> "Machine":
        environ = {name: v for name, v in self.environ.items() if "CLIENT" not in name}
        return Machine(self.home, environ, self.today)


@pytest.fixture(scope="module")
def cloud() -> Iterator[tuple[SimulatedOura, str]]:
    """A cloud in which one person says yes to everything."""
    oura = SimulatedOura(["plain"], auto_approve="plain")
    with oura.serve() as running:
        yield oura, running.url


def machine(home: Path, cloud: tuple[SimulatedOura, str]) -> Machine:
    """An empty home folder; its browser is a program that follows redirects."""
    home.mkdir(exist_ok=True)
    browser, secret = home / "browser", home / "client-secret"
    browser.write_text(BROWSER.format(python=sys.executable))
    browser.chmod(0o700)
    secret.write_text("simulated-secret")
    return Machine(
        home,
        {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(home),
            "BROWSER": str(browser),
            "ANNULET_HOME": str(home / "data"),
            "ANNULET_KEY": "made-up-key-of-a-test-with-enough-letters",
            "ANNULET_TIMEZONE": "Europe/Helsinki",
            "ANNULET_OURA_API_URL": cloud[1],
            "ANNULET_CLIENT_ID": "annulet-simulator",
            "ANNULET_CLIENT_SECRET_FILE": str(secret),
        },
        cloud[0].clock().date(),
    )


@pytest.fixture(scope="module")
def connected(
    tmp_path_factory: pytest.TempPathFactory, cloud: tuple[SimulatedOura, str]
) -> Machine:
    """A machine after ``annulet connect``; later commands know no application."""
    new = machine(tmp_path_factory.mktemp("machine"), cloud)
    with default_ports():
        done = new.run("annulet connect --json")
    assert done.returncode == 0, done.stdout + done.stderr
    return new.forget_application()


def test_no_command_is_left_out() -> None:
    """Each line of each block belongs to one of the tests below."""
    covered = {*ASKING, *CONNECTING, *CONNECTED, HEADLESS}
    rest = [line for line in EVERY if line not in covered]
    elsewhere = ("annulet proxy", "annulet grant", "curl ", "ssh ")
    assert [line for line in rest if not line.startswith(elsewhere)] == []
    assert len(ASKING) > 20
    assert CONNECTED[0] == "annulet connect --json"


def test_commands_inside_sentences_exist() -> None:
    """Also where only a command's name is mentioned."""
    for page in SKILLS.rglob("*.md"):
        for word in re.findall(r"`annulet ([a-z]+)", page.read_text()):
            assert word in COMMANDS, f"{page.name}: annulet {word}"


def test_the_setup_skill_from_an_empty_home(
    tmp_path: Path, cloud: tuple[SimulatedOura, str]
) -> None:
    """Look, register, connect, check, install, disconnect: in the order of the page."""
    new = machine(tmp_path / "home", cloud)
    bare = new.forget_application()
    version, doctor, setup = (bare.run(line) for line in CONNECTING)
    assert version.returncode == 0
    assert doctor.returncode == 3
    steps = {step["step"]: step for step in json.loads(doctor.stdout)["steps"]}
    assert steps["application"]["state"] == steps["connection"]["state"] == "problem"
    assert setup.returncode == 3
    assert "http://localhost:8765/callback" in setup.stdout

    for line in CONNECTED:
        with default_ports():
            done = new.run(line)
        assert done.returncode == 0, f"{line}: {done.stdout} {done.stderr}"
        assert "simulated-secret" not in done.stdout + done.stderr
        if line.endswith("--json"):
            assert json.loads(done.stdout)
    assert bare.run("annulet status --json").returncode == 3


def test_connecting_without_a_browser(tmp_path: Path, cloud: tuple[SimulatedOura, str]) -> None:
    """The address is printed; a person who opens it elsewhere pastes where it led."""
    new = machine(tmp_path / "home", cloud)
    with default_ports():
        process = subprocess.Popen(
            [sys.executable, "-m", *shlex.split(HEADLESS)],
            env=new.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr
        url = next(line.strip() for line in process.stderr if line.strip().startswith("http"))
        pasted = httpx2.get(url, follow_redirects=False, timeout=60).headers["location"]
        out, _ = process.communicate(f"{pasted}\n", timeout=60)
    assert process.returncode == 0
    assert out.startswith("Connected")


@pytest.mark.parametrize("line", ASKING)
def test_the_asking_skill(
    connected: Machine,
    line: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each question is answered, with a summary, and each file is written."""
    for name in [name for name in os.environ if name.startswith("ANNULET_")]:
        monkeypatch.delenv(name)
    for name, value in connected.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    words = shlex.split(lately(line, connected.today))
    code = run(words[1:])
    out = capsys.readouterr().out
    assert code == 0, out
    if "--json" in words:
        assert json.loads(out)["summary"]
    for option in ("-o", "--chart"):
        if option in words:
            assert (tmp_path / words[words.index(option) + 1]).stat().st_size > 100


def test_the_proxy_page(connected: Machine) -> None:
    """Proxy, capability and curl as they stand there, but for the port."""
    if not shutil.which("curl"):
        pytest.skip("curl is not installed")
    proxy, grant, curl = (
        line
        for line in shown("oura/references/raw-data.md")
        if re.match(r"annulet (proxy|grant)|curl", line)
    )
    usual = f"http://127.0.0.1:{DEFAULT_PORT}/"
    assert usual in curl
    serving = subprocess.Popen(
        [sys.executable, "-m", *shlex.split(proxy), "--port", "0"],
        env=connected.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert serving.stdout
        base = serving.stdout.readline().strip()
        minted = connected.run(grant)
        capability = minted.stdout.strip()
        assert minted.returncode == 0
        asked = lately(curl, connected.today).replace(usual, f"{base}/")
        answer = connected.run(f"sh -c {shlex.quote(asked)}", ANNULET_CAPABILITY=capability)
        assert json.loads(answer.stdout)["data"]
    finally:
        serving.terminate()
        serving.communicate(timeout=60)
    assert serving.returncode == 0
