"""What the command line prints where the encoding of standard output is not UTF-8."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from machine import environ_with_token

COMMANDS = ("daily", "sleep", "trends", "events", "permissions", "status", "doctor")


@pytest.fixture(scope="module")
def environ(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The settings of a machine with an access token for a simulated person."""
    with environ_with_token(tmp_path_factory.mktemp("home with blanks")) as environ:
        yield environ


def output(environ: dict[str, str], encoding: str, *words: str) -> bytes:
    """What a command prints, and that it succeeds."""
    done = subprocess.run(
        [sys.executable, "-m", "annulet", *words],
        env=environ | {"PYTHONIOENCODING": encoding},
        cwd=Path(environ["HOME"]),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_encoding_gets_an_answer(environ: dict[str, str], command: str) -> None:
    """A character that the encoding lacks is replaced, and the rest of the answer is the same."""
    in_ascii = output(environ, "ascii", command)
    assert in_ascii.isascii()
    assert len(in_ascii.split()) > 5


def test_json_is_the_same_in_every_encoding(environ: dict[str, str]) -> None:
    """With --json no character is lost, because what ASCII lacks is escaped."""
    words = ("permissions", "--json")
    in_utf8, in_ascii = (output(environ, encoding, *words) for encoding in ("utf-8", "ascii"))
    assert in_ascii.isascii()
    assert not in_utf8.isascii()
    assert json.loads(in_ascii) == json.loads(in_utf8)
