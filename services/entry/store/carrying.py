"""What became of the needs of a former period."""

from collections.abc import Iterable

from sqlalchemy import select

from services.entry.domain.carrying import Carried
from services.entry.store.tables import carried_needs
from shared.database import Transaction


def add_carried(
    tx: Transaction, carried: Iterable[Carried], *, reporter: str, pillar: str, period: str
) -> None:
    """Keep what became of needs of a period; the commit raises `RowExists` where one was disposed of before."""
    mine = {"reporter": reporter, "pillar": pillar, "period": period}
    tx.add(carried_needs, *(mine | vars(each) for each in carried))


def carried_of(tx: Transaction, *, reporter: str, pillar: str, period: str) -> dict[str, Carried]:
    """What was said of a reporter's needs of a period, by ref."""
    c = carried_needs.c
    asked = select(
        c.ref, c.disposition, c.into, c.why, c.to_period, c.submission, c.version, c.decided_by, c.decided_at
    ).where(c.reporter == reporter, c.pillar == pillar, c.period == period)
    return {row.ref: Carried(*row) for row in tx.execute(asked)}
