"""Files that are private from their first byte, whole or not there."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from annulet.errors import VaultError
from annulet.vault.files import (
    create_private_file,
    is_exposed,
    make_private_folder,
    replace_private_file,
)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def no_links(*_: object) -> None:
    raise OSError(errno.EPERM, "no hard links here")


@pytest.mark.parametrize("links", [True, False])
def test_the_first_one_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool) -> None:
    """Also where the file system has no hard links; drafts do not stay behind."""
    if not links:
        monkeypatch.setattr(os, "link", no_links)
    file = tmp_path / "key"
    assert create_private_file(file, b"first")
    assert not create_private_file(file, b"second")
    assert file.read_bytes() == b"first"
    assert mode(file) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_a_replaced_file_stays_private(tmp_path: Path) -> None:
    """Whatever mode the old one had."""
    file = tmp_path / "key"
    file.write_bytes(b"old")
    file.chmod(0o644)
    assert is_exposed(file)
    replace_private_file(file, b"new")
    assert (file.read_bytes(), mode(file)) == (b"new", 0o600)
    assert not is_exposed(file)
    assert not is_exposed(tmp_path / "nothing")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root gives files away")
def test_a_mounted_secret_is_not_exposed(tmp_path: Path) -> None:
    """A secret of another user that the group of the service alone may read is private."""
    file = tmp_path / "key"
    file.write_bytes(b"key")
    os.chown(file, 12_345, os.getegid())
    for mode_bits, exposed in ((0o440, False), (0o460, True), (0o444, True)):
        file.chmod(mode_bits)
        assert is_exposed(file) == exposed, oct(mode_bits)
    os.chown(file, 12_345, 54_321)
    file.chmod(0o440)
    assert is_exposed(file)


def test_a_file_in_the_folder_s_place_is_named(tmp_path: Path) -> None:
    """The person learns which folder it is, and how to name another one."""
    (tmp_path / "home").write_text("in the way")
    with pytest.raises(VaultError, match="home") as told:
        make_private_folder(tmp_path / "home")
    assert "ANNULET_HOME" in told.value.hint
