"""Every command of the page about incidents, run in its order beside a running service."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from annulet.cli import run
from annulet.simulator import SimulatedOura

sys.path.insert(0, str(Path(__file__).parents[1] / "end_to_end" / "hosted"))
from service import PASSWORD, Person, Service

PAGE = Path(__file__).parents[2] / "docs/how-to/incidents.md"
LOGIN = "anna@example.org"


@pytest.fixture
def people(service: Service) -> Iterator[tuple[Person, Person]]:
    """Browsers of an admin and of a person."""
    browsers = Person(service.url), Person(service.url)
    yield browsers
    for browser in browsers:
        browser.close()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    oura = SimulatedOura(["plain"])
    with oura.serve() as cloud:
        running = Service(tmp_path, cloud.url, oura)
        running.start()
        yield running
        if running.process is not None and running.process.poll() is None:
            running.stop()


def examples(text: str) -> list[tuple[str, str]]:
    """Each command of annulet on the page, and what the page shows after it."""
    blocks = "\n".join(re.findall(r"```console\n(.*?)```", text, re.DOTALL))
    lines = [line.strip() for line in blocks.splitlines()]
    commands = [(n, line) for n, line in enumerate(lines) if line.startswith("$ annulet ")]
    following = [*lines, "$"]
    shown = [(line, following[n + 1]) for n, line in commands]
    return [(line[2:], "" if after.startswith("$") else after) for line, after in shown]


def pattern(shown: str) -> str:
    """What the page shows, with any id, instant, link, address or number in place of its own."""
    kinds = (r"[0-9a-f]{8}(?=\.)", r"annulet_\w+", r"20\d\d-\S+", r"http\S+", r"\S+@\S+", r"\d+")
    parts = re.split(f"({'|'.join(kinds)})", shown.rstrip("…"))
    return "".join(r"\S+" if number % 2 else re.escape(part) for number, part in enumerate(parts))


def test_every_command_does_what_the_page_says(
    service: Service,
    people: tuple[Person, Person],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The service runs meanwhile, as in an incident; it is stopped where the page stops it."""
    for name, value in service.environment.items():
        monkeypatch.setenv(name, value)
    boss, anna = people
    for person, login in ((boss, "boss@example.org"), (anna, LOGIN)):
        person.get("/sign-up")
        person.submit("/sign-up", login=login, password=PASSWORD, timezone="UTC")
    assert "Successful connection" in anna.connect("plain")
    anna.get("/endpoints/new")
    anna.submit("/endpoints", kind="other", auth="key", name="Shell")
    endpoint = str(anna.page.url).rsplit("/", 1)[1]
    anna.submit(f"/endpoints/{endpoint}/keys", lifetime="90", scope="oura:read")
    prefix = ""
    commands = examples(PAGE.read_text("utf-8"))
    assert len(commands) > 12
    for command, shown in commands:
        if "forget-unreadable" in command and "--yes" not in command:
            # the key is lost here: the service is stopped, and none is left
            service.stop()
            (service.folder / "home/hosted.key").unlink()
        words = [prefix if "annulet_" in word else word for word in shlex.split(command)[1:]]
        code = run(words)
        captured = capsys.readouterr()
        output = captured.out + captured.err
        assert code == 0, (command, output)
        if shown:
            assert re.search(pattern(shown), output), (command, shown, output)
        if command == "annulet admin keys":
            prefix = output.split("…")[0].split()[-1]
        if "--yes" in command and "forget" in command:
            service.start()
    boss.get("/sign-in")
    assert "Connect" in boss.get("/dashboard") or "Sign in" in boss.page.text
