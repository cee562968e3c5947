"""Where tokens may go."""

from __future__ import annotations

import pytest

from annulet.contract.addresses import API_URL, is_loopback, is_safe_for_tokens


@pytest.mark.parametrize(
    "url",
    [
        API_URL,
        "https://moi.ouraring.com/oauth/v2/ext/oauth-token?tenant=1",
        "http://127.0.0.1:8080/token",
        "http://127.1.2.3",
        "http://LOCALHOST:1/",
        "http://[::1]:9000",
    ],
)
def test_https_and_this_machine_are_safe(url: str) -> None:
    """TLS anywhere, or plain http that stays on this machine."""
    assert is_safe_for_tokens(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "https://",
        "http://api.ouraring.com",
        "http://localhost.example.org",
        "http://127.0.0.1.example.org",
        "http://127.0.0.1@example.org",
        "ftp://127.0.0.1",
        "https://[half-a-bracket",
        "https://127.0.0.1:99999",
        "https://example.org:eighty",
    ],
)
def test_everything_else_is_not(url: str) -> None:
    """Plain http to others, other schemes, and what is no address at all."""
    assert not is_safe_for_tokens(url)


def test_a_missing_host_is_not_this_machine() -> None:
    """What `urlsplit` gives for an address without a host."""
    assert not is_loopback(None)
    assert not is_loopback("")
