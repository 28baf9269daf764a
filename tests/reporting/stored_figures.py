"""Stored figures, and the figures expected by the plainest reading of the rules."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete, select

from services.reporting.figures.domain.cube import NOTHING, Cell, Figure, figures_of
from services.reporting.figures.domain.facts import entries_of
from services.reporting.figures.domain.visibility import Reader
from services.reporting.figures.operations import querying
from services.reporting.figures.store import generations
from services.reporting.figures.store.tables import aggregates, facts, links, metadata
from shared.events import Event, SubmissionAccepted
from shared.resources import Runtime

Kept = dict[Cell, Figure]


def empty(runtime: Runtime) -> None:
    with runtime.database.begin() as tx:
        for table in metadata.sorted_tables:
            tx.execute(delete(table))


def kept(runtime: Runtime) -> Kept:
    """Return the figures of the active generation, without zeros."""
    columns = [aggregates.c[name] for name in (*Cell._fields, *Figure._fields)]
    with runtime.database.read() as tx:
        active = generations.get(tx).active
        rows = list(tx.execute(select(*columns).where(aggregates.c.generation == active)))
    size = len(Cell._fields)
    found = {Cell(*row[:size]): Figure(*row[size:]) for row in map(tuple, rows)}
    return {cell: figure for cell, figure in found.items() if figure != NOTHING}


def held(runtime: Runtime) -> dict[str, list[tuple[Any, ...]]]:
    """Return all facts and links of the active generation."""
    found = {}
    with runtime.database.read() as tx:
        active = generations.get(tx).active
        for table in (facts, links):
            columns = [column for column in table.c if column.name != "generation"]
            rows = tx.execute(select(*columns).where(table.c.generation == active))
            found[table.name] = sorted(map(tuple, rows), key=repr)
    return found


def expected(bodies: dict[str, dict[str, Any]], events: Iterable[Event]) -> Kept:
    """Count by the rules alone: the highest verdict of each submission, then the latest claim to each record."""
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
        for cell, figure in figures_of(entry.facts).items():
            total[cell] = total.get(cell, NOTHING).plus(figure)
    return {cell: figure for cell, figure in total.items() if figure != NOTHING}


def _order(event: Any) -> tuple[int, int]:
    return event.version, getattr(event, "verdict", 0)


ANALYST = Reader("analyst")


def total(runtime, kind, **filters):
    with runtime.database.read() as tx:
        return querying.read_aggregates(tx, reader=ANALYST, filters={"kind": [kind], **filters}, group_by=())[
            "total"
        ]
