"""The two files of the proxy in the data folder."""

from __future__ import annotations

from pathlib import Path

from annulet.proxy.capability_store import CapabilityStore
from annulet.proxy.journal import Journal
from annulet.vault.files import make_private_folder


def open_capability_store(home: Path) -> CapabilityStore:
    """The capabilities of this machine.

    Raises:
        VaultError: The folder cannot be made.
    """
    return CapabilityStore(_folder(home) / "capabilities.sqlite3")


def open_journal(home: Path) -> Journal:
    """The journal of this machine.

    Raises:
        VaultError: The folder cannot be made.
    """
    return Journal(_folder(home) / "journal.jsonl")


def _folder(home: Path) -> Path:
    make_private_folder(home)
    folder = home / "proxy"
    make_private_folder(folder)
    return folder
