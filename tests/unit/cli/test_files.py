"""Files that a person asked for: whole, theirs alone, beside no link."""

from __future__ import annotations

import contextlib
import stat
from pathlib import Path

import pytest

from annulet.cli.output.files import check_target, whole_file
from annulet.errors import UsageError


def test_a_link_is_replaced_and_not_followed(tmp_path):
    """What it points to stays; the new file is readable by its owner alone."""
    victim, link = tmp_path / "victim", tmp_path / "chart.svg"
    victim.write_text("mine")
    link.symlink_to(victim)
    with whole_file(link) as file:
        file.write(b"<svg/>")
    assert victim.read_text() == "mine"
    assert not link.is_symlink()
    assert link.read_bytes() == b"<svg/>"
    assert stat.S_IMODE(link.stat().st_mode) == 0o600


def test_what_fails_leaves_the_former_file_and_nothing_beside_it(tmp_path):
    """Ctrl-C in the middle as well."""
    target = tmp_path / "old.csv"
    target.write_text("old")
    with contextlib.suppress(KeyboardInterrupt), whole_file(target) as file:
        file.write(b"half")
        raise KeyboardInterrupt
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("name", [".", "", "no/such/file", "n" * 300, "n" * 300 + "/x"])
def test_a_place_for_no_file_is_told(tmp_path, name):
    """A folder, a missing folder, a name that is too long."""
    with pytest.raises(UsageError), whole_file(tmp_path / name):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_refused_before_anything_is_read(tmp_path):
    """The same check, without a file."""
    with pytest.raises(UsageError, match="is a folder"):
        check_target(Path(tmp_path))
