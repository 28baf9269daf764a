"""Reading figures: from the kept aggregates, or by counting facts where no kept row answers."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Table, func, or_, select

from services.reporting.figures.domain.cube import MANY_VALUED, MEASURES, Figure
from services.reporting.figures.domain.money import ANY
from services.reporting.figures.store.tables import aggregates, facts
from shared.database import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked. `filters`: key -> values, any of which will do; `markings`: those that may be counted."""

    group_by: tuple[str, ...] = ()
    filters: Mapping[str, Collection[str]] = field(default_factory=dict)
    markings: Collection[str]

    @property
    def must_count_facts(self) -> bool:
        """Whether a record may stand in several of the kept rows that would be added up."""
        return any(len(self.filters.get(key, ())) > 1 and key not in self.group_by for key in MANY_VALUED)


@dataclass(slots=True)
class Group:
    """Distinct records, and the cents of each currency."""

    records: int = 0
    amounts: dict[str, Figure] = field(default_factory=dict)


Groups = dict[tuple[str, ...], Group]


def ask(tx: Transaction, generation: int, question: Question) -> Groups:
    """Answer a question about figures; the keys of the result are in the order of `group_by`."""
    if question.must_count_facts:
        return _from_facts(tx, generation, question)
    return _from_aggregates(tx, generation, question)


def _from_aggregates(tx: Transaction, generation: int, question: Question) -> Groups:
    keys = [aggregates.c[key] for key in question.group_by]
    statement = (
        select(*keys, aggregates.c.currency, func.sum(aggregates.c.records), *_sums(aggregates))
        .where(*_chosen(aggregates, generation, question))
        .where(*(_counted_once(question, key) for key in MANY_VALUED))
        .group_by(*keys, aggregates.c.currency)
    )
    groups: Groups = defaultdict(Group)
    for row in tx.execute(statement):
        _add(groups[tuple(row[: len(keys)])], *row[len(keys) :])
    return _without_empty(groups)


def _counted_once(question: Question, key: str) -> ColumnElement[bool]:
    """Only rows of the level at which a record stands once in each group."""
    column = aggregates.c[key]
    if key in question.group_by or question.filters.get(key):
        return column != ANY
    return or_(aggregates.c.kind != "support", column == ANY)


def _from_facts(tx: Transaction, generation: int, question: Question) -> Groups:
    keys = [facts.c[key] for key in question.group_by]
    chosen = [*_chosen(facts, generation, question), facts.c.in_force]
    distinct = select(*keys, func.count(facts.c.identity.distinct())).where(*chosen).group_by(*keys)
    amounts = select(*keys, facts.c.currency, *_sums(facts)).where(*chosen).group_by(*keys, facts.c.currency)
    groups: Groups = defaultdict(Group)
    for row in tx.execute(distinct):
        _add(groups[tuple(row[: len(keys)])], "", row[-1], 0, 0, 0)
    for row in tx.execute(amounts):
        _add(groups[tuple(row[: len(keys)])], row[len(keys)], 0, *row[len(keys) + 1 :])
    return _without_empty(groups)


def _chosen(table: Table, generation: int, question: Question) -> list[ColumnElement[bool]]:
    return [
        table.c.generation == generation,
        table.c.tlp.in_(sorted(question.markings)),
        *(table.c[key].in_(sorted(values)) for key, values in question.filters.items() if values),
    ]


def _sums(table: Table) -> Sequence[ColumnElement[Any]]:
    return [func.sum(table.c[name]) for name in MEASURES]


def _add(group: Group, currency: str, *values: Any) -> None:
    # PostgreSQL sums bigints to numeric.
    figure = Figure(*(int(value or 0) for value in values))
    group.records += figure.records
    if currency and any(figure[1:]):
        group.amounts[currency] = figure._replace(records=0)


def _without_empty(groups: Groups) -> Groups:
    return {key: group for key, group in groups.items() if group.records}
