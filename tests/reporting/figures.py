"""What the tables say, and what they ought to say by the plainest reading of the rules."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete, select

from services.reporting.domain.cube import NOTHING, Cell, Figure, contribution
from services.reporting.domain.facts import entries_of
from services.reporting.store import generations, metadata
from services.reporting.store.tables import aggregates, facts, links
from shared.events import Event, SubmissionAccepted
from shared.resources import Runtime

Kept = dict[Cell, Figure]


def empty(runtime: Runtime) -> None:
    with runtime.database.begin() as tx:
        for table in metadata.sorted_tables:
            tx.execute(delete(table))


def kept(runtime: Runtime) -> Kept:
    """The figures of the generation that is read, without those that came to nothing."""
    columns = [aggregates.c[name] for name in (*Cell._fields, *Figure._fields)]
    with runtime.database.read() as tx:
        active = generations.read(tx).active
        rows = list(tx.execute(select(*columns).where(aggregates.c.generation == active)))
    size = len(Cell._fields)
    found = {Cell(*row[:size]): Figure(*row[size:]) for row in map(tuple, rows)}
    return {cell: figure for cell, figure in found.items() if figure != NOTHING}


def held(runtime: Runtime) -> dict[str, list[tuple[Any, ...]]]:
    """All facts and links of the generation that is read."""
    found = {}
    with runtime.database.read() as tx:
        active = generations.read(tx).active
        for table in (facts, links):
            columns = [column for column in table.c if column.name != "generation"]
            rows = tx.execute(select(*columns).where(table.c.generation == active))
            found[table.name] = sorted(map(tuple, rows), key=repr)
    return found


def expected(bodies: dict[str, dict[str, Any]], events: Iterable[Event]) -> Kept:
    """Figures by the rules alone: the highest verdict of each submission, then the latest copy of each record."""
    highest: dict[str, Any] = {}
    for event in events:
        before = highest.get(event.submission)
        if before is None or _order(event) > _order(before):
            highest[event.submission] = event
    in_force = {}
    for submission in sorted(highest):
        if isinstance(highest[submission], SubmissionAccepted):
            for entry in entries_of(bodies[highest[submission].body]):
                in_force[entry.identity] = entry
    total: Kept = {}
    for entry in in_force.values():
        for cell, figure in contribution(entry.facts).items():
            total[cell] = total.get(cell, NOTHING).plus(figure)
    return {cell: figure for cell, figure in total.items() if figure != NOTHING}


def _order(event: Any) -> tuple[int, int]:
    return event.version, getattr(event, "verdict", 0)
