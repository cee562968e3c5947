"""Client-ID metadata documents: the id of a client is the address of its own description.

Fetching an address that a stranger names is dangerous (server-side request forgery). The fetch goes
only to public addresses, only over https, follows no redirect, and reads a limited length.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlsplit

import anyio
import anyio.to_thread
import httpx2

from annulet.hosted.authorization.client_registration import ClientMetadata, parse_client_metadata
from annulet.hosted.authorization.errors import OAuthError
from annulet.hosted.strict_json import read_json

FetchDocument = Callable[[str], Awaitable[bytes]]
"""Fetches one address; raises `OAuthError` when it cannot or must not."""

_MAX_BYTES: Final = 64 * 1024
_TIMEOUT_S: Final = 5.0
_MAX_URL: Final = 400
_NAT64_PREFIX: Final = "64:ff9b::/96"
_SPECIAL: Final = tuple(
    ipaddress.ip_network(text)
    for text in (
        *("192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "240.0.0.0/4"),
        *("fec0::/10", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16"),
    )
)
_MAX_LOOK_UPS: Final = 4
"""A slow name server keeps these threads busy and no others, which pages need."""


def is_document_url(client_id: str) -> bool:
    """Tell whether a client id is the address of a metadata document.

    >>> is_document_url("https://assistant.example/client.json"), is_document_url("abc")
    (True, False)
    """
    try:
        parts = urlsplit(client_id)
        port = parts.port
    except ValueError:
        return False
    is_plain = client_id.isascii() and client_id.isprintable() and len(client_id) <= _MAX_URL
    is_clean = not (parts.fragment or parts.username or parts.password) and ".." not in parts.path
    has_host_name = bool(parts.hostname) and not _is_ip_address(parts.hostname or "")
    return (
        is_plain
        and is_clean
        and has_host_name
        and parts.scheme == "https"
        and port in {None, 443}
        and parts.path not in {"", "/"}
    )


def is_public_address(address: str) -> bool:
    """Tell whether an IP address is on the public internet.

    >>> is_public_address("93.184.216.34"), is_public_address("169.254.169.254")
    (True, False)
    >>> is_public_address("::1")
    False
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        embedded = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if embedded is not None:
            return is_public_address(str(embedded))
        if ip in ipaddress.ip_network(_NAT64_PREFIX):
            return is_public_address(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
    # older Pythons call some special networks global, so their list is completed here
    is_special = any(ip.version == network.version and ip in network for network in _SPECIAL)
    return ip.is_global and not (is_special or ip.is_multicast or ip.is_reserved)


def parse_client_document(client_id: str, document: bytes) -> ClientMetadata:
    """Parse the document of a client.

    Raises:
        OAuthError: It is not about this client, or not acceptable.
    """
    try:
        metadata_json = read_json(document)
    except ValueError:
        raise OAuthError("invalid_client", "The client's document is not JSON.") from None
    if not isinstance(metadata_json, dict) or metadata_json.get("client_id") != client_id:
        raise OAuthError("invalid_client", "The client's document is about another client.")
    metadata = parse_client_metadata(metadata_json, default_method="none")
    if metadata.auth_method != "none" or "client_secret" in metadata_json:
        raise OAuthError("invalid_client", "A client with a document has no secret.")
    return metadata


def build_fetch_document() -> FetchDocument:
    """Build the fetch of one service, with threads of its own for name servers."""
    look_ups = anyio.CapacityLimiter(_MAX_LOOK_UPS)

    async def fetch(url: str) -> bytes:
        return await fetch_document(url, look_ups)

    return fetch


async def fetch_document(url: str, look_ups: anyio.CapacityLimiter) -> bytes:
    """Fetch a document from the public internet.

    The name is resolved once and the connection goes to the address that was checked, so a DNS
    answer that changes between check and use does not help an attacker.

    Raises:
        OAuthError: The address is not public, or the document cannot be had.
    """
    try:
        with anyio.fail_after(_TIMEOUT_S):
            return await _fetch(url, look_ups)
    except TimeoutError:
        raise OAuthError("invalid_client", "The client's document takes too long.") from None


async def _fetch(url: str, look_ups: anyio.CapacityLimiter) -> bytes:
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        # a thread cannot be cancelled, so it is left behind when the time is over
        addresses = await anyio.to_thread.run_sync(
            _resolve, host, limiter=look_ups, abandon_on_cancel=True
        )
    except (OSError, UnicodeError):
        raise OAuthError("invalid_client", "The client's document cannot be found.") from None
    if not addresses or not all(is_public_address(address) for address in addresses):
        raise OAuthError("invalid_client", "The client's document is not on a public address.")
    literal = f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]
    target = parts._replace(netloc=literal).geturl()
    try:
        return await _read(target, host)
    except httpx2.HTTPError:
        raise OAuthError("invalid_client", "The client's document cannot be read.") from None


async def _read(target: str, host: str) -> bytes:
    async with (
        httpx2.AsyncClient(timeout=_TIMEOUT_S, trust_env=False) as http,
        http.stream(
            "GET",
            target,
            headers={"host": host, "accept": "application/json"},
            extensions={"sni_hostname": host},
        ) as response,
    ):
        if response.status_code != httpx2.codes.OK:
            raise OAuthError("invalid_client", "The client's document cannot be read.")
        body = b""
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > _MAX_BYTES:
                raise OAuthError("invalid_client", "The client's document is too long.")
        return body


def _resolve(host: str) -> list[str]:
    entries = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in entries]


def _is_ip_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
