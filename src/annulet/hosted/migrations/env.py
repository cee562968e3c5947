"""The script that Alembic runs; `annulet.hosted.migrations.upgrade` passes the connection."""

from __future__ import annotations

from alembic import context

from annulet.hosted.database.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
