"""The address of a client: what it says itself is believed only from a trusted proxy."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest

from annulet.errors import UsageError
from annulet.hosted.web.client_address import read_client_address
from annulet.hosted.web.forwarded_headers import ForwardedHeaders
from annulet.settings import Settings

PROXIES = ("127.0.0.1", "10.0.0.0/24", "2001:db8:ffff::/48")


async def _receive() -> Any:
    return {"type": "http.disconnect"}


async def _send(_message: Any) -> None:
    return None


async def pass_through(peer: str, **headers: str) -> dict[str, Any]:
    """The scope behind the middleware, with its host and the address that limits count."""
    scopes: list[Any] = []

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        scopes.append(scope)

    trusted = [ipaddress.ip_network(text) for text in PROXIES]
    sent = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {
        "type": "http",
        "client": (peer, 1),
        "scheme": "http",
        "headers": [(b"host", b"inside"), *sent],
    }
    await ForwardedHeaders(app, trusted)(scope, _receive, _send)
    (seen,) = scopes
    host = dict(seen["headers"])[b"host"].decode()
    return {"address": read_client_address(seen), "scheme": seen["scheme"], "host": host}


async def test_only_a_trusted_proxy_is_believed() -> None:
    """Without a trusted proxy every forwarded header is text of a stranger, also on loopback."""
    for peer in ("192.0.2.1", "127.0.0.2", "10.0.1.1", "::1"):
        forged = {"x_forwarded_for": "198.51.100.1", "x_forwarded_host": "evil.example"}
        seen = await pass_through(peer, **forged, x_forwarded_proto="https")
        assert seen["host"] == "inside"
        assert seen["scheme"] == "http"
        assert seen["address"] in {peer, "::/64"}


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("1.1.1.1, 198.51.100.7", "198.51.100.7"),
        ("1.1.1.1, 198.51.100.7, 10.0.0.9", "198.51.100.7"),
        ("10.0.0.9, 10.0.0.8", "10.0.0.9"),
        ("198.51.100.7:4711", "198.51.100.7"),
        ('"[2001:db8:1:2::99]:443"', "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("1.1.1.1, unknown", "127.0.0.1"),
        ("1.1.1.1, _hidden, 10.0.0.9", "10.0.0.9"),
        (",,", "127.0.0.1"),
        ("", "127.0.0.1"),
        ("é", "127.0.0.1"),
    ],
)
async def test_the_right_most_untrusted_address_counts(forwarded: str, address: str) -> None:
    """What stands further left may come from the client itself."""
    assert (await pass_through("127.0.0.1", x_forwarded_for=forwarded))["address"] == address


async def test_scheme_and_host_come_from_the_same_proxy() -> None:
    """The entry of the proxy beside the client counts; an appended forgery does not."""
    chain = {"x_forwarded_for": "9.9.9.9, 198.51.100.7, 10.0.0.9"}
    appended = await pass_through(
        "127.0.0.1",
        **chain,
        x_forwarded_host="evil.example, ring.example.org, inner",
        x_forwarded_proto="http, https, http",
    )
    assert (appended["host"], appended["scheme"]) == ("ring.example.org", "https")
    overwritten = await pass_through(
        "127.0.0.1", **chain, x_forwarded_host="ring.example.org", x_forwarded_proto="HTTPS"
    )
    assert (overwritten["host"], overwritten["scheme"]) == ("ring.example.org", "https")
    odd = await pass_through("127.0.0.1", **chain, x_forwarded_proto="javascript")
    assert (odd["host"], odd["scheme"]) == ("inside", "http")


def test_the_setting_takes_addresses_and_networks() -> None:
    """The default is none; what trusts everybody or is no network is refused by name."""
    assert Settings.from_environ({}).trusted_proxies == ()
    taken = Settings.from_environ({"ANNULET_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/24 ::1"})
    assert [str(network) for network in taken.trusted_proxies] == [
        "127.0.0.1/32",
        "10.0.0.0/24",
        "::1/128",
    ]
    for refused in ("0.0.0.0/0", "::/0", "proxy.example.org", "10.0.0.1/24", "*"):
        with pytest.raises(UsageError, match="ANNULET_TRUSTED_PROXIES") as caught:
            Settings.from_environ({"ANNULET_TRUSTED_PROXIES": refused})
        assert caught.value.hint
