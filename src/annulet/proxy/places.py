"""Where the proxy keeps its two files in the data folder."""

from __future__ import annotations

from pathlib import Path

from annulet.proxy.capability_store import CapabilityStore
from annulet.proxy.journal import Journal
from annulet.vault.files import private_folder

__all__ = ["open_journal", "open_store"]


def open_store(home: Path) -> CapabilityStore:
    """The capabilities of this machine.

    Raises:
        VaultError: The file cannot be opened.
    """
    return CapabilityStore(_folder(home) / "capabilities.sqlite3")


def open_journal(home: Path) -> Journal:
    """The journal of this machine.

    Raises:
        VaultError: The file cannot be opened.
    """
    return Journal(_folder(home) / "journal.jsonl")


def _folder(home: Path) -> Path:
    private_folder(home)
    folder = home / "proxy"
    private_folder(folder)
    return folder
