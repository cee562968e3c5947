"""Client-ID metadata documents: a client whose id is the address of its own description.

Fetching an address that a stranger names is dangerous, so it goes only to public addresses, only
over https, without redirects, and reads little.
"""

from __future__ import annotations

import ipaddress
import json
import socket
from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import urlsplit

import anyio.to_thread
import httpx2

from annulet.hosted.authorization.client_registration import ClientMetadata, checked
from annulet.hosted.authorization.errors import OAuthError

__all__ = ["FetchDocument", "described", "document_address", "fetch_document", "public_address"]

FetchDocument = Callable[[str], Awaitable[bytes]]
"""Fetches one address; raises `OAuthError` when it cannot or must not."""

_LARGEST: Final = 64 * 1024
_SECONDS: Final = 5.0
_LONGEST: Final = 400


def document_address(client_id: str) -> bool:
    """Whether a client id is the address of a metadata document.

    >>> document_address("https://assistant.example/client.json"), document_address("abc")
    (True, False)
    """
    try:
        parts = urlsplit(client_id)
        port = parts.port
    except ValueError:
        return False
    plain = client_id.isascii() and client_id.isprintable() and len(client_id) <= _LONGEST
    clean = not (parts.fragment or parts.username or parts.password) and ".." not in parts.path
    named = bool(parts.hostname) and not _is_literal(parts.hostname or "")
    return (
        plain
        and clean
        and named
        and parts.scheme == "https"
        and port in {None, 443}
        and parts.path not in {"", "/"}
    )


def public_address(address: str) -> bool:
    """Whether an IP address is on the public internet.

    >>> public_address("93.184.216.34"), public_address("169.254.169.254"), public_address("::1")
    (True, False, False)
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return public_address(str(inner))
        if ip in ipaddress.ip_network("64:ff9b::/96"):
            return public_address(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
    return ip.is_global and not (ip.is_multicast or ip.is_reserved)


def described(client_id: str, document: bytes) -> ClientMetadata:
    """What a document says about its client.

    Raises:
        OAuthError: It is not about this client, or not acceptable.
    """
    try:
        said: Any = json.loads(document)
    except ValueError:
        raise OAuthError("invalid_client", "The client's document is not JSON.") from None
    if not isinstance(said, dict) or said.get("client_id") != client_id:
        raise OAuthError("invalid_client", "The client's document is about another client.")
    metadata = checked(said, default_method="none")
    if metadata.auth_method != "none" or "client_secret" in said:
        raise OAuthError("invalid_client", "A client with a document has no secret.")
    return metadata


async def fetch_document(address: str) -> bytes:
    """Fetch a document from the public internet.

    The name is resolved once and the connection goes to the address that was checked, so an
    answer that changes between check and use does not help.

    Raises:
        OAuthError: The address is not public, or the document cannot be had.
    """
    parts = urlsplit(address)
    host = parts.hostname or ""
    try:
        found = await anyio.to_thread.run_sync(_resolve, host)
    except OSError:
        raise OAuthError("invalid_client", "The client's document cannot be found.") from None
    if not found or not all(public_address(ip) for ip in found):
        raise OAuthError("invalid_client", "The client's document is not on a public address.")
    literal = f"[{found[0]}]" if ":" in found[0] else found[0]
    target = parts._replace(netloc=literal).geturl()
    try:
        return await _read(target, host)
    except httpx2.HTTPError:
        raise OAuthError("invalid_client", "The client's document cannot be read.") from None


async def _read(target: str, host: str) -> bytes:
    async with (
        httpx2.AsyncClient(timeout=_SECONDS, trust_env=False) as http,
        http.stream(
            "GET",
            target,
            headers={"host": host, "accept": "application/json"},
            extensions={"sni_hostname": host},
        ) as answer,
    ):
        if answer.status_code != httpx2.codes.OK:
            raise OAuthError("invalid_client", "The client's document cannot be read.")
        body = b""
        async for part in answer.aiter_bytes():
            body += part
            if len(body) > _LARGEST:
                raise OAuthError("invalid_client", "The client's document is too long.")
        return body


def _resolve(host: str) -> list[str]:
    entries = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in entries]


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
