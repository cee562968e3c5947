"""A port is checked before anything is opened."""

from __future__ import annotations

import json

import pytest

from annulet.cli import run


@pytest.mark.parametrize("command", ["connect", "demo", "mcp --http", "proxy", "serve", "simulate"])
@pytest.mark.parametrize("port", ["-1", "70000", "eighty"])
def test_a_port_that_is_none_is_bad_input(
    command: str, port: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every command that listens says so, and starts nothing."""
    words = [*command.split(), f"--port={port}"]
    if command == "connect":
        assert run([*words, "--json"]) == 2
        assert json.loads(capsys.readouterr().out)["error"]["code"] == "bad_input"
    else:
        assert run(words) == 2
        assert port in capsys.readouterr().err
