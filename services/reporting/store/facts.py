"""Facts and links: who holds which record, and the kept figures that follow. Folds call this in turn."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from itertools import groupby, islice
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from services.reporting.domain.cube import Figures
from services.reporting.domain.facts import Entry, Fact
from services.reporting.domain.succession import Copy, succession
from services.reporting.store.tables import aggregates, facts, links
from shared.database import Transaction

CHUNK = 1_000
"""Values in one IN list: SQLite takes 32,766 of them, PostgreSQL 65,535."""

Held = Mapping[str, Sequence[Entry]]
"""Submission -> the entries it holds: none where it was returned or withdrawn."""

_copy = (
    facts.c.identity,
    facts.c.submission,
    facts.c.in_force,
    facts.c.rank,
    *(facts.c[field.name] for field in fields(Fact)),
)
_start_of_fact = len(_copy) - len(fields(Fact))

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


def hold(tx: Transaction, generation: int, held: Held) -> None:
    """Let submissions that never held anything hold these entries, and let the figures follow."""
    _fold(tx, generation, held, leaving=[])


def hold_instead(tx: Transaction, generation: int, held: Held) -> None:
    """Let each of these submissions hold exactly these entries in place of what it held."""
    leaving = [copy for chunk in _chunks(held) for copy in _take_out(tx, generation, chunk)]
    _fold(tx, generation, held, leaving=leaving)


def _fold(tx: Transaction, generation: int, held: Held, *, leaving: list[Copy]) -> None:
    coming = [
        Copy(entry.identity, submission, entry.facts)
        for submission, entries in held.items()
        for entry in entries
    ]
    touched = {copy.identity for copy in (*leaving, *coming)}
    staying = [
        copy
        for chunk in _chunks(sorted(touched))
        for copy in _copies_of(tx, generation, chunk)
        if copy.submission not in held
    ]
    change = succession(leaving=leaving, coming=coming, staying=staying)
    _insert(tx, generation, held, change.in_force)
    _set_in_force(tx, generation, change.risen, change.fallen)
    _add_figures(tx, generation, change.figures)


def _take_out(tx: Transaction, generation: int, submissions: Sequence[str]) -> list[Copy]:
    tx.execute(delete(links).where(links.c.generation == generation, links.c.submission.in_(submissions)))
    statement = delete(facts).where(facts.c.generation == generation, facts.c.submission.in_(submissions))
    return _copies(tx.execute(statement.returning(*_copy)))


def _copies_of(tx: Transaction, generation: int, identities: Sequence[str]) -> list[Copy]:
    chosen = (facts.c.generation == generation) & facts.c.identity.in_(identities)
    return _copies(tx.execute(select(*_copy).where(chosen)))


def _copies(rows: Iterable[Sequence[Any]]) -> list[Copy]:
    names = [field.name for field in fields(Fact)]
    copies = []
    for (identity, submission, in_force), theirs in groupby(
        sorted(map(tuple, rows), key=lambda row: row[:_start_of_fact]), key=lambda row: row[:3]
    ):
        parts = tuple(Fact(**dict(zip(names, row[_start_of_fact:], strict=True))) for row in theirs)
        copies.append(Copy(identity, submission, parts, in_force))
    return copies


def _insert(tx: Transaction, generation: int, held: Held, in_force: frozenset[tuple[str, str]]) -> None:
    for table, part in ((facts, "facts"), (links, "links")):
        rows = [
            {
                "generation": generation,
                "identity": entry.identity,
                "submission": submission,
                "rank": rank,
                "in_force": (entry.identity, submission) in in_force,
                **asdict(item),
            }
            for submission, entries in held.items()
            for entry in entries
            for rank, item in enumerate(getattr(entry, part))
        ]
        tx.add(table, *rows)


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
    rows = [
        {"generation": generation, **cell._asdict(), **figure._asdict()}
        for cell, figure in sorted(figures.items())
    ]
    if not rows:
        return
    statement = (postgresql if tx.is_postgresql else sqlite).insert(aggregates)
    added = {
        name: aggregates.c[name] + statement.excluded[name]
        for name in ("records", "estimated", "committed", "spent")
    }
    key = [column.name for column in aggregates.primary_key]
    tx.execute(statement.on_conflict_do_update(index_elements=key, set_=added), rows)


def _chunks(values: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(values)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk
