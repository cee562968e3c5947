"""The keys that seal the vault, as values and as text.

A key is 32 bytes. As text it is 64 hexadecimal digits or 43 letters of base64; any other text of
12 characters or more is a passphrase, stretched with scrypt. Several keys are separated by commas
or line ends: the first one seals, every one of them opens, which is what rotation needs.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from typing import Final

from annulet.errors import VaultError

KEY_BYTES: Final = 32
_SHORTEST_PASSPHRASE: Final = 12
_SCRYPT_SALT: Final = b"annulet vault passphrase, first kind"
_URLSAFE: Final = str.maketrans("+/", "-_")
_MAKE_ONE: Final = "Make one with: python -c 'import secrets; print(secrets.token_urlsafe(32))'"


@dataclass(frozen=True, slots=True)
class SealingKey:
    """Thirty-two bytes that do not print themselves.

    Attributes:
        material: The bytes.
    """

    material: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.material) != KEY_BYTES:
            raise VaultError("A vault key has 32 bytes.", hint=_MAKE_ONE)

    @property
    def id(self) -> str:
        """Eight hexadecimal digits that say which key sealed a row, and nothing about it."""
        return hashlib.sha256(b"annulet-key-id" + self.material).hexdigest()[:8]


def new_key() -> SealingKey:
    """A fresh random key."""
    return SealingKey(secrets.token_bytes(KEY_BYTES))


def keys_to_text(keys: tuple[SealingKey, ...]) -> str:
    """The keys as `parse_keys` reads them, the sealing one first."""
    return ",".join(base64.urlsafe_b64encode(key.material).decode().rstrip("=") for key in keys)


def parse_keys(text: str, *, origin: str) -> tuple[SealingKey, ...]:
    """The keys in a text.

    Args:
        text: What the environment, a file or the keychain holds.
        origin: Where it came from, for the sentence about a mistake.

    Raises:
        VaultError: There is no key in it, or it is too short to be one.
    """
    parts = [part.strip() for part in re.split(r"[,\r\n]+", text)]
    keys = tuple(_parse_key(part, origin) for part in parts if part)
    if not keys:
        raise VaultError(f"{origin} holds no key.", hint=_MAKE_ONE)
    return keys


def _parse_key(text: str, origin: str) -> SealingKey:
    if re.fullmatch(r"[0-9a-fA-F]{64}", text):
        return SealingKey(bytes.fromhex(text))
    if re.fullmatch(r"[A-Za-z0-9+/_-]{43}=?", text):
        return SealingKey(base64.urlsafe_b64decode(text.translate(_URLSAFE).rstrip("=") + "="))
    if len(text) < _SHORTEST_PASSPHRASE:
        raise VaultError(f"The key in {origin} is too short to protect anything.", hint=_MAKE_ONE)
    stretched = hashlib.scrypt(
        text.encode(), salt=_SCRYPT_SALT, n=2**15, r=8, p=1, maxmem=2**26, dklen=KEY_BYTES
    )
    return SealingKey(stretched)
