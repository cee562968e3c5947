"""The key of the HTTP door of one machine."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from annulet.cli.commands.mcp import _http_key
from annulet.errors import UsageError


def test_the_key_stays(tmp_path: Path) -> None:
    """Assistants keep working after a restart, and only the owner may read the file."""
    home = tmp_path / "new"
    assert _http_key(home).reveal() == _http_key(home).reveal()
    assert stat.S_IMODE((home / "mcp-http-key").stat().st_mode) == 0o600
    assert [file.name for file in home.iterdir()] == ["mcp-http-key"]


@pytest.mark.parametrize("content", [b" \n", b"\xff\xfe"])
def test_a_damaged_key_is_not_replaced_in_silence(tmp_path: Path, content: bytes) -> None:
    """The person is told which file it is."""
    (tmp_path / "mcp-http-key").write_bytes(content)
    with pytest.raises(UsageError, match="mcp-http-key"):
        _http_key(tmp_path)
