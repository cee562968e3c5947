"""Folders and files that are private from their first byte."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from annulet.errors import VaultError


def make_private_folder(folder: Path) -> None:
    """Make the folder for its owner only, unless it exists.

    Raises:
        VaultError: It cannot be made, or something else stands in its place.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError:
        raise VaultError(
            f"The data folder {folder} cannot be made.",
            hint="Check its permissions, or name another one with ANNULET_HOME.",
        ) from None


def create_private_file(path: Path, content: bytes) -> bool:
    """Write a new file that only its owner may read; it appears whole or not at all.

    Returns:
        False when a file of that name stood there already (it is left as it was).
    """
    draft = _draft(path, content)
    try:
        os.link(draft, path)
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links
        return _create_plainly(path, content)
    finally:
        draft.unlink()
    _sync_folder(path.parent)
    return True


def replace_private_file(path: Path, content: bytes) -> None:
    """Replace the file's content in one step, readable by its owner only."""
    draft = _draft(path, content)
    draft.replace(path)
    _sync_folder(path.parent)


def is_exposed(path: Path) -> bool:
    """Whether other users may read or change the file (never true on Windows).

    A file of another user is read by its group where this process belongs to that group, as the
    secrets are that Kubernetes mounts.
    """
    try:
        status = path.stat()
    except OSError:
        return False
    if os.name != "posix":
        return False
    is_mounted = status.st_uid != os.geteuid() and status.st_gid in {os.getegid(), *os.getgroups()}
    exposing = stat.S_IWGRP | stat.S_IRWXO if is_mounted else stat.S_IRWXG | stat.S_IRWXO
    return bool(status.st_mode & exposing)


def _draft(path: Path, content: bytes) -> Path:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    _write_new(draft, content)
    return draft


def _create_plainly(path: Path, content: bytes) -> bool:
    try:
        _write_new(path, content)
    except FileExistsError:
        return False
    return True


def _write_new(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # Windows cannot open folders; the file itself is synced
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
