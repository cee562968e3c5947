"""Where the vault key lives: given by the person, else in the OS keychain, else in a key file.

Nothing here reads the environment: what it says is passed in. A vault remembers which source its
key came from; for an existing vault a key is looked for, and never made.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from annulet.errors import VaultError
from annulet.vault import keys
from annulet.vault.files import create_private, exposed, replace_private
from annulet.vault.keys import Key
from annulet.vault.secret import Secret

__all__ = ["GivenKeys", "KeyFile", "KeySource", "Keychain", "Opened", "given", "managed"]

_SERVICE: Final = "annulet"
_LARGEST_KEY_FILE: Final = 4_096
_PLAINTEXT: Final = ("keyrings.alt", "keyring.backends.null", "keyring.backends.fail")


class KeySource(Protocol):
    """One place where keys are kept."""

    @property
    def name(self) -> str:
        """``environment``, ``file``, ``keychain`` or ``key file``."""
        ...

    @property
    def described(self) -> str:
        """The place in words, for a person."""
        ...

    def load(self) -> tuple[Key, ...]:
        """The keys it holds, the sealing one first; empty when there are none."""
        ...

    def store(self, kept: tuple[Key, ...]) -> bool:
        """Keep these keys instead; False where it cannot."""
        ...

    def warning(self) -> str:
        """What a person should know about this place; empty when all is well."""
        ...


@dataclass(frozen=True, slots=True)
class Opened:
    """The keys of a vault and the place they came from."""

    source: KeySource
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class GivenKeys:
    """Keys the person gave by ``ANNULET_KEY`` or ``ANNULET_KEY_FILE``; never written by us."""

    text: Secret | None
    file: Path | None = None

    @property
    def name(self) -> str:
        """Which of the two settings it is."""
        return "environment" if self.text is not None else "file"

    @property
    def described(self) -> str:
        """The setting."""
        return "ANNULET_KEY" if self.text is not None else "the file named by ANNULET_KEY_FILE"

    def load(self) -> tuple[Key, ...]:
        """The given keys.

        Raises:
            VaultError: The file cannot be read, or what is given is no key.
        """
        if self.text is not None:
            return keys.parse(self.text.reveal(), named="ANNULET_KEY")
        return _from_file(self.file or Path(), named=self.described)

    def store(self, kept: tuple[Key, ...]) -> bool:
        """What the person keeps is for the person to change."""
        del kept
        return False

    def warning(self) -> str:
        """Whether others may read the file."""
        if self.file is not None and exposed(self.file):
            return f"Others on this machine may read {self.file}: give it mode 0600."
        return ""


@dataclass(frozen=True, slots=True)
class KeyFile:
    """Our own key file beside the vault, where there is no keychain."""

    path: Path

    @property
    def name(self) -> str:
        """Its name in the vault's memory."""
        return "key file"

    @property
    def described(self) -> str:
        """Where the file lies."""
        return f"the key file {self.path}"

    def load(self) -> tuple[Key, ...]:
        """The keys in the file; none when there is no file."""
        if not self.path.exists():
            return ()
        return _from_file(self.path, named=self.described)

    def store(self, kept: tuple[Key, ...]) -> bool:
        """Write the file whole, at once; a first key never replaces another process's."""
        content = keys.as_text(kept).encode() + b"\n"
        try:
            if not self.path.exists():
                return create_private(self.path, content)
            replace_private(self.path, content)
        except OSError:
            raise VaultError(
                f"The key file {self.path} cannot be written.",
                hint="Check free space and permissions of the data folder.",
            ) from None
        return True

    def warning(self) -> str:
        """A key beside what it opens protects copies of the vault, not this machine."""
        if exposed(self.path):
            return f"Others on this machine may read {self.path}: give it mode 0600."
        return "The key lies in a file beside the vault, because no keychain was available."


@dataclass(frozen=True, slots=True)
class Keychain:
    """The keychain of the operating system, by way of ``keyring``, imported only when asked.

    Attributes:
        vault_id: Tells the keys of several vaults apart.
        backend: For tests; the platform's own when left out.
    """

    vault_id: str
    backend: Any = None

    @property
    def name(self) -> str:
        """Its name in the vault's memory."""
        return "keychain"

    @property
    def described(self) -> str:
        """The keychain in words."""
        return "the keychain of this system"

    def load(self) -> tuple[Key, ...]:
        """The keys in the keychain; none when it is locked, absent or silent."""
        ring = self._ring()
        text = None
        if ring is not None:
            # Backends raise what they like (D-Bus, Win32, macOS errors): no keychain, then.
            with contextlib.suppress(Exception):
                text = ring.get_password(_SERVICE, self._entry)
        return keys.parse(text, named=self.described) if isinstance(text, str) and text else ()

    def store(self, kept: tuple[Key, ...]) -> bool:
        """Keep the keys and read them back; False where the keychain does not really keep them."""
        ring, text = self._ring(), keys.as_text(kept)
        if ring is None:
            return False
        with contextlib.suppress(Exception):  # as in load
            ring.set_password(_SERVICE, self._entry, text)
            return bool(ring.get_password(_SERVICE, self._entry) == text)
        return False

    def warning(self) -> str:
        """Nothing to warn of."""
        return ""

    @property
    def _entry(self) -> str:
        return f"vault {self.vault_id}"

    def _ring(self) -> Any:
        """A backend that really protects what it is given, or ``None``."""
        ring = self.backend
        if ring is None:
            with contextlib.suppress(Exception):  # no backend at all, or one that cannot start
                import keyring

                ring = keyring.get_keyring()
        for candidate in getattr(ring, "backends", None) or [ring]:
            if candidate is not None and not type(candidate).__module__.startswith(_PLAINTEXT):
                return candidate
        return None


def given(text: Secret | None, file: Path | None) -> GivenKeys | None:
    """What the person gave, if anything; the value wins over the file."""
    return GivenKeys(text, file) if text is not None or file is not None else None


def managed(home: Path, vault_id: str, *, backend: Any = None) -> tuple[KeySource, ...]:
    """The places we keep keys in ourselves, the better one first."""
    return (Keychain(vault_id, backend), KeyFile(home / "vault.key"))


def _from_file(path: Path, *, named: str) -> tuple[Key, ...]:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_KEY_FILE + 1)
    except OSError:
        raise VaultError(
            f"The key cannot be read: {named} is missing or not readable.",
            hint="Put it back, or give the key with ANNULET_KEY.",
        ) from None
    if len(content) == 32:  # noqa: PLR2004 - the bare bytes of a key
        return (Key(content),)
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = ""
    if not text.strip() or len(content) > _LARGEST_KEY_FILE:
        raise VaultError(
            f"There is no key in {named}.",
            hint="Put the right file back, or give the key with ANNULET_KEY.",
        )
    return keys.parse(text, named=named)
