"""The settings, and the only reader of the environment.

Every setting is an environment variable named ``ANNULET_…``; `Settings.from_environ` reads them
once, checks them, and says which one is wrong and what to write instead.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from annulet.contract.addresses import API_URL, is_loopback
from annulet.environment_reader import EnvironmentReader, Signup
from annulet.errors import UsageError
from annulet.mcp_server.content_form import ContentForm
from annulet.vault.secret import Secret


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
    def read(cls, read: EnvironmentReader) -> Self:
        """Read the limits from the environment."""
        return cls(
            questions_burst=read.integer("QUESTIONS_BURST", 100, lowest=1),
            questions_per_second=read.integer("QUESTIONS_PER_SECOND", 10),
            questions_at_once=read.integer("QUESTIONS_AT_ONCE", 4, lowest=1),
            oura_requests=read.integer("OURA_REQUESTS", 4_500),
            contexts_mb=read.integer("CONTEXTS_MB", 64, lowest=1),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservabilitySettings:
    """What an operator sees of the hosted service.

    Attributes:
        log_addresses: Whether the log names the addresses of clients.
        metrics_port: Where metrics are served; 0 for any port, ``None`` for no metrics.
        metrics_host: The address of that port.
        metrics_token: What a scraper has to send; ``None`` on loopback alone.
        traces_url: Where a collector takes traces; empty for no traces.
    """

    log_addresses: bool = True
    metrics_port: int | None = None
    metrics_host: str = "127.0.0.1"
    metrics_token: Secret | None = None
    traces_url: str = ""

    @classmethod
    def read(cls, read: EnvironmentReader) -> Self:
        """Read what is shown from the environment."""
        has_metrics = bool(read.text("METRICS_PORT"))
        return cls(
            log_addresses=read.switch("LOG_ADDRESSES", default=True),
            metrics_port=read.integer("METRICS_PORT", 0, highest=65535) if has_metrics else None,
            metrics_host=read.text("METRICS_HOST") or "127.0.0.1",
            metrics_token=read.secret_or_file("METRICS_TOKEN"),
            traces_url=read.collector_url("TRACES_URL"),
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
    database_url: str = field(default="", repr=False)  # it may hold a password
    database_pool: int = 10
    statement_timeout_s: int = 10
    limits: ServiceLimits = ServiceLimits()
    observability: ObservabilitySettings = ObservabilitySettings()
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
        read = EnvironmentReader(os.environ if environ is None else environ)
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
            database_url=read.text_or_file("DATABASE_URL"),
            database_pool=read.integer("DATABASE_POOL", 10, lowest=1),
            statement_timeout_s=read.integer("STATEMENT_TIMEOUT_S", 10),
            limits=ServiceLimits.read(read),
            observability=ObservabilitySettings.read(read),
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
        return EnvironmentReader(os.environ if environ is None else environ).content_form(
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


def _default_home() -> Path:
    from platformdirs import user_data_path

    return user_data_path("annulet", appauthor=False)
