"""What Alembic runs: the connection comes from `annulet.hosted.migrations.upgrade`."""

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
