"""Append-only tables. Triggers refuse changes, even by the owner, and the grants do not allow them."""

from collections.abc import Sequence

from sqlalchemy import Connection, MetaData, Table

APPEND_ONLY = {"append_only": True}
"""The `info` of an append-only table."""


def append_only_tables(metadata: MetaData) -> list[Table]:
    """Return the append-only tables of a schema."""
    return [table for table in metadata.sorted_tables if table.info.get("append_only")]


def refuse_changes(connection: Connection, *, schema: str, tables: Sequence[str]) -> None:
    """Create the triggers that refuse updates and deletes, even by the owner; for migrations."""
    is_sqlite = connection.dialect.name == "sqlite"
    if not is_sqlite:
        connection.exec_driver_sql(_FUNCTION.format(schema=schema))
    for table in tables:
        for trigger in _ON_SQLITE if is_sqlite else _ON_POSTGRESQL:
            connection.exec_driver_sql(trigger.format(schema=schema, table=table))


_FUNCTION = """
CREATE FUNCTION "{schema}".refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = 'rows of ' || TG_TABLE_NAME || ' are only added', ERRCODE = '42501';
END $$
"""
_ON_POSTGRESQL = (
    """
    CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON "{schema}"."{table}"
    FOR EACH ROW EXECUTE FUNCTION "{schema}".refuse_change()
    """,
    """
    CREATE TRIGGER refuse_truncation BEFORE TRUNCATE ON "{schema}"."{table}"
    FOR EACH STATEMENT EXECUTE FUNCTION "{schema}".refuse_change()
    """,
)
_ON_SQLITE = tuple(
    f"CREATE TRIGGER {{table}}_refuses_{verb} BEFORE {verb} ON {{table}} "
    "BEGIN SELECT RAISE(ABORT, 'rows of {table} are only added'); END"
    for verb in ("update", "delete")
)
