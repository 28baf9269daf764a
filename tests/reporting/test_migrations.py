"""Identities from before refs were compared in one form."""

from pathlib import Path

import pytest
from sqlalchemy import select

from services.reporting.figures.store.tables import facts, links
from shared.clock import SystemClock
from shared.database import Database
from tests.former_databases import fill_former, migrate_fully

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
    amounts = dict.fromkeys(("estimated", "committed", "spent"), 1)
    about = {"generation": 1, "rank": 0, "in_force": True}
    claims = [
        {**about, "identity": each, "submission": f"s{number}", **CELL, **amounts}
        for number, each in enumerate(before)
    ]
    link = {**about, "identity": "r", "submission": "r", "kind": "response", "target": DECOMPOSED, "tlp": "x"}
    fill_former(url, service="reporting", revision="0003", rows_of={"facts": claims, "links": [link]})
    migrate_fully(url, service="reporting")
    database = Database(url, "reporting", clock=SystemClock())
    with database.read() as tx:
        assert set(tx.execute(select(facts.c.identity)).scalars()) == after
        assert tx.execute(select(links.c.target)).scalar() == (DECOMPOSED if len(after) > 1 else COMPOSED)
    database.dispose()
