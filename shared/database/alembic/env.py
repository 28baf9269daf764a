"""Alembic's entry: it is given a connection and a history, and reads no configuration file."""

from alembic import context

from shared.database.migrations import owns, version_table

connection = context.config.attributes["connection"]
history = context.config.attributes["history"]

context.configure(
    connection=connection,
    target_metadata=history.metadata,
    **version_table(history.schema, connection),
    include_schemas=True,
    include_name=owns(history.schema),
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
