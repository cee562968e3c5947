"""The settings, and the only reader of the environment.

Every setting is an environment variable named ``ANNULET_…``; `Settings.from_environ` reads them
once, checks them, and says which one is wrong and what to write instead.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from annulet.contract.addresses import API_URL, is_loopback, is_safe_for_tokens
from annulet.errors import UsageError
from annulet.mcp_server.content_form import CONTENT_FORMS, ContentForm
from annulet.vault.secret import Secret

Signup = Literal["open", "invite", "closed"]
_SIGNUP_POLICIES: Final[tuple[Signup, ...]] = ("open", "invite", "closed")
_MOST_DIGITS: Final = 12
_LEAST_SLEEP_H: Final = 3.0
_MOST_SLEEP_H: Final = 14.0


@dataclass(frozen=True, slots=True)
class ServiceLimits:
    """How much the hosted service does at once.

    Attributes:
        questions_burst: Questions that one person may ask at once.
        questions_per_second: Questions a second after that; 0 for any number.
        questions_at_once: Questions of one person that one process answers at the same time.
        oura_requests: Requests to Oura in five minutes, of all replicas; 0 for any number.
        contexts_mb: Megabytes of memory for what was read for people, in one process.
    """

    questions_burst: int = 100
    questions_per_second: int = 10
    questions_at_once: int = 4
    oura_requests: int = 4_500
    contexts_mb: int = 64

    @classmethod
    def read(cls, read: _EnvironmentReader) -> Self:
        """Read the limits from the environment."""
        return cls(
            questions_burst=read.integer("QUESTIONS_BURST", 100, lowest=1),
            questions_per_second=read.integer("QUESTIONS_PER_SECOND", 10),
            questions_at_once=read.integer("QUESTIONS_AT_ONCE", 4, lowest=1),
            oura_requests=read.integer("OURA_REQUESTS", 4_500),
            contexts_mb=read.integer("CONTEXTS_MB", 64, lowest=1),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The values of the environment variables, or their defaults."""

    home: Path
    oura_api_url: str = API_URL
    oura_authorize_url: str = ""
    oura_token_url: str = ""
    oura_revoke_url: str = ""
    oura_issuer_url: str = ""
    client_id: str = ""
    client_secret: Secret | None = None
    access_token: Secret | None = None
    timezone: str = ""
    sleep_need_h: float = 8.0
    mcp_content: ContentForm = "both"
    key: Secret | None = None
    key_file: Path | None = None
    account: str = ""
    database_url: str = ""
    database_pool: int = 10
    statement_timeout_s: int = 10
    limits: ServiceLimits = ServiceLimits()
    public_url: str = "http://127.0.0.1:8080"
    host: str = "127.0.0.1"
    port: int = 8080
    signup: Signup = "open"
    capacity: int = 10
    single_user: bool = False
    trusted_proxies: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()
    audit_days: int = 400
    smtp_url: Secret | None = None
    mail_from: str = ""
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: Secret | None = None
    oidc_domains: tuple[str, ...] = ()
    oidc_create: bool = True

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read and check every setting.

        Args:
            environ: The environment to read; the process's own when left out.

        Raises:
            UsageError: A setting is malformed; the message names it.
        """
        read = _EnvironmentReader(os.environ if environ is None else environ)
        host = read.text("HOST") or "127.0.0.1"
        port = read.integer("PORT", 8080, highest=65535)
        return cls(
            home=read.path("HOME") or _default_home(),
            oura_api_url=read.url("OURA_API_URL") or API_URL,
            oura_authorize_url=read.url("OURA_AUTHORIZE_URL"),
            oura_token_url=read.url("OURA_TOKEN_URL"),
            oura_revoke_url=read.url("OURA_REVOKE_URL"),
            oura_issuer_url=read.url("OURA_ISSUER_URL"),
            client_id=read.text("CLIENT_ID"),
            client_secret=read.secret_or_file("CLIENT_SECRET"),
            access_token=read.secret("ACCESS_TOKEN"),
            timezone=read.zone("TIMEZONE"),
            sleep_need_h=read.hours("SLEEP_NEED_H", 8.0),
            mcp_content=read.content_form("MCP_CONTENT"),
            key=read.secret("KEY"),
            key_file=read.path("KEY_FILE"),
            account=read.text("ACCOUNT"),
            database_url=read.text("DATABASE_URL"),
            database_pool=read.integer("DATABASE_POOL", 10, lowest=1),
            statement_timeout_s=read.integer("STATEMENT_TIMEOUT_S", 10),
            limits=ServiceLimits.read(read),
            public_url=read.root_url("PUBLIC_URL") or f"http://127.0.0.1:{port}",
            host=host,
            port=port,
            signup=read.signup("SIGNUP"),
            capacity=read.integer("CAPACITY", 10),
            single_user=read.switch("SINGLE_USER"),
            trusted_proxies=read.networks("TRUSTED_PROXIES"),
            audit_days=read.integer("AUDIT_DAYS", 400) or 400,
            smtp_url=read.smtp_url("SMTP_URL"),
            mail_from=read.mail_address("MAIL_FROM"),
            oidc_issuer=read.issuer("OIDC_ISSUER"),
            oidc_client_id=read.text("OIDC_CLIENT_ID"),
            oidc_client_secret=read.secret_or_file("OIDC_CLIENT_SECRET"),
            oidc_domains=read.domains("OIDC_DOMAINS"),
            oidc_create=read.switch("OIDC_CREATE", default=True),
        )


def read_content_form(environ: Mapping[str, str] | None = None) -> ContentForm:
    """Read in which form the answers of tools are sent, before anything else is needed.

    A malformed value counts as the default; `Settings.from_environ` refuses it.

    Args:
        environ: The environment to read; the process's own when left out.
    """
    try:
        return _EnvironmentReader(os.environ if environ is None else environ).content_form(
            "MCP_CONTENT"
        )
    except UsageError:
        return "both"


def folders_of_programs(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Read the variables that move the configuration folders of assistants.

    Args:
        environ: The environment to read; the process's own when left out.
    """
    read = os.environ if environ is None else environ
    names = ("APPDATA", "CLAUDE_CONFIG_DIR", "CODEX_HOME", "XDG_CONFIG_HOME")
    return {name: read[name] for name in names if read.get(name)}


def loopback(url: str) -> bool:
    """Whether an address stays on this machine.

    >>> loopback("http://127.0.0.1:8080/x"), loopback("http://example.org")
    (True, False)
    """
    return is_loopback(urlsplit(url).hostname)


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


class _EnvironmentReader:
    """Reads one variable at a time and names it in every complaint."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def text(self, name: str) -> str:
        return self._environ.get(f"ANNULET_{name}", "").strip()

    def secret(self, name: str) -> Secret | None:
        value = self.text(name)
        return Secret(value) if value else None

    def secret_or_file(self, name: str) -> Secret | None:
        direct, file = self.secret(name), self.path(f"{name}_FILE")
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
        return Secret(value)

    def path(self, name: str) -> Path | None:
        value = self.text(name)
        return Path(value).expanduser() if value else None

    def url(self, name: str) -> str:
        value = self.text(name)
        return check_url(f"ANNULET_{name}", value) if value else ""

    def root_url(self, name: str) -> str:
        value = self.url(name)
        parts = urlsplit(value)
        if parts.path or parts.query or any(mark in value for mark in "?#*;,'\\"):
            raise UsageError(
                f"ANNULET_{name} is more than scheme, host and port.",
                hint="The service needs a host name of its own, such as https://ring.example.org.",
            )
        return value

    def smtp_url(self, name: str) -> Secret | None:
        value = self.text(name)
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
        return tuple(self.text(name).casefold().replace(",", " ").replace("@", " ").split())

    def issuer(self, name: str) -> str:
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
        value = self.text(name).casefold()
        if not value:
            return default
        if value in {"0", "false", "no", "off"}:
            return False
        if value in {"1", "true", "yes", "on"}:
            return True
        raise UsageError(f"ANNULET_{name} is neither 0 nor 1.", hint="Write 0 or 1, or unset it.")

    def zone(self, name: str) -> str:
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
        value = self.text(name).casefold() or "both"
        for form in CONTENT_FORMS:
            if form == value:
                return form
        raise UsageError(
            f"ANNULET_{name} is none of {', '.join(CONTENT_FORMS)}.",
            hint="Write one of the three, or unset it for both.",
        )

    def signup(self, name: str) -> Signup:
        value = self.text(name) or "open"
        for policy in _SIGNUP_POLICIES:
            if policy == value:
                return policy
        raise UsageError(
            f"ANNULET_{name} is none of open, invite, closed.",
            hint="Write one of the three, or unset it for open.",
        )


def _default_home() -> Path:
    from platformdirs import user_data_path

    return user_data_path("annulet", appauthor=False)
