"""Where capabilities are kept."""

import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from annulet.errors import VaultError
from annulet.proxy.capability import Minted, mint
from annulet.proxy.capability_store import CapabilityStore

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "capabilities.sqlite3"


def minted(**limits: object) -> Minted:
    return mint(**{"account": "me", "tool": "bash", "now": NOW, **limits})


def test_a_capability_comes_back_as_it_was(path: Path) -> None:
    """Every limit survives the file."""
    new = minted(
        collections=frozenset({"sleep", "vO2_max"}),
        budget=7,
        max_days=None,
        earliest=date(2026, 5, 1),
        sandbox=True,
    )
    with CapabilityStore(path) as store:
        store.add(new)
    with CapabilityStore(path) as store:
        assert store.find(new.token.reveal()) == new.capability
        assert store.find(new.token.reveal() + "x") is None
        assert store.list("me") == (new.capability,)
        assert store.list("partner") == ()


def test_the_token_is_nowhere_in_the_files(path: Path) -> None:
    """Only a hash is kept, and only for the owner's eyes."""
    new = minted()
    with CapabilityStore(path) as store:
        store.add(new)
        for file in path.parent.iterdir():
            assert new.token.reveal().encode() not in file.read_bytes()
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_budget_is_spent_once_however_many_ask(path: Path) -> None:
    """Four proxies at once get exactly as many requests as were granted."""
    new = minted(budget=25)
    with CapabilityStore(path) as store:
        store.add(new)

    def spend(_: int) -> int:
        with CapabilityStore(path) as mine:
            return sum(mine.spend(new.capability.id, NOW) for _ in range(10))

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(spend, range(4))) == 25


def test_revoked_and_expired_capabilities_spend_nothing(path: Path) -> None:
    """The last word is the database's, even when the state was read a moment before."""
    first, second = minted(), minted()
    with CapabilityStore(path) as store:
        store.add(first)
        store.add(second)
        assert store.revoke(first.capability.id, NOW)
        assert not store.revoke(first.capability.id, NOW)
        assert not store.spend(first.capability.id, NOW)
        assert not store.spend(second.capability.id, NOW + timedelta(hours=1))
        found = store.find(first.token.reveal())
        assert found is not None
        assert found.state(NOW) == "revoked"
        assert store.forget_ended(NOW + timedelta(days=1)) == 2


def test_a_newer_file_is_refused_and_kept(path: Path) -> None:
    """A file of a later annulet is neither read nor changed."""
    with CapabilityStore(path):
        pass
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(VaultError, match="newer"):
        CapabilityStore(path)


def test_a_damaged_file_is_explained(path: Path) -> None:
    """A file that is no database gives a sentence, not a library's words."""
    path.parent.mkdir()
    path.write_bytes(b"not a database at all, but long enough to look like one" * 40)
    with pytest.raises(VaultError) as caught:
        CapabilityStore(path)
    assert str(path.parent) in caught.value.hint
