"""Where capabilities are kept."""

import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from annulet.errors import VaultError
from annulet.proxy.capability import MintedCapability, mint
from annulet.proxy.capability_store import CapabilityStore

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "capabilities.sqlite3"


def minted(**limits: object) -> MintedCapability:
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
    CapabilityStore(path).add(new)
    store = CapabilityStore(path)
    assert store.find(new.token.reveal()) == new.capability
    assert store.find(new.token.reveal() + "x") is None
    assert store.list("me") == (new.capability,)
    assert store.list("partner") == ()


def test_reading_creates_nothing(path: Path) -> None:
    """A list of no capabilities leaves no file behind."""
    assert CapabilityStore(path).list() == ()
    assert not path.parent.exists()


def test_the_token_is_nowhere_in_the_files(path: Path) -> None:
    """Only a hash is stored, in files for the owner alone."""
    new = minted()
    CapabilityStore(path).add(new)
    for file in path.parent.iterdir():
        assert new.token.reveal().encode() not in file.read_bytes()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_budget_is_spent_once_by_several_proxies(path: Path) -> None:
    """Four proxies at once get exactly as many requests as were granted."""
    new = minted(budget=25)
    CapabilityStore(path).add(new)

    def spend(_: int) -> int:
        store = CapabilityStore(path)
        return sum(store.spend(new.capability.id, NOW) for _ in range(10))

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(spend, range(4))) == 25


def test_revoked_and_expired_capabilities_spend_nothing(path: Path) -> None:
    """The database decides, even when the state was read a moment before."""
    first, second = minted(), minted()
    store = CapabilityStore(path)
    store.add(first)
    store.add(second)
    assert store.revoke(first.capability.id, NOW)
    assert not store.revoke(first.capability.id, NOW)
    assert not store.spend(first.capability.id, NOW)
    assert not store.spend(second.capability.id, NOW + timedelta(hours=1))
    revoked = store.find(first.token.reveal())
    assert revoked is not None
    assert revoked.state(NOW) == "revoked"
    store.remove_expired(NOW + timedelta(days=1))
    assert store.list() == ()


def test_a_list_held_open_is_shared(path: Path) -> None:
    """The proxy holds the file open while a shell mints; nothing is left beside it afterwards."""
    proxy, shell, new = CapabilityStore(path), CapabilityStore(path), minted(budget=2)
    with proxy.keep_open():
        shell.add(new)
        assert proxy.spend(new.capability.id, NOW)
        assert shell.list()[0].requests_left == 1
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_newer_list_is_refused(path: Path) -> None:
    """A file of a later annulet is neither read nor changed."""
    CapabilityStore(path).add(minted())
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 99")
    with pytest.raises(VaultError, match="newer"):
        CapabilityStore(path).list()


def test_a_damaged_list_is_explained(path: Path) -> None:
    """A file that is no database gives a sentence, not a library's words."""
    path.parent.mkdir()
    path.write_bytes(b"not a database at all, but long enough to look like one" * 40)
    with pytest.raises(VaultError, match="damaged") as caught:
        CapabilityStore(path).list()
    assert "mint new capabilities" in caught.value.hint
