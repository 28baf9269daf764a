"""What rules found in the verdicts that stand, and how often it was excused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, not_, select

from services.validation.verdicts.store.tables import submissions, verdicts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shared.database import Transaction

AT_ONCE = 200
"""Verdicts that are held at once while all are read."""


def standing_outcomes(tx: Transaction) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Of every verdict that stands: the reporter, and the outcomes of each rule."""
    c, v = submissions.c, verdicts.c
    statement = (
        select(v.reporter, v.rules)
        .join(submissions, and_(v.submission == c.submission, v.version == c.judged, v.verdict == c.verdict))
        .where(not_(c.is_withdrawn))
    )
    rows = tx.execute(statement.execution_options(yield_per=AT_ONCE))
    yield from ((row["reporter"], row["rules"]) for row in rows.mappings())
