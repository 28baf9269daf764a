"""Facts and links: who holds which record, and the kept figures that follow. Folds call this in turn."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from itertools import groupby, islice
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from services.reporting.figures.domain.contributions import Holding
from services.reporting.figures.domain.cube import Cell, Figure, Figures, contribution, total
from services.reporting.figures.domain.facts import Entry, Fact, Link
from services.reporting.figures.domain.precedence import Copy, succession
from services.reporting.figures.store.tables import aggregates, facts, links
from shared.database import Transaction

CHUNK = 1_000
"""Values in one IN list: SQLite takes 32,766 of them, PostgreSQL 65,535."""

Held = Mapping[str, Sequence[Entry]]
"""Submission -> the entries it holds: none where it was returned or withdrawn."""

_fact_names = tuple(field.name for field in fields(Fact))
_link_names = tuple(field.name for field in fields(Link))
_copy = (
    facts.c.identity,
    facts.c.submission,
    facts.c.in_force,
    facts.c.rank,
    *(facts.c[name] for name in _fact_names),
)
_start_of_fact = len(_copy) - len(_fact_names)

# Statements are composed once: composing them costs as much as running them.
_copies_by_identity = select(*_copy).where(
    facts.c.generation == bindparam("at_generation"),
    facts.c.identity.in_(bindparam("identities", expanding=True)),
    facts.c.submission != bindparam("apart_from"),
)
_in_force_updates = tuple(
    update(table)
    .where(
        table.c.generation == bindparam("at_generation"),
        table.c.identity == bindparam("at_identity"),
        table.c.submission == bindparam("at_submission"),
    )
    .values(in_force=bindparam("in_force"))
    for table in (facts, links)
)


def _addition(statement: postgresql.Insert | sqlite.Insert) -> postgresql.Insert | sqlite.Insert:
    added = {name: aggregates.c[name] + statement.excluded[name] for name in Figure._fields}
    key = [column.name for column in aggregates.primary_key]
    return statement.on_conflict_do_update(index_elements=key, set_=added)


_figure_names = ("generation", *Cell._fields, *Figure._fields)
_figure_arrays = [bindparam(name, type_=postgresql.ARRAY(aggregates.c[name].type)) for name in _figure_names]
_figure_rows = func.unnest(*_figure_arrays).table_valued(*_figure_names).render_derived("coming")

# PostgreSQL takes all rows as one statement, a column an array: a support touches dozens of figures.
_addition_on_postgresql = _addition(
    postgresql.insert(aggregates).from_select(_figure_names, select(*_figure_rows.c))
)
_addition_on_sqlite = _addition(sqlite.insert(aggregates))


def lay_out(tx: Transaction, generation: int, submission: str, holding: Holding) -> None:
    """Insert what a submission is about to hold for the first time, before its turn: meanwhile others have theirs."""
    for at in range(0, len(holding.entries), CHUNK):
        _insert(tx, generation, {submission: holding.entries[at : at + CHUNK]}, outdone=frozenset())
        tx.flush()


def hold(tx: Transaction, generation: int, submission: str, holding: Holding, *, is_laid_out: bool) -> None:
    """Let a submission that held nothing hold these entries, and let the figures follow.

    What nobody else has a copy of is in force, and was added up before: a turn takes no longer for a hundred thousand
    records than it must.
    """
    identities = sorted(entry.identity for entry in holding.entries)
    staying = [
        copy
        for chunk in _chunks(identities)
        for copy in _copies_of(tx, generation, chunk, apart_from=submission)
    ]
    coming = holding.copies(submission, {copy.identity for copy in staying})
    change = succession(leaving=[], coming=coming, staying=staying)
    outdone = frozenset((copy.identity, submission) for copy in coming) - change.in_force
    apart = total(contribution(copy.facts) for copy in coming)
    _add_figures(tx, generation, total((holding.figures, change.figures), less=apart))
    _set_in_force(tx, generation, change.risen, (*change.fallen, *(outdone if is_laid_out else ())))
    if not is_laid_out:
        # Last, since inserts wait: these leave with what the caller adds, in one statement.
        _insert(tx, generation, {submission: holding.entries}, outdone)


def hold_instead(tx: Transaction, generation: int, held: Held) -> None:
    """Let each of these submissions hold exactly these entries in place of what it held."""
    leaving = [copy for chunk in _chunks(held) for copy in _take_out(tx, generation, chunk)]
    coming = [
        Copy(entry.identity, submission, entry.facts)
        for submission, entries in held.items()
        for entry in entries
    ]
    touched = {copy.identity for copy in (*leaving, *coming)}
    staying = [copy for chunk in _chunks(sorted(touched)) for copy in _copies_of(tx, generation, chunk)]
    change = succession(leaving=leaving, coming=coming, staying=staying)
    _set_in_force(tx, generation, change.risen, change.fallen)
    _add_figures(tx, generation, change.figures)
    outdone = frozenset((copy.identity, copy.submission) for copy in coming) - change.in_force
    _insert(tx, generation, held, outdone)


def _take_out(tx: Transaction, generation: int, submissions: Sequence[str]) -> list[Copy]:
    tx.execute(delete(links).where(links.c.generation == generation, links.c.submission.in_(submissions)))
    statement = delete(facts).where(facts.c.generation == generation, facts.c.submission.in_(submissions))
    return _copies(tx.execute(statement.returning(*_copy)))


def _copies_of(
    tx: Transaction, generation: int, identities: Sequence[str], *, apart_from: str = ""
) -> list[Copy]:
    asked = {"at_generation": generation, "identities": identities, "apart_from": apart_from}
    return _copies(tx.execute(_copies_by_identity, asked))


def _copies(rows: Iterable[Sequence[Any]]) -> list[Copy]:
    copies = []
    in_order = sorted(map(tuple, rows), key=lambda row: row[:_start_of_fact])
    for (identity, submission, in_force), theirs in groupby(in_order, key=lambda row: row[:3]):
        parts = tuple(Fact(**dict(zip(_fact_names, row[_start_of_fact:], strict=True))) for row in theirs)
        copies.append(Copy(identity, submission, parts, in_force))
    return copies


def _insert(tx: Transaction, generation: int, held: Held, outdone: frozenset[tuple[str, str]]) -> None:
    facts_rows: list[dict[str, Any]] = []
    links_rows: list[dict[str, Any]] = []
    for submission, entries in held.items():
        for entry in entries:
            row = {
                "generation": generation,
                "identity": entry.identity,
                "submission": submission,
                "in_force": (entry.identity, submission) not in outdone,
            }
            facts_rows += _numbered(row, entry.facts, _fact_names)
            links_rows += _numbered(row, entry.links, _link_names)
    tx.add(facts, *facts_rows)
    tx.add(links, *links_rows)


def _numbered(
    row: Mapping[str, Any], items: Iterable[Fact | Link], names: Sequence[str]
) -> list[dict[str, Any]]:
    return [
        {**row, "rank": rank, **{name: getattr(item, name) for name in names}}
        for rank, item in enumerate(items)
    ]


def _set_in_force(
    tx: Transaction,
    generation: int,
    risen: Iterable[tuple[str, str]],
    fallen: Iterable[tuple[str, str]],
) -> None:
    rows = [
        {
            "at_generation": generation,
            "at_identity": identity,
            "at_submission": submission,
            "in_force": in_force,
        }
        for in_force, copies in ((True, risen), (False, fallen))
        for identity, submission in copies
    ]
    if rows:
        for statement in _in_force_updates:
            tx.execute(statement, rows)


def _add_figures(tx: Transaction, generation: int, figures: Figures) -> None:
    """Put each touched figure in place of the former one, which is the former plus the change.

    Adding is exact, since cents are integers and folds take turns; counting all facts of a coarse figure again
    would cost more with every record ever accepted. A figure that comes to nothing stays as a row of zeros.
    """
    rows = [(generation, *cell, *figure) for cell, figure in sorted(figures.items())]
    if not rows:
        return
    if tx.is_postgresql:
        columns = map(list, zip(*rows, strict=True))
        tx.execute(_addition_on_postgresql, dict(zip(_figure_names, columns, strict=True)))
    else:
        tx.execute(_addition_on_sqlite, [dict(zip(_figure_names, row, strict=True)) for row in rows])


def _chunks(values: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(values)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk
