"""Whose rows a transaction sees: row-level security on PostgreSQL, which holds even when a query forgets its filter.

A transaction says words: `EVERYTHING`, or whose rows it is for; without one it sees nothing of what is a reporter's. Each
table says in its `info` whose its rows are. Anything may be inserted, so that what only inserts stays one statement.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import MetaData, Table

ALL_ROWS = "*"
"""What the installation itself sees: its workers, its commands, the Secretariat."""

NO_ROWS = ""

_WORDS = "(SELECT string_to_array(current_setting('app.sees', true), ' '))::text[]"
"""Asked once in a statement, not for every row."""


@dataclass(frozen=True)
class RowPolicy:
    """Who sees a table's rows: a condition in SQL, or all, for a reason."""

    condition: str = ""
    for_all: str = ""


def rows_of(*, reporter: str | None = None, partner: str | None = None) -> str:
    """The words of who sees a reporter's rows, or those of all of a partner's reporters, or both."""
    words = [f"reporter:{reporter}"] if reporter else []
    words += [f"partner:{partner}"] if partner else []
    for word in words:
        if any(map(str.isspace, word)):
            # What comes after a space would be a word of its own.
            raise ValueError(f"{word!r} is no code")
    return " ".join(words)


def visibility_condition(
    *reporters: str, partner: str | None = None, structure: str | None = None, or_unowned: bool = False
) -> str:
    """The condition for a row that says in these columns whose it is; see `seen_by_reporter`."""
    words = {column: f"'reporter:' || \"{column}\"" for column in reporters}
    if partner:
        words[partner] = f"'partner:' || \"{partner}\""
    if structure:
        words[f"partner of {structure}"] = f"'partner:' || split_part(\"{structure}\", '-', 1)"
    conditions = [f"{word} = ANY ({_WORDS})" for word in (f"'{ALL_ROWS}'", *words.values())]
    if or_unowned:
        nobodys = " AND ".join(f'"{column}" IS NULL' for column in words)
        conditions.append(f"cardinality({_WORDS}) > 0 AND {nobodys}")
    return " OR ".join(conditions)


def owned_by_reporter(
    *reporters: str, partner: str | None = None, structure: str | None = None, or_unowned: bool = False
) -> dict[str, Any]:
    """The `info` of a table whose rows say in these columns whose they are.

    A partner's coordinator sees those with its partner in `partner`, or in the code that stands in `structure`, since a
    structure's begins with its partner's. What is nobody's is everybody's where it is said so.
    """
    return {
        "sight": RowPolicy(
            visibility_condition(*reporters, partner=partner, structure=structure, or_unowned=or_unowned)
        )
    }


def inherits_policy(parent: Table, **columns: str) -> dict[str, Any]:
    """The `info` of a table whose rows are seen with a row of the parent's: its own columns, each with the parent's."""
    same = " AND ".join(f'parent."{theirs}" = {{table}}."{ours}"' for ours, theirs in columns.items())
    # Whoever asks sees of the parent what its own policy shows.
    is_seen = f"EXISTS (SELECT 1 FROM {_quoted(parent)} parent WHERE {same})"  # noqa: S608 - our own names
    return {"sight": RowPolicy(f"'{ALL_ROWS}' = ANY ({_WORDS}) OR {is_seen}")}


def unrestricted(reason: str) -> dict[str, Any]:
    """The `info` of a table whose rows name reporters and which every transaction sees, for this reason."""
    return {"sight": RowPolicy(for_all=reason)}


def policy_of(table: Table) -> RowPolicy | None:
    """Who sees its rows; None where nobody said."""
    sight: RowPolicy | None = table.info.get("sight")
    return sight


def policies(metadata: MetaData, role: str) -> list[str]:
    """The statements that have PostgreSQL hold to it, for the role that is at work in the tables; may be run again."""
    statements = []
    for table in metadata.sorted_tables:
        sight, name = policy_of(table), _quoted(table)
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


def _quoted(table: Table) -> str:
    return f'"{table.schema}"."{table.name}"'
