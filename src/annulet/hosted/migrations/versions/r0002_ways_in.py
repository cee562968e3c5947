"""Format 2: jobs, shared budgets, and what the ways in besides a password need."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

READABLE_FROM = 1


def upgrade() -> None:
    """Add columns that may be empty, and tables; a replica of format 1 can go on reading."""
    for name in ("verified_at", "confirm_by"):
        op.add_column("people", sa.Column(name, sa.BigInteger, nullable=True))
    op.add_column("sessions", sa.Column("confirmed_at", sa.BigInteger, nullable=True))
    op.create_table(
        "passkeys",
        sa.Column("id", sa.String(32), primary_key=True),
        _owner(),
        sa.Column("credential_digest", sa.String(64), nullable=False, unique=True),
        sa.Column("credential_id", sa.LargeBinary, nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("sign_count", sa.BigInteger, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("used_at", sa.BigInteger, nullable=True),
    )
    op.create_table(
        "identities",
        sa.Column("digest", sa.String(64), primary_key=True),
        _owner(),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    _create_job_tables()


def _owner() -> sa.Column[str]:
    key = sa.ForeignKey("people.id", ondelete="CASCADE")
    return sa.Column("person_id", sa.String(32), key, nullable=False, index=True)


def _create_job_tables() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("arguments", sa.Text, nullable=False),
        sa.Column("run_at", sa.BigInteger, nullable=False, index=True),
        sa.Column("attempts", sa.Integer, nullable=False),
    )
    op.create_table(
        "job_runs",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("problem", sa.String(40), nullable=False),
    )
    op.create_table(
        "budgets",
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("level", sa.Float, nullable=False),
        sa.Column("filled_at", sa.Float, nullable=False),
        sa.Column("granted", sa.Integer, nullable=False),
    )
    op.create_table(
        "orphans",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("person_id", sa.String(32), nullable=False, index=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False, index=True),
    )
