"""Alembic's entry: it is given a connection and a history, and reads no configuration file."""

from alembic import context

from shared.database.migrations import owns

connection = context.config.attributes["connection"]
history = context.config.attributes["history"]
on_sqlite = connection.dialect.name == "sqlite"

context.configure(
    connection=connection,
    target_metadata=history.metadata,
    # SQLite keeps all tables in one file: the schema's name tells whose history it is.
    version_table=f"{history.schema}_migrations" if on_sqlite else "migrations",
    version_table_schema=None if on_sqlite else history.schema,
    include_schemas=True,
    include_name=owns(history.schema),
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
