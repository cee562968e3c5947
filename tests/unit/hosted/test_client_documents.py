"""The addresses from which a document may be fetched when a stranger names them."""

from __future__ import annotations

import socket

import pytest

from annulet.hosted.authorization.client_documents import (
    build_fetch_document,
    is_document_url,
    is_public_address,
)
from annulet.hosted.authorization.errors import OAuthError


def test_private_addresses_are_not_public() -> None:
    """Loopback, private, link-local, shared and multicast, also when embedded in IPv6."""
    addresses = [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
        *("fec0::1", "192.0.0.192", "198.18.0.1", "240.0.0.1", "2001:db8::1", "3fff::1"),
        *("100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255"),  # noqa: S104 - refused
        *("::1", "::", "fe80::1%eth0", "fc00::1"),
        *("::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"),
        "not an address",
    ]
    assert [address for address in addresses if is_public_address(address)] == []


def test_public_addresses_are_public() -> None:
    """Addresses of the internet are accepted."""
    for address in ("93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822"):
        assert is_public_address(address), address


def test_document_urls() -> None:
    """A document is at https with a name, a path, the usual port and nothing else."""
    assert is_document_url("https://assistant.example/oauth/client.json")
    wrong = [
        "http://assistant.example/client.json",
        "https://assistant.example/",
        "https://assistant.example",
        "https://127.0.0.1/client.json",
        "https://[::1]/client.json",
        "https://user@assistant.example/client.json",
        "https://assistant.example:8443/client.json",
        "https://assistant.example/a/../client.json",
        "https://assistant.example/client.json#x",
        "https://assistant.example:port/client.json",
        "abc123",
    ]
    assert [client_id for client_id in wrong if is_document_url(client_id)] == []


async def test_a_name_of_this_machine_is_not_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    """A public name that also resolves to this machine is refused before anything is sent."""
    local = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 443))]
    public = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: public + local)
    with pytest.raises(OAuthError, match="invalid_client"):
        await build_fetch_document()("https://rebound.example/client.json")
