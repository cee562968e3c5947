"""The keys that seal tokens at rest; read again when another process has rotated them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from annulet.errors import VaultError
from annulet.vault.key_sources import KeyFile, KeySource, provided_keys
from annulet.vault.keys import SealingKey, new_key
from annulet.vault.sealing import Sealer, key_id
from annulet.vault.secret import Secret

KEY_FILE: Final = "hosted.key"


def key_source(home: Path, text: Secret | None, file: Path | None) -> KeySource:
    """Return where the keys are: as the operator gave them, else in a file beside the database.

    A service runs without a login session, so it never asks a keychain.
    """
    return provided_keys(text, file) or KeyFile(home / KEY_FILE)


class SealingKeys:
    """Seals and unseals with the keys of one source.

    Args:
        source: Where the keys are.
    """

    def __init__(self, source: KeySource) -> None:
        self._source = source
        self._sealer: Sealer | None = None

    @property
    def warning(self) -> str:
        """What the operator should know about the place of the keys."""
        if self._source.name == "key file":
            return (
                f"Tokens are sealed with the key in {self._source.description}. Keep a copy of it."
            )
        return self._source.warning()

    @property
    def place(self) -> str:
        """Where the keys are, in words."""
        return self._source.description

    @property
    def current_id(self) -> str:
        """The id of the key that seals."""
        return self._load().key_id

    def ensure(self, *, has_sealed_rows: bool) -> None:
        """Make a key where there is none and nothing was ever sealed.

        Raises:
            VaultError: There are sealed rows and no key, or a key cannot be stored.
        """
        if self._source.load():
            return
        if has_sealed_rows:
            raise VaultError(
                "The database holds sealed rows, and their key is missing.",
                hint="Put the key file back, or give the key with ANNULET_KEY. If it is lost: "
                "annulet admin forget-unreadable",
            )
        if not self._source.store((new_key(),)) and not self._source.load():
            raise VaultError(
                "There is no key to seal tokens with.", hint="Set ANNULET_KEY or ANNULET_KEY_FILE."
            )

    def seal(self, plain: bytes, *, owner: str, generation: int = 0) -> bytes:
        """Seal with the newest key, also when another process has just rotated it."""
        return self._load().seal(plain, owner=owner, generation=generation)

    def unseal(self, sealed: bytes, *, owner: str, generation: int = 0) -> bytes:
        """Unseal what was sealed for this owner and generation.

        Raises:
            VaultError: The key is missing, or the bytes were changed or moved.
        """
        sealer = self._sealer
        if sealer is None or not sealer.holds(key_id(sealed)):
            sealer = self._load()
        return sealer.open(sealed, owner=owner, generation=generation)

    def add_key(self) -> str:
        """Put a new key before the others.

        Returns:
            Its id.

        Raises:
            VaultError: The operator gives the keys, so only the operator can change them.
        """
        key = new_key()
        if not self._source.store((key, *self._source.load())):
            raise VaultError(
                f"The key comes from {self._source.description}, which annulet does not change.",
                hint="Put a new key before the old one, separated by a comma, restart the "
                "service, and run this again with --reseal.",
            )
        return key.id

    def delete_unused(self, used_ids: set[str]) -> None:
        """Delete the keys that seal no row; the newest key stays."""
        keys: tuple[SealingKey, ...] = self._source.load()
        remaining = tuple(key for place, key in enumerate(keys) if place == 0 or key.id in used_ids)
        if remaining != keys:
            self._source.store(remaining)

    def _load(self) -> Sealer:
        if self._sealer is None or self._source.name != "environment":
            keys = self._source.load()
            if not keys:
                raise VaultError(
                    "The key that opens the tokens is missing.",
                    hint="Put the key file back, or give the key with ANNULET_KEY.",
                )
            self._sealer = Sealer(keys)
        return self._sealer
