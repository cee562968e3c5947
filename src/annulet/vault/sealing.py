"""Sealing rows: AES-256-GCM, bound to their owner and generation, marked with the key's id.

A sealed row cannot be read or changed without the key, and cannot be moved to another owner or
put back from an earlier generation. Layout: one byte of kind, four bytes of key id, twelve bytes
of nonce, then the ciphertext with its tag.
"""

from __future__ import annotations

import os
from typing import Final

from annulet.errors import VaultError
from annulet.vault.keys import SealingKey

_KIND: Final = b"\x01"
_NONCE: Final = slice(5, 17)
_BODY: Final = slice(17, None)
_SHORTEST: Final = 17 + 16


class Sealer:
    """Seals with the first key and opens with any of them.

    Args:
        keys: At least one key.
    """

    def __init__(self, keys: tuple[SealingKey, ...]) -> None:
        self._sealing = keys[0]
        self._by_id = {key.id: key for key in reversed(keys)}

    def __repr__(self) -> str:
        return f"Sealer({self._sealing.id})"

    @property
    def key_id(self) -> str:
        """The id of the key that seals."""
        return self._sealing.id

    def holds(self, wanted: str) -> bool:
        """Whether the sealer holds the key of this id."""
        return wanted in self._by_id

    def seal(self, plain: bytes, *, owner: str, generation: int) -> bytes:
        """Seal bytes for one owner and one generation."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = os.urandom(12)
        head = _KIND + bytes.fromhex(self._sealing.id)
        body = AESGCM(self._sealing.material).encrypt(nonce, plain, _bound(owner, generation))
        return head + nonce + body

    def open(self, sealed: bytes, *, owner: str, generation: int) -> bytes:
        """Open bytes that were sealed for this owner and generation.

        Raises:
            VaultError: Sealed with a key that is not here, changed, moved or put back.
        """
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        key = self._by_id.get(key_id(sealed))
        if key is None:
            raise VaultError(
                "This was sealed with another key than the one at hand.",
                hint="Give the key it was sealed with (ANNULET_KEY or ANNULET_KEY_FILE).",
            )
        try:
            aead = AESGCM(key.material)
            return aead.decrypt(sealed[_NONCE], sealed[_BODY], _bound(owner, generation))
        except InvalidTag:
            raise _damage_error() from None


def key_id(sealed: bytes) -> str:
    """The id of the key that sealed these bytes.

    Raises:
        VaultError: These are not sealed bytes.
    """
    if len(sealed) < _SHORTEST or sealed[:1] != _KIND:
        raise _damage_error()
    return sealed[1:5].hex()


def _bound(owner: str, generation: int) -> bytes:
    """Build the associated data of a row; the length separates owner and generation."""
    name = owner.encode()
    return b"annulet-row-1" + len(name).to_bytes(4, "big") + name + generation.to_bytes(8, "big")


def _damage_error() -> VaultError:
    return VaultError(
        "A sealed entry of the vault has been changed or damaged; it was left as it is.",
        hint="Restore the vault from a copy, or connect again with: annulet connect",
    )
