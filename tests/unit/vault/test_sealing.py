"""Sealed bytes: bound to key, owner and generation."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annulet.errors import VaultError
from annulet.vault.keys import new_key
from annulet.vault.sealing import Sealer, key_id

KEY = new_key()


@settings(max_examples=30)
@given(plain=st.binary(max_size=200), owner=st.text(max_size=20), generation=st.integers(0, 2**40))
def test_what_is_sealed_is_opened_and_never_seen(plain: bytes, owner: str, generation: int) -> None:
    """The round trip holds for any content, and the content does not show."""
    sealer = Sealer((KEY,))
    sealed = sealer.seal(plain, owner=owner, generation=generation)
    assert sealer.open(sealed, owner=owner, generation=generation) == plain
    assert len(plain) < 8 or plain not in sealed


@pytest.mark.parametrize(
    ("owner", "generation"), [("bob/oura", 1), ("anna/oura", 2), ("anna/x", 1)]
)
def test_a_row_cannot_be_moved_or_put_back(owner: str, generation: int) -> None:
    """Another account, another entry, another generation: refused."""
    sealer = Sealer((KEY,))
    sealed = sealer.seal(b"token", owner="anna/oura", generation=1)
    with pytest.raises(VaultError, match="changed or damaged"):
        sealer.open(sealed, owner=owner, generation=generation)


def test_every_changed_byte_is_noticed() -> None:
    """Wherever a bit is flipped, the row is refused."""
    sealer = Sealer((KEY,))
    sealed = sealer.seal(b"token", owner="anna", generation=1)
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(VaultError):
            sealer.open(bytes(changed), owner="anna", generation=1)
    for length in range(len(sealed)):
        with pytest.raises(VaultError):
            sealer.open(sealed[:length], owner="anna", generation=1)


def test_the_first_key_seals_and_every_key_opens() -> None:
    """What rotation needs; a key that is not there is named as the reason."""
    old, new = new_key(), new_key()
    sealed = Sealer((old,)).seal(b"token", owner="anna", generation=1)
    both = Sealer((new, old))
    assert both.open(sealed, owner="anna", generation=1) == b"token"
    assert key_id(both.seal(b"token", owner="anna", generation=1)) == new.id
    with pytest.raises(VaultError, match="another key"):
        Sealer((new,)).open(sealed, owner="anna", generation=1)
