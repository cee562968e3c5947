"""Where the vault's key is: given by the person, else in the OS keychain, else in a key file.

Nothing here reads the environment: its values are passed in. A vault stores which source its key
came from; for an existing vault a key is looked for, and never made.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final, Protocol

from annulet.errors import VaultError
from annulet.vault import keys
from annulet.vault.files import (
    create_private_file,
    is_exposed,
    make_private_folder,
    replace_private_file,
)
from annulet.vault.keys import SealingKey
from annulet.vault.secret import Secret

_SERVICE: Final = "annulet"
_LARGEST_KEY_FILE: Final = 4_096
_PLAINTEXT: Final = ("keyrings.alt", "keyring.backends.null", "keyring.backends.fail")


class KeyringBackend(Protocol):
    """A backend of ``keyring``."""

    def get_password(self, service: str, username: str, /) -> str | None:
        """The password of an item; ``None`` for none."""
        ...

    def set_password(self, service: str, username: str, password: str, /) -> None:
        """Write the password of an item."""
        ...


class KeySource(Protocol):
    """One place where keys are kept."""

    @property
    def name(self) -> str:
        """``environment``, ``file``, ``keychain`` or ``key file``."""
        ...

    @property
    def description(self) -> str:
        """The place, as a phrase for a person."""
        ...

    def load(self) -> tuple[SealingKey, ...]:
        """Load the keys of this place, the sealing one first; empty when there are none."""
        ...

    def store(self, new_keys: tuple[SealingKey, ...]) -> bool:
        """Replace the keys of this place; False where it cannot."""
        ...

    def warning(self) -> str:
        """A warning about this place; empty when there is none."""
        ...


@dataclass(frozen=True, slots=True)
class LoadedKeys:
    """The keys of a vault and the place they came from."""

    source: KeySource
    keys: tuple[SealingKey, ...]

    def has(self, key_id: str) -> bool:
        """Whether one of the keys has this id."""
        return key_id in {key.id for key in self.keys}


@dataclass(frozen=True, slots=True)
class ProvidedKeys:
    """Keys from ``ANNULET_KEY`` or ``ANNULET_KEY_FILE``; annulet never writes them."""

    text: Secret | None
    file: Path | None = None

    @property
    def name(self) -> str:
        """The name of the setting."""
        return "environment" if self.text is not None else "file"

    @property
    def description(self) -> str:
        """The setting."""
        return "ANNULET_KEY" if self.text is not None else "the file named by ANNULET_KEY_FILE"

    def load(self) -> tuple[SealingKey, ...]:
        """The provided keys.

        Raises:
            VaultError: The file cannot be read, or what is provided is no key.
        """
        if self.text is not None:
            return keys.parse_keys(self.text.reveal(), origin="ANNULET_KEY")
        return _from_file(self.file or Path(), origin=self.description)

    def store(self, new_keys: tuple[SealingKey, ...]) -> bool:
        """Return False, because only the person changes provided keys."""
        del new_keys
        return False

    def warning(self) -> str:
        """Whether others may read the file."""
        if self.file is not None and is_exposed(self.file):
            return f"Others on this machine may read {self.file}: give it mode 0600."
        return ""


@dataclass(frozen=True, slots=True)
class KeyFile:
    """The key file that annulet keeps beside the vault where there is no keychain."""

    path: Path
    name: ClassVar[str] = "key file"

    @property
    def description(self) -> str:
        """The path of the file, as a phrase."""
        return f"the key file {self.path}"

    def load(self) -> tuple[SealingKey, ...]:
        """Load the keys in the file; none when there is no file."""
        if not self.path.exists():
            return ()
        return _from_file(self.path, origin=self.description)

    def store(self, new_keys: tuple[SealingKey, ...]) -> bool:
        """Write the file in one step; a first key never replaces that of another process."""
        content = keys.keys_to_text(new_keys).encode() + b"\n"
        try:
            if not self.path.exists():
                make_private_folder(self.path.parent)
                return create_private_file(self.path, content)
            replace_private_file(self.path, content)
        except OSError:
            raise VaultError(
                f"The key file {self.path} cannot be written.",
                hint="Check free space and permissions of the data folder.",
            ) from None
        return True

    def warning(self) -> str:
        """A key beside the vault protects copies of the vault, but not this machine."""
        if is_exposed(self.path):
            return f"Others on this machine may read {self.path}: give it mode 0600."
        return "The key lies in a file beside the vault, because no keychain was available."


@dataclass(frozen=True, slots=True)
class Keychain:
    """The keychain of the operating system, through ``keyring``, which is imported when needed.

    Attributes:
        vault_id: Tells the keys of several vaults apart.
        backend: For tests; the platform's own when left out.
    """

    vault_id: str
    backend: KeyringBackend | None = None
    name: ClassVar[str] = "keychain"
    description: ClassVar[str] = "the keychain of this system"

    def load(self) -> tuple[SealingKey, ...]:
        """Load the keys in the keychain; none when it is locked, absent or does not answer."""
        backend = self._find_protecting_backend()
        text = None
        if backend is not None:
            # Backends raise errors of their own (D-Bus, Win32, macOS): then there is no keychain.
            with contextlib.suppress(Exception):
                text = backend.get_password(_SERVICE, self._item_name)
        return (
            keys.parse_keys(text, origin=self.description) if isinstance(text, str) and text else ()
        )

    def store(self, new_keys: tuple[SealingKey, ...]) -> bool:
        """Store the keys and read them back; False where the keychain has not stored them."""
        backend, text = self._find_protecting_backend(), keys.keys_to_text(new_keys)
        if backend is None:
            return False
        with contextlib.suppress(Exception):  # as in load
            backend.set_password(_SERVICE, self._item_name, text)
            return backend.get_password(_SERVICE, self._item_name) == text
        return False

    def warning(self) -> str:
        """Return no warning."""
        return ""

    @property
    def _item_name(self) -> str:
        return f"vault {self.vault_id}"

    def _find_protecting_backend(self) -> KeyringBackend | None:
        """Return a backend that encrypts its items, or ``None``."""
        backend = self.backend
        if backend is None:
            with contextlib.suppress(Exception):  # no backend at all, or one that cannot start
                import keyring

                backend = keyring.get_keyring()
        for candidate in getattr(backend, "backends", None) or [backend]:
            if candidate is not None and not type(candidate).__module__.startswith(_PLAINTEXT):
                chosen: KeyringBackend = candidate
                return chosen
        return None


def provided_keys(text: Secret | None, file: Path | None) -> ProvidedKeys | None:
    """Return the keys that the person provides, if any; the value wins over the file."""
    return ProvidedKeys(text, file) if text is not None or file is not None else None


def own_sources(
    home: Path, vault_id: str, *, backend: KeyringBackend | None = None
) -> tuple[KeySource, ...]:
    """Return the places where annulet itself keeps keys, the safer one first."""
    return (Keychain(vault_id, backend), KeyFile(home / "vault.key"))


def _from_file(path: Path, *, origin: str) -> tuple[SealingKey, ...]:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_KEY_FILE + 1)
    except OSError:
        raise VaultError(
            f"The key cannot be read: {origin} is missing or not readable.",
            hint="Put it back, or give the key with ANNULET_KEY.",
        ) from None
    if len(content) == keys.KEY_BYTES:  # bare bytes
        return (SealingKey(content),)
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = ""
    if not text.strip() or len(content) > _LARGEST_KEY_FILE:
        raise VaultError(
            f"There is no key in {origin}.",
            hint="Put the right file back, or give the key with ANNULET_KEY.",
        )
    return keys.parse_keys(text, origin=origin)
