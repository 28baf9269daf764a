"""Identities from before refs were compared in one form."""

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Boolean, Column, Integer, MetaData, String, Table, select

from deploy.installation import ROLES, history_of
from services.reporting.figures.store.tables import facts, links
from shared.clock import SystemClock
from shared.database import Database
from shared.database.migrations import _config, _connection, migrate

HISTORIES = [history_of("bus"), history_of("reporting")]
COMPOSED, DECOMPOSED = "AL-WBCTi/need/2025-2026/\u0160-1", "AL-WBCTi/need/2025-2026/S\u030c-1"
CELL = dict.fromkeys(
    ("pillar", "partner", "kind", "theme", "category", "period", "status", "tlp", "currency"), "x"
)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([DECOMPOSED], {COMPOSED}),
        # They were counted as two records, and stay two.
        ([COMPOSED, DECOMPOSED], {COMPOSED, DECOMPOSED}),
    ],
)
def test_former_identities_are_compared_in_one_form_unless_they_fall_together(
    tmp_path: Path, before, after
) -> None:
    url = f"sqlite:///{tmp_path / 'iisgd.sqlite'}"
    migrate(url, HISTORIES[:1], ROLES)
    amounts = dict.fromkeys(("estimated", "committed", "spent"), 1)
    about = {"generation": 1, "rank": 0, "in_force": True}
    claims = [
        {**about, "identity": each, "submission": f"s{number}", **CELL, **amounts}
        for number, each in enumerate(before)
    ]
    link = {**about, "identity": "r", "submission": "r", "kind": "response", "target": DECOMPOSED, "tlp": "x"}
    with _connection(url) as connection:
        command.upgrade(_config(HISTORIES[1], connection), "0003")
        connection.execute(table_of("facts", claims[0]).insert(), claims)
        connection.execute(table_of("links", link).insert(), [link])
    migrate(url, HISTORIES, ROLES)
    database = Database(url, "reporting", clock=SystemClock())
    with database.read() as tx:
        assert set(tx.execute(select(facts.c.identity)).scalars()) == after
        assert tx.execute(select(links.c.target)).scalar() == (DECOMPOSED if len(after) > 1 else COMPOSED)
    database.dispose()


def table_of(name: str, row: dict) -> Table:
    types = {bool: Boolean, int: Integer, str: String}
    return Table(
        name, MetaData(schema="reporting"), *(Column(each, types[type(value)]) for each, value in row.items())
    )
