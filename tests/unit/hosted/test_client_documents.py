"""Which addresses may be fetched when a stranger names them."""

from __future__ import annotations

import socket

import pytest

from annulet.hosted.authorization.client_documents import (
    fetch_document,
    is_document_url,
    is_public_address,
)
from annulet.hosted.authorization.errors import OAuthError


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - an address to refuse
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "not an address",
    ],
)
def test_private_addresses_are_not_public(address: str) -> None:
    """Loopback, private, link-local, shared, multicast, and all of them wrapped in IPv6."""
    assert not is_public_address(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1"])
def test_public_addresses_are_public(address: str) -> None:
    """The guard lets the internet through."""
    assert is_public_address(address)


@pytest.mark.parametrize(
    "client_id",
    [
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
    ],
)
def test_what_is_no_document_address(client_id: str) -> None:
    """Only https with a name, a path, the usual port and nothing else."""
    assert not is_document_url(client_id)


async def test_a_name_that_leads_home_is_not_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    """A public name that resolves to this machine is refused before anything is sent."""
    home = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 443))]
    public = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: public + home)
    with pytest.raises(OAuthError, match="invalid_client"):
        await fetch_document("https://rebound.example/client.json")
