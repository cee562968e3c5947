"""The script that Alembic runs; `annulet.hosted.migrations.upgrade` passes the connection.

Without a connection it writes the statements for PostgreSQL, which a test reads.
"""

from __future__ import annotations

from alembic import context

from annulet.hosted.database.tables import METADATA

if context.is_offline_mode():
    context.configure(dialect_name="postgresql", target_metadata=METADATA)
else:
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=METADATA,
        render_as_batch=True,
    )
with context.begin_transaction():
    context.run_migrations()
