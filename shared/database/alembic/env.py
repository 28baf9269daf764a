"""Alembic's entry point. It receives a connection and a history, and reads no configuration file."""

from typing import Any

from alembic import context
from alembic.ddl.base import AddColumn, DropColumn, visit_add_column, visit_drop_column
from sqlalchemy.ext.compiler import compiles

from shared.database.migrations import owns, version_table

connection = context.config.attributes["connection"]
history = context.config.attributes["history"]


@compiles(AddColumn, "sqlite")
def _added_without_schema(element: AddColumn, compiler: Any, **options: Any) -> str:
    """Compile ADD COLUMN without a schema: SQLite has none, and the translation does not reach this statement."""
    element.schema = None
    return visit_add_column(element, compiler, **options)


@compiles(DropColumn, "sqlite")
def _dropped_without_schema(element: DropColumn, compiler: Any, **options: Any) -> str:
    """Compile DROP COLUMN without a schema."""
    element.schema = None
    return visit_drop_column(element, compiler, **options)


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
