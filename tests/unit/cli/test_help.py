"""What each command says about itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from annulet.cli import run
from annulet.cli.app import COMMANDS
from annulet.toolkit.answers import TOOLS


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The help of a command, on one line."""
    assert run([*words, "--help"]) == 0
    return " ".join(capsys.readouterr().out.replace("│", " ").split())


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_is_its_own(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Its options without noise, other questions by their commands and not by tool names."""
    page = told(capsys, name)
    assert page.startswith(f"Usage: annulet {name} ")
    described = page.partition("╭")[0].removeprefix(f"Usage: annulet {name} ")
    assert described.strip().endswith(".")
    assert "--no-json" not in page
    assert 'default: ""' not in page
    assert not [tool for tool in TOOLS if tool in page]


def test_the_list_is_short_and_the_page_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    """In the list a line, on the page of the command what one has to know."""
    assert "ANNULET_CLIENT_SECRET_FILE" not in told(capsys)
    assert "ANNULET_CLIENT_SECRET_FILE" in told(capsys, "connect")
    assert "[default: 8733]" in told(capsys, "proxy")
    assert "--no-browser" in told(capsys, "connect")
    assert "--no-baselines" in told(capsys, "daily")


def test_an_order_may_begin_with_its_hyphen(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """``--sort -start`` is an order; what is wrong then is only that nothing is connected."""
    monkeypatch.setenv("ANNULET_HOME", str(tmp_path))
    monkeypatch.delenv("ANNULET_ACCESS_TOKEN", raising=False)
    messages = []
    for sort in (["--sort", "-start"], ["--sort=-start"]):
        assert run(["query", "--of", "workouts", *sort, "--limit", "3", "--json"]) != 0
        output = capsys.readouterr()
        messages.append(output.out + output.err)
    assert "not_connected" in messages[0] or "connect" in messages[0]
    assert messages[0] == messages[1]
