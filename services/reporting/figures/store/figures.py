"""Queries for figures: from the stored aggregates, or by counting facts where no stored figure answers."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, func, or_, select

from services.reporting.figures.domain.cube import MANY_VALUED, MEASURES, Figure
from services.reporting.figures.domain.money import ANY
from services.reporting.figures.domain.queries import FigureGroup, FigureGroups, FigureQuery
from services.reporting.figures.store.tables import aggregates, facts
from shared.database import Transaction


def query(tx: Transaction, generation: int, wanted: FigureQuery) -> FigureGroups:
    """Run a query for figures; the keys of the result are in the order of `group_by`."""
    if wanted.must_count_facts:
        return _from_facts(tx, generation, wanted)
    return _from_aggregates(tx, generation, wanted)


def _from_aggregates(tx: Transaction, generation: int, wanted: FigureQuery) -> FigureGroups:
    keys = [aggregates.c[key] for key in wanted.group_by]
    statement = (
        select(*keys, aggregates.c.currency, func.sum(aggregates.c.records), *_sums(aggregates))
        .where(*_conditions(aggregates, generation, wanted))
        .where(*(_counted_once(wanted, key) for key in MANY_VALUED))
        .group_by(*keys, aggregates.c.currency)
    )
    groups: FigureGroups = defaultdict(FigureGroup)
    for row in tx.execute(statement):
        _add(groups[tuple(row[: len(keys)])], *row[len(keys) :])
    return _without_empty(groups)


def _counted_once(wanted: FigureQuery, key: str) -> ColumnElement[bool]:
    """Match only the rows of the level at which a record counts once in each group."""
    column = aggregates.c[key]
    if key in wanted.group_by or wanted.filters.get(key):
        return column != ANY
    return or_(aggregates.c.kind != "support", column == ANY)


def _from_facts(tx: Transaction, generation: int, wanted: FigureQuery) -> FigureGroups:
    keys = [facts.c[key] for key in wanted.group_by]
    chosen = [*_conditions(facts, generation, wanted), facts.c.in_force]
    distinct = select(*keys, func.count(facts.c.identity.distinct())).where(*chosen).group_by(*keys)
    amounts = select(*keys, facts.c.currency, *_sums(facts)).where(*chosen).group_by(*keys, facts.c.currency)
    groups: FigureGroups = defaultdict(FigureGroup)
    for row in tx.execute(distinct):
        _add(groups[tuple(row[: len(keys)])], "", row[-1], 0, 0, 0)
    for row in tx.execute(amounts):
        _add(groups[tuple(row[: len(keys)])], row[len(keys)], 0, *row[len(keys) + 1 :])
    return _without_empty(groups)


def _conditions(table: Table, generation: int, wanted: FigureQuery) -> list[ColumnElement[bool]]:
    return [
        table.c.generation == generation,
        table.c.tlp.in_(sorted(wanted.markings)),
        *(table.c[key].in_(sorted(values)) for key, values in wanted.filters.items() if values),
    ]


def _sums(table: Table) -> Sequence[ColumnElement[Any]]:
    return [func.sum(table.c[name]) for name in MEASURES]


def _add(group: FigureGroup, currency: str, *values: Any) -> None:
    # PostgreSQL sums bigints to numeric.
    figure = Figure(*(int(value or 0) for value in values))
    group.records += figure.records
    if currency and any(figure[1:]):
        group.amounts[currency] = figure._replace(records=0)


def _without_empty(groups: FigureGroups) -> FigureGroups:
    return {key: group for key, group in groups.items() if group.records}
