"""What a newcomer meets on the command line, in every circumstance a machine can have."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from annulet.cli.commands import ask
from annulet.toolkit.answers import TOOLS
from annulet.toolkit.exports import check_parquet
from machine import environ_with_token


@pytest.fixture(scope="module")
def environ(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A machine with an access token for a simulated person, in another zone than UTC."""
    with environ_with_token(tmp_path_factory.mktemp("home")) as environ:
        yield environ


def run(
    environ: dict[str, str], *words: str, redirect: str = "", **changes: str
) -> subprocess.CompletedProcess[str]:
    """A command as a shell starts it."""
    line = " ".join([sys.executable, "-m", "annulet", *words, redirect])
    return subprocess.run(
        ["bash", "-c", line],
        env={name: value for name, value in {**environ, **changes}.items() if value != "unset"},
        cwd=environ["HOME"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=90,
        check=False,
    )


@pytest.mark.parametrize(
    ("words", "redirect", "changes", "code"),
    [
        ("trends", "| true", {}, 0),
        ("sleep", ">&-", {}, 0),
        ("sleep --json", ">&- 2>&-", {}, 0),
        ("nonsense", "2>&-", {}, 2),
        ("daily", ">/dev/full", {}, 2),
        ("sleep", "", {"HOME": "unset"}, 0),
        ("sleep", "", {"HOME": "/dev/null/home"}, 0),
        ("status", "", {"ANNULET_ACCESS_TOKEN": "", "ANNULET_HOME": "/dev/null/x"}, 2),
        ("connect", "", {"ANNULET_ACCESS_TOKEN": "", "ANNULET_HOME": "/dev/null/x"}, 2),
        ("trends", "", {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, 0),
        ("trends", "", {"COLUMNS": "20", "FORCE_COLOR": "1"}, 0),
        ("daily", "", {"COLUMNS": "500", "TZ": "Nowhere/City", "ANNULET_TIMEZONE": ""}, 0),
        ("sleep", "", {"ANNULET_ACCESS_TOKEN": "two words"}, 2),
        ("sleep --start 2026-99-99", "", {}, 2),
        ("simulate --people nobody", "", {}, 2),
    ],
)
def test_no_circumstance_ends_in_a_traceback(environ, words, redirect, changes, code):
    """Bad input, closed and full outputs, no home, another locale: an answer or a sentence."""
    done = run(environ, words, redirect=redirect, **changes)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert "bug of its own" not in done.stderr


def test_a_service_that_is_not_installed_is_named_by_every_command(environ, tmp_path):
    """Without the extra each command of the service says what to install."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "class Missing:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in {'jinja2', 'sqlalchemy', 'alembic', 'argon2'}:\n"
        "            raise ModuleNotFoundError(f'No module named {name}', name=name)\n"
        "sys.meta_path.insert(0, Missing())\n"
    )
    for words in ("serve", "admin create anna@example.com", "admin show"):
        done = run(environ, words, PYTHONPATH=str(tmp_path))
        assert done.returncode == 2
        assert "pip install 'annulet[server]'" in done.stderr


def test_an_export_takes_its_format_from_the_file(environ):
    """-o w.json is JSON, --start alone runs to today, -o - is standard output, endings are told."""
    home = Path(environ["HOME"])
    assert run(environ, 'export daily_sleep --start "last 5 days" -o w.json').returncode == 0
    documents = json.loads((home / "w.json").read_text("utf-8"))
    on_screen = run(environ, "export daily_sleep --start", documents[0]["day"], "-o -")
    assert on_screen.returncode == 0
    assert len(on_screen.stdout.splitlines()) == len(documents) + 1
    assert on_screen.stdout.startswith("id,")
    assert run(environ, "export sleep --start yesterday -o w.txt").returncode == 2


def test_parquet_is_refused_before_anything_is_read(monkeypatch):
    """The extra is named at once, not after the progress bar."""
    from annulet.errors import UsageError
    from annulet.toolkit import exports

    monkeypatch.setattr(exports, "find_spec", lambda _name: None)
    with pytest.raises(UsageError) as refused:
        check_parquet()
    assert "pip install 'annulet[export]'" in str(refused.value)


def test_a_chart_is_offered_only_where_there_is_one(environ):
    """events, permissions and device have no --chart; where it is drawn, the file is named."""
    offered = {
        tool.command
        for tool in TOOLS.values()
        if "chart" in ask.command(tool).__signature__.parameters
    }
    assert {"sleep", "trends", "anomalies"} <= offered
    assert not offered & {"permissions", "device", "events"}
    done = run(environ, "effects alcohol --chart e.svg")
    assert "e.svg" in done.stderr
    svg = (Path(environ["HOME"]) / "e.svg").read_text("utf-8")
    assert "alcohol" in svg.casefold()


def test_times_for_people_are_in_one_zone(environ):
    """The end of the token and the last sync are told on the same clock."""
    health = json.loads(run(environ, "status", "--json").stdout)
    assert "plain" in health["oura_account"]
    assert re.search(r"[+-]\d\d:\d\d$", health["last_sync"])
    permissions = json.loads(run(environ, "permissions", "--json").stdout)
    ends = permissions["token"].get("expires_at", health["last_sync"])
    assert ends[-6:] == health["last_sync"][-6:]


def test_the_server_in_a_terminal_says_what_it_is(environ):
    """Typed by a person, it is not silent; an assistant's pipe sees nothing of it."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "annulet", "mcp"],
        env=environ,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    os.close(theirs)
    assert process.stderr is not None
    assert b"an assistant starts it" in process.stderr.readline()
    process.kill()
    process.communicate(timeout=30)
    os.close(ours)
    quiet = run(environ, "mcp")
    assert (quiet.returncode, quiet.stderr) == (0, "")
