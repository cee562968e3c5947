"""Reads one environment variable at a time, checks it, and says what to write instead.

It is given the environment; only `annulet.settings` takes that of the process.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from annulet.contract.addresses import is_loopback, is_safe_for_tokens
from annulet.errors import UsageError
from annulet.mcp_server.content_form import CONTENT_FORMS, ContentForm
from annulet.vault.secret import Secret

Signup = Literal["open", "invite", "closed"]
_SIGNUP_POLICIES: Final[tuple[Signup, ...]] = ("open", "invite", "closed")
_MOST_DIGITS: Final = 12
_LEAST_SLEEP_H: Final = 3.0
_MOST_SLEEP_H: Final = 14.0


def check_url(name: str, value: str) -> str:
    """A base address without its trailing slash; https, or http on this machine.

    Raises:
        UsageError: The address is neither.
    """
    if not is_safe_for_tokens(value):
        raise UsageError(
            f"{name} is not an address annulet can use safely.",
            hint="Give an https:// address; plain http:// works only for 127.0.0.1 and localhost.",
        )
    parts = urlsplit(value)
    if parts.username or parts.password or parts.fragment:
        raise UsageError(
            f"{name} holds a user name, a password or a fragment.",
            hint="Give the bare address, such as https://api.ouraring.com.",
        )
    return value.rstrip("/")


class EnvironmentReader:
    """Reads one variable at a time and names it in every complaint.

    A variable that is not set is an empty text, ``None``, or the default.

    Args:
        environ: The environment to read.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def text(self, name: str) -> str:
        """Read a text."""
        return self._environ.get(f"ANNULET_{name}", "").strip()

    def secret(self, name: str) -> Secret | None:
        """Read a secret."""
        value = self.text(name)
        return Secret(value) if value else None

    def secret_or_file(self, name: str) -> Secret | None:
        """Read a secret, or the file that a second variable names."""
        value = self.text_or_file(name)
        return Secret(value) if value else None

    def text_or_file(self, name: str) -> str:
        """Read a text, or the file that a second variable names; the variable itself wins."""
        direct, file = self.text(name), self.path(f"{name}_FILE")
        if direct or file is None:
            return direct
        try:
            value = file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise UsageError(
                f"ANNULET_{name}_FILE names a file that cannot be read.",
                hint="Check the path and that the file is readable text.",
            ) from None
        if not value:
            raise UsageError(
                f"ANNULET_{name}_FILE names an empty file.",
                hint="Put the secret into the file, or unset the variable.",
            )
        return value

    def path(self, name: str) -> Path | None:
        """Read a path."""
        value = self.text(name)
        return Path(value).expanduser() if value else None

    def url(self, name: str) -> str:
        """Read an address to which tokens may be sent."""
        value = self.text(name)
        return check_url(f"ANNULET_{name}", value) if value else ""

    def collector_url(self, name: str) -> str:
        """Read the address of a collector; the path of traces is added where there is none."""
        value = self.text(name)
        if not value:
            return ""
        try:
            parts = urlsplit(value)
            is_whole = parts.scheme in {"http", "https"} and bool(parts.hostname)
            is_bare = not parts.username and not parts.query and not parts.fragment
        except ValueError:
            is_whole = is_bare = False
        if not is_whole or not is_bare:
            raise UsageError(
                f"ANNULET_{name} is not the address of a collector.",
                hint="Write one such as http://127.0.0.1:4318/v1/traces; put what the collector "
                "wants to know of you into OTEL_EXPORTER_OTLP_HEADERS.",
            )
        return value if parts.path.strip("/") else f"{value.rstrip('/')}/v1/traces"

    def root_url(self, name: str) -> str:
        """Read an address of scheme, host and port alone."""
        value = self.url(name)
        parts = urlsplit(value)
        if parts.path or parts.query or any(mark in value for mark in "?#*;,'\\"):
            raise UsageError(
                f"ANNULET_{name} is more than scheme, host and port.",
                hint="The service needs a host name of its own, such as https://ring.example.org.",
            )
        return value

    def smtp_url(self, name: str) -> Secret | None:
        """Read the address of a mail server."""
        value = self.text_or_file(name)
        if not value or value == "console:":
            return Secret(value) if value else None
        try:
            parts = urlsplit(value)
            host, _ = parts.hostname, parts.port
        except ValueError:
            parts, host = urlsplit(""), ""
        is_safe = parts.scheme in {"smtp+tls", "smtps"} or (
            parts.scheme == "smtp" and is_loopback(host)
        )
        if not host or not is_safe or parts.query or parts.path.strip("/"):
            raise UsageError(
                f"ANNULET_{name} is not the address of a mail server annulet can use safely.",
                hint="Write smtp+tls://user:password@host:587, or smtps:// for port 465; plain "
                "smtp:// works only on this machine.",
            )
        return Secret(value)

    def mail_address(self, name: str) -> str:
        """Read an e-mail address."""
        value = self.text(name)
        local_part, _, domain = value.partition("@")
        is_plain = value.isascii() and value.isprintable() and not set(value) & set(' <>,;:"')
        if value and not (is_plain and local_part and domain and "@" not in domain):
            raise UsageError(
                f"ANNULET_{name} is not an e-mail address.",
                hint="Write the bare address, such as annulet@example.org.",
            )
        return value

    def integer(self, name: str, default: int, *, lowest: int = 0, highest: int = 10**9) -> int:
        """Read a whole number."""
        value = self.text(name)
        if not value:
            return default
        digits = value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS
        if not digits or not lowest <= int(value) <= highest:
            raise UsageError(
                f"ANNULET_{name} is not a whole number from {lowest} to {highest}.",
                hint=f"Unset it for the default of {default}.",
            )
        return int(value)

    def hours(self, name: str, default: float) -> float:
        """Read a number of hours of sleep."""
        value = self.text(name).replace(",", ".")
        if not value:
            return default
        try:
            hours = float(value)
        except ValueError:
            hours = 0.0
        if not _LEAST_SLEEP_H <= hours <= _MOST_SLEEP_H:
            raise UsageError(
                f"ANNULET_{name} is not a number of hours from 3 to 14.",
                hint=f"Unset it for the default of {default:g}.",
            )
        return hours

    def domains(self, name: str) -> tuple[str, ...]:
        """Read domains, in small letters."""
        return tuple(self.text(name).casefold().replace(",", " ").replace("@", " ").split())

    def issuer(self, name: str) -> str:
        """Read the issuer of a provider of OpenID Connect."""
        value = self.text(name)
        if value:
            # a final slash is part of the name of an issuer, so the text stays as it is
            check_url(f"ANNULET_{name}", value)
            if not self.text("OIDC_CLIENT_ID"):
                raise UsageError(
                    f"ANNULET_{name} is set without ANNULET_OIDC_CLIENT_ID.",
                    hint="Register annulet with the provider, and set the client id it gives.",
                )
        return value

    def switch(self, name: str, *, default: bool = False) -> bool:
        """Read 0 or 1."""
        value = self.text(name).casefold()
        if not value:
            return default
        if value in {"0", "false", "no", "off"}:
            return False
        if value in {"1", "true", "yes", "on"}:
            return True
        raise UsageError(f"ANNULET_{name} is neither 0 nor 1.", hint="Write 0 or 1, or unset it.")

    def zone(self, name: str) -> str:
        """Read an IANA time zone."""
        value = self.text(name)
        if value:
            try:
                ZoneInfo(value)
            except (ZoneInfoNotFoundError, ValueError, OSError):
                raise UsageError(
                    f"ANNULET_{name} is not a time zone.",
                    hint="Write an IANA name such as Europe/Helsinki or America/New_York.",
                ) from None
        return value

    def networks(self, name: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
        """Read the networks of proxies."""
        networks = []
        for text in self.text(name).replace(",", " ").split():
            try:
                network = ipaddress.ip_network(text)
            except ValueError:
                raise UsageError(
                    f"ANNULET_{name} holds something that is no address and no network.",
                    hint="Write the addresses of your proxies, such as 127.0.0.1 or 10.0.0.0/24.",
                ) from None
            if network.prefixlen == 0:
                raise UsageError(
                    f"ANNULET_{name} trusts every address, so anyone could pretend to be another.",
                    hint="Write the addresses of your proxies only.",
                )
            networks.append(network)
        return tuple(networks)

    def content_form(self, name: str) -> ContentForm:
        """Read the form of answers."""
        value = self.text(name).casefold() or "both"
        for form in CONTENT_FORMS:
            if form == value:
                return form
        raise UsageError(
            f"ANNULET_{name} is none of {', '.join(CONTENT_FORMS)}.",
            hint="Write one of the three, or unset it for both.",
        )

    def signup(self, name: str) -> Signup:
        """Read who may sign up."""
        value = self.text(name) or "open"
        for policy in _SIGNUP_POLICIES:
            if policy == value:
                return policy
        raise UsageError(
            f"ANNULET_{name} is none of open, invite, closed.",
            hint="Write one of the three, or unset it for open.",
        )
