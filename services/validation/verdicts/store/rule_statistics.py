"""The outcomes of rules in the current verdicts."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import and_, not_, select

from services.validation.verdicts.store.tables import submissions, verdicts
from shared.database import Transaction

FETCH_SIZE = 200
"""The number of verdicts in memory while all are read."""


def list_current_outcomes(tx: Transaction) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the reporter and the outcomes of each rule of every current verdict."""
    c, v = submissions.c, verdicts.c
    statement = (
        select(v.reporter, v.rules)
        .join(submissions, and_(v.submission == c.submission, v.version == c.judged, v.verdict == c.verdict))
        .where(not_(c.is_withdrawn))
    )
    rows = tx.execute(statement.execution_options(yield_per=FETCH_SIZE))
    yield from ((row["reporter"], row["rules"]) for row in rows.mappings())
