"""Table and queries of carried needs: the dispositions of the previous period's needs."""

from collections.abc import Iterable

from sqlalchemy import Column, Integer, String, Table, Text, select

from services.entry.carry_over.domain import CarriedNeed
from shared.database import Transaction, UtcDateTime, metadata_of, owned_by_reporter

# Rows are only inserted. `period` is the previous one; `submission` has the need's record for the next period.
carried_needs = Table(
    "carried_needs",
    metadata_of("entry"),
    Column("reporter", String(40), primary_key=True),
    Column("pillar", String(10), primary_key=True),
    Column("period", String(9), primary_key=True),
    Column("ref", Text, primary_key=True),
    Column("disposition", String(10), nullable=False),
    Column("into", Text),
    Column("why", Text),
    Column("to_period", String(9), nullable=False),
    Column("submission", String(36)),
    Column("version", Integer),
    Column("decided_by", String(40), nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
    info=owned_by_reporter("reporter", structure="reporter"),
)


def insert_carried_needs(
    tx: Transaction, carried: Iterable[CarriedNeed], *, reporter: str, pillar: str, period: str
) -> None:
    """Insert the dispositions of needs. If a need has one already, the commit raises `RowExists`."""
    mine = {"reporter": reporter, "pillar": pillar, "period": period}
    tx.add(carried_needs, *(mine | vars(each) for each in carried))


def list_carried_needs(tx: Transaction, *, reporter: str, pillar: str, period: str) -> dict[str, CarriedNeed]:
    """Return the dispositions of a reporter's needs of a period, by ref."""
    c = carried_needs.c
    query = select(
        c.ref, c.disposition, c.into, c.why, c.to_period, c.submission, c.version, c.decided_by, c.decided_at
    ).where(c.reporter == reporter, c.pillar == pillar, c.period == period)
    return {row.ref: CarriedNeed(*row) for row in tx.execute(query)}
