"""Whose rows a transaction sees: row-level security on PostgreSQL, which holds even when a query forgets its filter.

A transaction says one word: `EVERYTHING`, `reporter_word(...)` or `partner_word(...)`; without one it sees nothing of what
is a reporter's. Each table says in its `info` whose its rows are. Anything may be inserted: what only inserts stays one
statement.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import MetaData, Table

EVERYTHING = "*"
"""What the installation itself sees: its workers, its commands, the Secretariat."""

NOTHING = ""

_WORD = "(SELECT nullif(current_setting('app.sees', true), ''))"
"""Asked once in a statement, not for every row."""


def reporter_word(reporter: str) -> str:
    """Sees what is a reporter's own."""
    return f"reporter:{reporter}"


def partner_word(partner: str) -> str:
    """Sees what is of a partner's reporters."""
    return f"partner:{partner}"


@dataclass(frozen=True)
class Sight:
    """Who sees a table's rows: a condition in SQL, or all, for a reason."""

    condition: str = ""
    for_all: str = ""


def seen_by_reporter(
    *, reporter: str = "reporter", partner: str | None = "partner", or_everybody: bool = False
) -> dict[str, Any]:
    """The `info` of a table whose rows say in these columns whose they are; of nobody's, all see where it is said so."""
    columns = {"reporter": reporter} | ({"partner": partner} if partner else {})
    mine = [f"{_WORD} = '{word}:' || \"{column}\"" for word, column in columns.items()]
    if or_everybody:
        mine.append(" AND ".join(f'"{column}" IS NULL' for column in columns.values()))
    return _info(Sight(" OR ".join([f"{_WORD} = '{EVERYTHING}'", *mine])))


def seen_with(parent: Table, **columns: str) -> dict[str, Any]:
    """The `info` of a table whose rows are seen with a row of the parent's: its own columns, each with the parent's."""
    same = " AND ".join(f'parent."{theirs}" = {{table}}."{ours}"' for ours, theirs in columns.items())
    # Whoever asks sees of the parent what its own policy shows.
    seen = f"EXISTS (SELECT 1 FROM {_quoted(parent)} parent WHERE {same})"  # noqa: S608 - our own names
    return _info(Sight(f"{_WORD} = '{EVERYTHING}' OR {seen}"))


def seen_by_all(reason: str) -> dict[str, Any]:
    """The `info` of a table whose rows name reporters and which every transaction sees, for this reason."""
    return _info(Sight(for_all=reason))


def sight_of(table: Table) -> Sight | None:
    """Who sees its rows; None where nobody said."""
    sight: Sight | None = table.info.get("sight")
    return sight


def policies(metadata: MetaData, role: str) -> list[str]:
    """The statements that have PostgreSQL hold to it, for the role that is at work in the tables; may be run again."""
    statements = []
    for table in metadata.sorted_tables:
        sight, name = sight_of(table), _quoted(table)
        if sight is None or not sight.condition:
            continue
        condition = sight.condition.format(table=name)
        statements += [
            f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY",
            f"DROP POLICY IF EXISTS seen ON {name}",
            f"CREATE POLICY seen ON {name} TO {role} USING ({condition}) WITH CHECK (true)",
        ]
    return statements


def _info(sight: Sight) -> dict[str, Any]:
    return {"sight": sight}


def _quoted(table: Table) -> str:
    return f'"{table.schema}"."{table.name}"'
