"""Format 3: the audit log in monthly partitions, with identifiers of 64 bits.

On PostgreSQL the entries go to a new table, which `annulet.hosted.migrations.audit_copy` fills
before this revision runs. What was the table is a view of it from then on, with the columns it had,
so a replica of format 2 reads and writes the same entries. The view goes with a later format.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from annulet.hosted.migrations import audit_copy

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

READABLE_FROM = 2
PREPARATION = (*audit_copy.CREATE, *audit_copy.FOLLOW)
prepare = audit_copy.prepare
finish = audit_copy.finish

SWITCH = (
    "DROP TRIGGER copy_audit ON audit",
    "DROP FUNCTION copy_audit()",
    "ALTER TABLE audit RENAME TO audit_copied",
    "ALTER SEQUENCE audit_id_seq OWNED BY audit_entries.id",
    # an identifier beyond 32 bits would be an error for a replica of format 2
    """\
CREATE VIEW audit AS SELECT id::integer AS id, at, person_id, action, actor, client, endpoint_id,
tool, status, bytes, milliseconds FROM audit_entries""",
)


def upgrade() -> None:
    """Let the new table take over."""
    if op.get_context().dialect.name == "postgresql":
        for statement in SWITCH:
            op.execute(statement)
    else:
        _move_on_sqlite()


def _move_on_sqlite() -> None:
    """Copy the entries, while no service runs."""
    key = sa.ForeignKey("people.id", ondelete="CASCADE")
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("person_id", sa.String(32), key, nullable=True),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("actor", sa.String(120), nullable=False),
        sa.Column("client", sa.String(120), nullable=False),
        sa.Column("endpoint_id", sa.String(32), nullable=False),
        sa.Column("tool", sa.String(64), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("bytes", sa.Integer, nullable=False),
        sa.Column("milliseconds", sa.Integer, nullable=False),
    )
    names = audit_copy.COLUMNS
    op.execute(f"INSERT INTO audit_entries ({names}) SELECT {names} FROM audit")  # noqa: S608 - names of this package
    op.drop_table("audit")
    op.create_index("ix_audit_entries_at", "audit_entries", ["at", "id"])
    op.create_index("ix_audit_entries_person_id", "audit_entries", ["person_id", "at", "id"])
    source = sa.text("substr(action, 1, 3)")
    op.create_index("ix_audit_entries_source", "audit_entries", [source, "at", "id"])
