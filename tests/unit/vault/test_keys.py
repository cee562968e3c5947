"""Vault keys: how they are written, where they are kept, what is refused."""

import base64
import os
import secrets

import pytest

from annulet.errors import VaultError
from annulet.vault import key_sources, keys
from annulet.vault.secret import Secret


def test_the_same_key_may_be_written_in_hex_and_in_both_alphabets_of_base64() -> None:
    """Whatever command a person made the key with, it is the same key."""
    material = secrets.token_bytes(32)
    spellings = (
        material.hex(),
        material.hex().upper(),
        base64.b64encode(material).decode(),
        base64.urlsafe_b64encode(material).decode(),
        base64.urlsafe_b64encode(material).decode().rstrip("="),
    )
    assert {keys.parse_keys(text, origin="test")[0].id for text in spellings} == {
        keys.SealingKey(material).id
    }


def test_a_passphrase_is_stretched_and_a_short_one_refused() -> None:
    """Long words are a key; short ones are refused with a way to make a good one."""
    first, second = (
        keys.parse_keys("a rather long passphrase", origin="test")[0] for _ in range(2)
    )
    assert first.id == second.id
    with pytest.raises(VaultError, match="too short") as refused:
        keys.parse_keys("short", origin="ANNULET_KEY")
    assert "token_urlsafe" in refused.value.hint
    assert "short" not in refused.value.hint


def test_several_keys_keep_their_order_and_survive_writing() -> None:
    """The first one seals; the text form gives them all back."""
    held = (keys.new_key(), keys.new_key())
    again = keys.parse_keys(keys.keys_to_text(held), origin="test")
    assert [key.id for key in again] == [key.id for key in held]


def test_a_key_does_not_print_itself() -> None:
    """Neither its repr nor its id gives the bytes away."""
    key = keys.new_key()
    assert key.material.hex() not in repr(key)
    assert key.id not in key.material.hex()


def test_the_environment_wins_over_the_named_file(tmp_path) -> None:
    """ANNULET_KEY is used where both are given."""
    keys_given = key_sources.provided_keys(Secret("ab" * 32), tmp_path / "absent")
    assert keys_given is not None
    assert keys_given.name == "environment"
    assert keys_given.load()[0].material == bytes.fromhex("ab" * 32)


@pytest.mark.parametrize("content", [b"", b"   \n", b"\xff\xfe" * 9, b"x" * 5000])
def test_a_key_file_without_a_key_is_refused(tmp_path, content: bytes) -> None:
    """An empty, binary or endless file gets a sentence."""
    path = tmp_path / "key"
    path.write_bytes(content)
    with pytest.raises(VaultError, match=r"no key|too short"):
        key_sources.ProvidedKeys(None, path).load()


def test_a_named_key_file_is_read_as_text_and_as_bare_bytes(tmp_path) -> None:
    """Both what `openssl rand` and what a text editor writes."""
    key = keys.new_key()
    (tmp_path / "raw").write_bytes(key.material)
    (tmp_path / "text").write_text(key.material.hex() + "\n")
    for name in ("raw", "text"):
        assert key_sources.ProvidedKeys(None, tmp_path / name).load()[0].id == key.id
    with pytest.raises(VaultError, match="missing"):
        key_sources.ProvidedKeys(None, tmp_path / "absent").load()


def test_our_key_file_is_private_from_the_first_byte(tmp_path) -> None:
    """Mode 0600 under any umask, and no draft is left behind."""
    before = os.umask(0)
    try:
        assert key_sources.KeyFile(tmp_path / "vault.key").store((keys.new_key(),))
    finally:
        os.umask(before)
    assert [path.name for path in tmp_path.iterdir()] == ["vault.key"]
    assert (tmp_path / "vault.key").stat().st_mode & 0o777 == 0o600


def test_a_readable_key_file_is_said_aloud(tmp_path) -> None:
    """Other people on the machine could open the vault: a person is told."""
    path = tmp_path / "vault.key"
    path.write_text(keys.keys_to_text((keys.new_key(),)))
    path.chmod(0o644)
    assert "0600" in key_sources.KeyFile(path).warning()


class Ring:
    """A keychain of a test; its module is that of this file."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, name: str) -> str | None:
        return self.held.get((service, name))

    def set_password(self, service: str, name: str, value: str) -> None:
        self.held[service, name] = value


class Silent(Ring):
    """A keychain that takes everything and keeps nothing."""

    def set_password(self, service: str, name: str, value: str) -> None:
        """Keep nothing."""


class Broken(Ring):
    """A keychain whose backend fails as backends do."""

    def get_password(self, *_: str) -> str | None:
        raise RuntimeError("no session bus")

    set_password = get_password


def test_the_keychain_keeps_keys_by_vault() -> None:
    """Two vaults of one person do not meet."""
    ring = Ring()
    first, second = key_sources.Keychain("a", ring), key_sources.Keychain("b", ring)
    key = keys.new_key()
    assert first.store((key,))
    assert first.load()[0].id == key.id
    assert second.load() == ()


@pytest.mark.parametrize("ring", [Silent(), Broken()])
def test_a_keychain_that_does_not_keep_is_not_relied_on(ring: Ring) -> None:
    """Failing and forgetful backends mean: no keychain."""
    chain = key_sources.Keychain("a", ring)
    assert not chain.store((keys.new_key(),))
    assert chain.load() == ()


def test_plaintext_and_failing_backends_are_never_used() -> None:
    """Not alone, and not inside a chain of backends."""
    plain = type("PlaintextKeyring", (Ring,), {"__module__": "keyrings.alt.file"})()
    none = type("Keyring", (Ring,), {"__module__": "keyring.backends.fail"})()
    chain = type("Chain", (), {"backends": [none, plain]})()
    for ring in (plain, none, chain):
        assert not key_sources.Keychain("a", ring).store((keys.new_key(),))
    assert plain.held == {}
    good = Ring()
    chain.backends.append(good)
    assert key_sources.Keychain("a", chain).store((keys.new_key(),))
    assert good.held
