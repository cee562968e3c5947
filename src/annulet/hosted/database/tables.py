"""Every table and column of the service. A test pins this list: no column is for health data.

Instants are whole seconds since 1970. Tokens, keys and links are stored as SHA-256 digests.
Oura's tokens must be used again, so they are sealed, and each is bound to its row.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    func,
    literal_column,
)

FORMAT = 3
READABLE_FROM = 2
"""The oldest format whose programs can use a database of this one."""
METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _reference_column(name: str, target: str, *, nullable: bool = False) -> Column[str]:
    """Declare a reference; a row is deleted together with the row that it refers to."""
    key = ForeignKey(target, ondelete="CASCADE")
    return Column(name, String(32), key, nullable=nullable, index=True)


def _owner_column(*, nullable: bool = False) -> Column[str]:
    return _reference_column("person_id", "people.id", nullable=nullable)


def _person_key_column() -> Column[str]:
    """Declare the key of a table with one row for each person."""
    key = ForeignKey("people.id", ondelete="CASCADE")
    return Column("person_id", String(32), key, primary_key=True)


def _instant_column(name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=nullable)


format_version = Table(
    "alembic_version", METADATA, Column("version_num", String(32), primary_key=True)
)

options = Table(
    "options",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

people = Table(
    "people",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("login", String(254), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("password_hash", String(255)),
    Column("role", String(16), nullable=False),
    Column("timezone", String(64), nullable=False),
    _instant_column("created_at"),
    _instant_column("disabled_at", nullable=True),
    _instant_column("verified_at", nullable=True),
    _instant_column("confirm_by", nullable=True),
)

sessions = Table(
    "sessions",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    _owner_column(),
    Column("agent", String(80), nullable=False),
    Column("notice", String(200)),
    _instant_column("created_at"),
    _instant_column("seen_at"),
    _instant_column("expires_at"),
    _instant_column("confirmed_at", nullable=True),
)

passkeys = Table(
    "passkeys",
    METADATA,
    Column("id", String(32), primary_key=True),
    _owner_column(),
    Column("credential_digest", String(64), nullable=False, unique=True),
    Column("credential_id", LargeBinary, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("name", String(80), nullable=False),
    _instant_column("created_at"),
    _instant_column("used_at", nullable=True),
)

identities = Table(
    "identities",
    METADATA,
    Column("digest", String(64), primary_key=True),
    _owner_column(),
    _instant_column("created_at"),
)

throttles = Table(
    "throttles",
    METADATA,
    Column("subject", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    _instant_column("first_at"),
    _instant_column("blocked_until"),
)

budgets = Table(
    "budgets",
    METADATA,
    Column("name", String(80), primary_key=True),
    Column("level", Float, nullable=False),
    Column("filled_at", Float, nullable=False),
    Column("granted", Integer, nullable=False),
)

links = Table(
    "links",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    _owner_column(nullable=True),
    Column("note", String(120), nullable=False),
    _instant_column("created_at"),
    _instant_column("expires_at"),
    _instant_column("used_at", nullable=True),
)

jobs = Table(
    "jobs",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("arguments", Text, nullable=False),
    Column("run_at", BigInteger, nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
)

job_runs = Table(
    "job_runs",
    METADATA,
    Column("name", String(40), primary_key=True),
    _instant_column("started_at"),
    _instant_column("ended_at"),
    Column("failures", Integer, nullable=False),
    Column("problem", String(40), nullable=False),
)

orphans = Table(
    "orphans",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("person_id", String(32), nullable=False, index=True),
    Column("sealed", LargeBinary, nullable=False),
    _instant_column("created_at"),
    Column("attempts", Integer, nullable=False),
    Column("due_at", BigInteger, nullable=False, index=True),
)

registrations = Table(
    "registrations",
    METADATA,
    _person_key_column(),
    Column("place", Integer, nullable=False, index=True),
    Column("state", String(16), nullable=False),
    _instant_column("registered_at"),
    _instant_column("approved_at", nullable=True),
)

connections = Table(
    "connections",
    METADATA,
    _person_key_column(),
    Column("generation", Integer, nullable=False),
    Column("sealed", LargeBinary),
    Column("needs_reconnect", String(24)),
    Column("intent", Text),
    Column("lease_owner", String(64)),
    _instant_column("lease_until", nullable=True),
    Column("granted", Text),
    Column("requested", Text),
    _instant_column("connected_at", nullable=True),
    _instant_column("renewed_at", nullable=True),
    _instant_column("expires_at", nullable=True),
    _instant_column("membership_lost_at", nullable=True),
    Column("last_error", String(40)),
    _instant_column("last_error_at", nullable=True),
    Column("account_digest", String(64), index=True),
    _instant_column("data_at", nullable=True),
)

oura_events = Table(
    "oura_events",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("received_at", BigInteger, nullable=False, index=True),
)

flows = Table(
    "flows",
    METADATA,
    Column("digest", String(64), primary_key=True),
    _owner_column(),
    Column("session_id", String(32), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    _instant_column("expires_at"),
)

endpoints = Table(
    "endpoints",
    METADATA,
    Column("id", String(32), primary_key=True),
    _owner_column(),
    Column("name", String(80), nullable=False),
    Column("kind", String(24), nullable=False),
    Column("auth", String(8), nullable=False),
    Column("tools_off", Text, nullable=False),
    _instant_column("created_at"),
    _instant_column("first_call_at", nullable=True),
    _instant_column("used_at", nullable=True),
)

api_keys = Table(
    "api_keys",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("prefix", String(24), nullable=False),
    _owner_column(),
    _reference_column("endpoint_id", "endpoints.id"),
    Column("name", String(80), nullable=False),
    Column("scopes", String(200), nullable=False),
    _instant_column("created_at"),
    _instant_column("expires_at", nullable=True),
    _instant_column("used_at", nullable=True),
    _instant_column("revoked_at", nullable=True),
)

oauth_clients = Table(
    "oauth_clients",
    METADATA,
    Column("id", String(400), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("redirect_uris", Text, nullable=False),
    Column("auth_method", String(24), nullable=False),
    Column("secret_digest", String(64)),
    Column("website", String(400), nullable=False),
    _instant_column("created_at"),
)

oauth_grants = Table(
    "oauth_grants",
    METADATA,
    Column("id", String(32), primary_key=True),
    _owner_column(),
    Column("client_id", String(400), nullable=False),
    Column("client_name", String(120), nullable=False),
    Column("redirect_host", String(260), nullable=False),
    _reference_column("endpoint_id", "endpoints.id"),
    Column("resource", String(400), nullable=False),
    Column("scopes", String(200), nullable=False),
    _instant_column("created_at"),
    _instant_column("used_at", nullable=True),
    _instant_column("revoked_at", nullable=True),
)

oauth_codes = Table(
    "oauth_codes",
    METADATA,
    Column("digest", String(64), primary_key=True),
    _reference_column("grant_id", "oauth_grants.id"),
    Column("redirect_uri", String(2000), nullable=False),
    Column("redirect_given", Integer, nullable=False),
    Column("challenge", String(128), nullable=False),
    _instant_column("expires_at"),
    _instant_column("used_at", nullable=True),
)

oauth_tokens = Table(
    "oauth_tokens",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("kind", String(8), nullable=False),
    _reference_column("grant_id", "oauth_grants.id"),
    Column("scopes", String(200), nullable=False),
    _instant_column("expires_at"),
    _instant_column("used_at", nullable=True),
)

audit = Table(
    "audit_entries",
    METADATA,
    Column(
        "id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True
    ),
    _instant_column("at"),
    Column("person_id", String(32), ForeignKey("people.id", ondelete="CASCADE")),
    Column("action", String(60), nullable=False),
    Column("actor", String(120), nullable=False),
    Column("client", String(120), nullable=False),
    Column("endpoint_id", String(32), nullable=False),
    Column("tool", String(64), nullable=False),
    Column("status", String(40), nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("milliseconds", Integer, nullable=False),
)
audit_source = func.substr(audit.c.action, literal_column("1"), literal_column("3"))
"""Who acted: the first letters of an action, which differ among the sources."""
Index("ix_audit_entries_at", audit.c.at, audit.c.id)
Index("ix_audit_entries_person_id", audit.c.person_id, audit.c.at, audit.c.id)
Index("ix_audit_entries_source", audit_source, audit.c.at, audit.c.id)
