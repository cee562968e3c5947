"""Format 1: every table of the first release.

The tables are written out, and not taken from `hosted.database.tables`, because a migration must
not change when the tables do. Names of keys and indexes follow the convention of the metadata.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

READABLE_FROM = 1


def upgrade() -> None:
    """Create every table; a table comes after those that its foreign keys name."""
    _create_service_tables()
    _create_account_tables()
    _create_connection_tables()
    _create_pending_authorization_table()
    _create_endpoint_tables()
    _create_grant_tables()
    _create_token_tables()
    _create_audit_table()


def _id(name: str = "id", length: int = 32) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), primary_key=True)


def _text(
    name: str, length: int, *, nullable: bool = False, unique: bool = False
) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=nullable, unique=unique)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _reference(name: str, target: str, *, nullable: bool = False) -> sa.Column[str]:
    key = sa.ForeignKey(target, ondelete="CASCADE")
    return sa.Column(name, sa.String(32), key, nullable=nullable, index=True)


def _person_key() -> sa.Column[str]:
    key = sa.ForeignKey("people.id", ondelete="CASCADE")
    return sa.Column("person_id", sa.String(32), key, primary_key=True)


def _create_service_tables() -> None:
    op.create_table("options", _id("name", 64), sa.Column("value", sa.Text, nullable=False))
    op.create_table(
        "oura_events",
        _id("digest", 64),
        sa.Column("received_at", sa.BigInteger, nullable=False, index=True),
    )
    op.create_table(
        "throttles",
        _id("subject", 64),
        sa.Column("failures", sa.Integer, nullable=False),
        _instant("first_at"),
        _instant("blocked_until"),
    )


def _create_account_tables() -> None:
    op.create_table(
        "people",
        _id(),
        _text("login", 254, unique=True),
        _text("name", 120),
        _text("password_hash", 255, nullable=True),
        _text("role", 16),
        _text("timezone", 64),
        _instant("created_at"),
        _instant("disabled_at", nullable=True),
    )
    op.create_table(
        "sessions",
        _id(),
        _text("digest", 64, unique=True),
        _reference("person_id", "people.id"),
        _text("agent", 80),
        _text("notice", 200, nullable=True),
        _instant("created_at"),
        _instant("seen_at"),
        _instant("expires_at"),
    )
    op.create_table(
        "links",
        _id(),
        _text("digest", 64, unique=True),
        _text("kind", 16),
        _reference("person_id", "people.id", nullable=True),
        _text("note", 120),
        _instant("created_at"),
        _instant("expires_at"),
        _instant("used_at", nullable=True),
    )


def _create_connection_tables() -> None:
    op.create_table(
        "registrations",
        _person_key(),
        sa.Column("place", sa.Integer, nullable=False, index=True),
        _text("state", 16),
        _instant("registered_at"),
        _instant("approved_at", nullable=True),
    )
    op.create_table(
        "connections",
        _person_key(),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        _text("needs_reconnect", 24, nullable=True),
        sa.Column("intent", sa.Text),
        _text("lease_owner", 64, nullable=True),
        _instant("lease_until", nullable=True),
        sa.Column("granted", sa.Text),
        sa.Column("requested", sa.Text),
        _instant("connected_at", nullable=True),
        _instant("renewed_at", nullable=True),
        _instant("expires_at", nullable=True),
        _instant("membership_lost_at", nullable=True),
        _text("last_error", 40, nullable=True),
        _instant("last_error_at", nullable=True),
        sa.Column("account_digest", sa.String(64), index=True),
        _instant("data_at", nullable=True),
    )


def _create_pending_authorization_table() -> None:
    op.create_table(
        "flows",
        _id("digest", 64),
        _reference("person_id", "people.id"),
        _text("session_id", 32),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        _instant("expires_at"),
    )


def _create_endpoint_tables() -> None:
    op.create_table(
        "endpoints",
        _id(),
        _reference("person_id", "people.id"),
        _text("name", 80),
        _text("kind", 24),
        _text("auth", 8),
        sa.Column("tools_off", sa.Text, nullable=False),
        _instant("created_at"),
        _instant("first_call_at", nullable=True),
        _instant("used_at", nullable=True),
    )
    op.create_table(
        "api_keys",
        _id(),
        _text("digest", 64, unique=True),
        _text("prefix", 24),
        _reference("person_id", "people.id"),
        _reference("endpoint_id", "endpoints.id"),
        _text("name", 80),
        _text("scopes", 200),
        _instant("created_at"),
        _instant("expires_at", nullable=True),
        _instant("used_at", nullable=True),
        _instant("revoked_at", nullable=True),
    )


def _create_grant_tables() -> None:
    op.create_table(
        "oauth_clients",
        _id(length=400),
        _text("name", 120),
        sa.Column("redirect_uris", sa.Text, nullable=False),
        _text("auth_method", 24),
        _text("secret_digest", 64, nullable=True),
        _text("website", 400),
        _instant("created_at"),
    )
    op.create_table(
        "oauth_grants",
        _id(),
        _reference("person_id", "people.id"),
        _text("client_id", 400),
        _text("client_name", 120),
        _text("redirect_host", 260),
        _reference("endpoint_id", "endpoints.id"),
        _text("resource", 400),
        _text("scopes", 200),
        _instant("created_at"),
        _instant("used_at", nullable=True),
        _instant("revoked_at", nullable=True),
    )


def _create_token_tables() -> None:
    op.create_table(
        "oauth_codes",
        _id("digest", 64),
        _reference("grant_id", "oauth_grants.id"),
        _text("redirect_uri", 2000),
        sa.Column("redirect_given", sa.Integer, nullable=False),
        _text("challenge", 128),
        _instant("expires_at"),
        _instant("used_at", nullable=True),
    )
    op.create_table(
        "oauth_tokens",
        _id("digest", 64),
        _text("kind", 8),
        _reference("grant_id", "oauth_grants.id"),
        _text("scopes", 200),
        _instant("expires_at"),
        _instant("used_at", nullable=True),
    )


def _create_audit_table() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        _instant("at"),
        _reference("person_id", "people.id", nullable=True),
        _text("action", 60),
        _text("actor", 120),
        _text("client", 120),
        _text("endpoint_id", 32),
        _text("tool", 64),
        _text("status", 40),
        sa.Column("bytes", sa.Integer, nullable=False),
        sa.Column("milliseconds", sa.Integer, nullable=False),
    )
    op.create_index("ix_audit_person_at", "audit", ["person_id", "at"])
