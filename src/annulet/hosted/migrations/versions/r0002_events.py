"""Format 2: what Oura tells by itself. Digests and times; no id and no value."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room to recognise whose event it is, and to know one that comes again."""
    op.add_column("connections", sa.Column("account_digest", sa.String(length=64), nullable=True))
    op.add_column("connections", sa.Column("data_at", sa.BigInteger(), nullable=True))
    op.create_index(
        op.f("ix_connections_account_digest"), "connections", ["account_digest"], unique=False
    )
    op.create_table(
        "oura_events",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_oura_events")),
    )
    op.create_index(
        op.f("ix_oura_events_received_at"), "oura_events", ["received_at"], unique=False
    )
