"""Answers on a terminal: narrow ones, readers that leave early, folders that are none."""

import io
import sys

import pytest

from annulet.cli.commands.status import _check_home, _lines
from annulet.cli.output.render import _Screen, _table, render
from annulet.errors import UsageError
from annulet.toolkit.answers import TOOLS

LABEL = "Morning run with the dog along the river, and back over the old bridge"


class Closed(io.StringIO):
    """An output whose reader has ended."""

    def write(self, _text):
        raise BrokenPipeError


def test_a_reader_that_leaves_early_is_no_failure(monkeypatch):
    """The command line ends such a command quietly; the console must not end it first."""
    monkeypatch.setattr(sys, "stdout", Closed())
    with pytest.raises(BrokenPipeError):
        render(TOOLS["oura_device"], {"summary": "Oura Ring 4."})


@pytest.mark.parametrize("width", [40, 60, 80])
def test_a_long_text_does_not_squeeze_the_day(width):
    """It is folded; what names the row stays whole."""
    screen = _Screen(width=width, file=io.StringIO(), color_system=None)
    columns = ["day", "start", "activity", "label"]
    _table(screen, columns, [["2026-05-20", "05-20 07:00", "running", LABEL]])
    printed = screen.file.getvalue()
    assert "2026-05-20" in printed
    assert "…" not in printed
    assert all(word in printed for word in LABEL.replace(",", "").split())
    assert max(map(len, printed.splitlines())) <= width


def health(*permissions):
    """The state of a connection whose Oura account could not be read."""
    return {
        "summary": "Connected.",
        "oura_account": "",
        "permissions": permissions,
        "token": {"renews": True},
        "capabilities": 0,
    }


def test_an_address_that_could_not_be_read_is_not_called_forbidden():
    """The list below it would contradict."""
    assert "could not be read just now" in "\n".join(_lines(health("daily", "email")))
    assert "is not permitted" in "\n".join(_lines(health("daily")))


def test_a_data_folder_that_is_a_file_is_told(tmp_path):
    """Not "no ring is connected"."""
    file = tmp_path / "passwd"
    file.write_text("x")
    with pytest.raises(UsageError, match="ANNULET_HOME is no folder"):
        _check_home(file)
    with pytest.raises(UsageError, match="cannot be made"):
        _check_home(file / "below")
    _check_home(tmp_path)
    _check_home(tmp_path / "new" / "folder")
    assert list(tmp_path.iterdir()) == [file]
