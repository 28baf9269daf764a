"""Row-level security on PostgreSQL, which holds even when a query forgets its filter.

A transaction names the rows that it reads: `ALL_ROWS`, or those of a reporter or a partner (`rows_of`). Otherwise it reads
no reporter's rows. Each table declares in its `info` which columns name the owner of a row. Any row may be inserted, so
that a transaction of inserts alone stays one statement.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import MetaData, Table

ALL_ROWS = "*"
"""Every row; for workers, commands and the Secretariat."""

NO_ROWS = ""

_WORDS = "(SELECT string_to_array(current_setting('app.sees', true), ' '))::text[]"
"""Evaluated once per statement, not for every row."""


@dataclass(frozen=True)
class RowPolicy:
    """The visibility of a table's rows: a condition in SQL, or none, for a reason."""

    condition: str = ""
    unrestricted_because: str = ""


def rows_of(*, reporter: str | None = None, partner: str | None = None) -> str:
    """Return the setting with which a transaction reads the rows of a reporter, of a partner's reporters, or of both."""
    words = [f"reporter:{reporter}"] if reporter else []
    words += [f"partner:{partner}"] if partner else []
    for word in words:
        if any(map(str.isspace, word)):
            # The part after a space would name further rows.
            raise ValueError(f"{word!r} is not a code")
    return " ".join(words)


def visibility_condition(
    *reporters: str, partner: str | None = None, structure: str | None = None, or_unowned: bool = False
) -> str:
    """Return the SQL condition for rows whose owner is named in these columns; see `owned_by_reporter`."""
    words = {column: f"'reporter:' || \"{column}\"" for column in reporters}
    if partner:
        words[partner] = f"'partner:' || \"{partner}\""
    if structure:
        words[f"partner of {structure}"] = f"'partner:' || split_part(\"{structure}\", '-', 1)"
    conditions = [f"{word} = ANY ({_WORDS})" for word in (f"'{ALL_ROWS}'", *words.values())]
    if or_unowned:
        unowned = " AND ".join(f'"{column}" IS NULL' for column in words)
        conditions.append(f"cardinality({_WORDS}) > 0 AND {unowned}")
    return " OR ".join(conditions)


def owned_by_reporter(
    *reporters: str, partner: str | None = None, structure: str | None = None, or_unowned: bool = False
) -> dict[str, Any]:
    """Return the `info` of a table whose rows name their owner in these columns.

    A partner's coordinator reads the rows that name its partner in the column `partner`, or in the code in the column
    `structure`, since a structure's code begins with its partner's. With `or_unowned`, any reporter reads rows that
    name no owner.
    """
    return {
        "row_policy": RowPolicy(
            visibility_condition(*reporters, partner=partner, structure=structure, or_unowned=or_unowned)
        )
    }


def inherits_policy(parent: Table, **columns: str) -> dict[str, Any]:
    """Return the `info` of a table whose rows are visible with their parent's row; columns map to the parent's."""
    same = " AND ".join(f'parent."{theirs}" = {{table}}."{ours}"' for ours, theirs in columns.items())
    # The parent's own policy applies inside the subquery.
    is_visible = f"EXISTS (SELECT 1 FROM {_quoted(parent)} parent WHERE {same})"  # noqa: S608 - our own names
    return {"row_policy": RowPolicy(f"'{ALL_ROWS}' = ANY ({_WORDS}) OR {is_visible}")}


def unrestricted(reason: str) -> dict[str, Any]:
    """Return the `info` of a table that every transaction reads although its rows name reporters, for a reason."""
    return {"row_policy": RowPolicy(unrestricted_because=reason)}


def policy_of(table: Table) -> RowPolicy | None:
    """Return a table's policy, or None if it declares none."""
    policy: RowPolicy | None = table.info.get("row_policy")
    return policy


def policies(metadata: MetaData, role: str) -> list[str]:
    """Return the statements that enforce the policies for a role. They may be run repeatedly."""
    statements = []
    for table in metadata.sorted_tables:
        policy, name = policy_of(table), _quoted(table)
        if policy is None or policy.unrestricted_because:
            continue
        condition = policy.condition.format(table=name)
        statements += [
            f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY",
            f"DROP POLICY IF EXISTS seen ON {name}",
            f"CREATE POLICY seen ON {name} TO {role} USING ({condition}) WITH CHECK (true)",
        ]
    return statements


def _quoted(table: Table) -> str:
    return f'"{table.schema}"."{table.name}"'
