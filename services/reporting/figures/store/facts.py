"""Facts and links of the contributions, and the aggregates that follow from them. The caller holds the lock."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from typing import Any

from sqlalchemy import String, Text, and_, any_, bindparam, cast, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from services.reporting.figures.domain.contributions import Contribution, Counting
from services.reporting.figures.domain.cube import Cell, Figure, Figures, total, total_of
from services.reporting.figures.domain.facts import Entry, Fact, Link
from services.reporting.figures.domain.precedence import Change, Claim, decide_precedence
from services.reporting.figures.store.tables import aggregates, facts, links
from shared.database import Transaction, array_literal

CHUNK = 5_000
"""The number of values in one list: SQLite takes 32,766."""

EntriesBySubmission = Mapping[str, Sequence[Entry]]
"""Submission -> its entries: none for a returned or withdrawn submission."""

_fact_names = Fact._fields
_claim = (
    facts.c.identity,
    facts.c.submission,
    facts.c.in_force,
    facts.c.place,
    facts.c.rank,
    *(facts.c[name] for name in _fact_names),
)
_start_of_fact = len(_claim) - len(_fact_names)

# Statements are built once, since building them takes as long as running them.
_claims_of_others = select(*_claim).where(
    facts.c.generation == bindparam("at_generation"),
    facts.c.submission != bindparam("except_submission"),
)
_claims_on_postgresql = _claims_of_others.where(
    facts.c.identity == any_(cast(bindparam("identities", type_=String), postgresql.ARRAY(Text)))
)
_claims_on_sqlite = _claims_of_others.where(facts.c.identity.in_(bindparam("identities", expanding=True)))
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

# PostgreSQL takes all rows in one statement, each column as an array: a support changes dozens of figures.
_addition_on_postgresql = _addition(
    postgresql.insert(aggregates).from_select(_figure_names, select(*_figure_rows.c))
)
_addition_on_sqlite = _addition(sqlite.insert(aggregates))


def stage(tx: Transaction, generation: int, submission: str, contribution: Contribution) -> None:
    """Insert a submission's first contribution before the lock is taken, so that other folds need not wait."""
    for at in range(0, len(contribution.entries), CHUNK):
        _insert(tx, generation, {submission: contribution.entries[at : at + CHUNK]}, superseded=frozenset())
        tx.flush()


def insert(
    tx: Transaction, generation: int, submission: str, contribution: Contribution, *, is_staged: bool
) -> Change:
    """Insert the contribution of a submission that has none, and update the figures. Return the changes to claims.

    Records that no other submission claims are in force, and their figures are summed before the lock is taken. So
    the lock is held only briefly, even for a hundred thousand records.
    """
    identities = sorted(entry.identity for entry in contribution.entries)
    staying = [
        claim
        for chunk in _chunks(identities)
        for claim in _list_claims(tx, generation, chunk, except_submission=submission)
    ]
    coming = contribution.claims(submission, {claim.identity for claim in staying})
    change = decide_precedence(leaving=[], coming=coming, staying=staying)
    superseded = frozenset((claim.identity, submission) for claim in coming) - change.in_force
    contested = total_of(claim.facts for claim in coming)
    _add_figures(tx, generation, total((contribution.figures, change.figures), less=contested))
    _update_in_force(tx, generation, change.reinstated, (*change.retired, *(superseded if is_staged else ())))
    if not is_staged:
        # Last, since inserts wait: they are sent in one statement with the caller's.
        _insert(tx, generation, {submission: contribution.entries}, superseded)
    return change


def replace(tx: Transaction, generation: int, entries_of: EntriesBySubmission) -> Change:
    """Replace the contribution of each of these submissions by these entries, and update the figures.

    Return the changes to claims.
    """
    leaving = [claim for chunk in _chunks(entries_of) for claim in _delete(tx, generation, chunk)]
    coming = [
        Claim(entry.identity, submission, entry.facts, place=entry.place or "")
        for submission, entries in entries_of.items()
        for entry in entries
    ]
    touched = {claim.identity for claim in (*leaving, *coming)}
    staying = [claim for chunk in _chunks(sorted(touched)) for claim in _list_claims(tx, generation, chunk)]
    change = decide_precedence(leaving=leaving, coming=coming, staying=staying)
    _update_in_force(tx, generation, change.reinstated, change.retired)
    _add_figures(tx, generation, change.figures)
    superseded = frozenset((claim.identity, claim.submission) for claim in coming) - change.in_force
    _insert(tx, generation, entries_of, superseded)
    return change


def list_counting(tx: Transaction, generation: int, submissions: Collection[str]) -> list[Counting]:
    """List how many records of these submissions count, and which submissions supersede the others."""
    chosen = (
        facts.c.generation == generation,
        facts.c.submission.in_(sorted(submissions)),
        facts.c.rank == 0,
    )
    counts = (
        select(facts.c.submission, func.count(), func.count().filter(facts.c.in_force))
        .where(*chosen)
        .group_by(facts.c.submission)
    )
    winner = facts.alias()
    is_superseded = and_(
        winner.c.generation == facts.c.generation,
        winner.c.identity == facts.c.identity,
        winner.c.rank == 0,
        winner.c.in_force,
    )
    losses = (
        select(facts.c.submission, winner.c.submission.label("by"), func.count())
        .join(winner, is_superseded)
        .where(*chosen, ~facts.c.in_force)
        .group_by(facts.c.submission, winner.c.submission)
    )
    by: dict[str, dict[str, int]] = {}
    for submission, other, number in tx.execute(losses):
        by.setdefault(submission, {})[other] = number
    return [
        Counting(submission, records, counted, by.get(submission, {}))
        for submission, records, counted in sorted(map(tuple, tx.execute(counts)))
    ]


def count_identities(
    tx: Transaction, generation: int, *, submissions: Collection[str], others: Collection[str]
) -> int:
    """Count the records of these submissions and these others, each once."""
    of_submissions = and_(
        facts.c.generation == generation, facts.c.submission.in_(sorted(submissions)), facts.c.rank == 0
    )
    number = tx.execute(select(func.count(facts.c.identity.distinct())).where(of_submissions)).scalar() or 0
    for chunk in _chunks(sorted(others)):
        known = select(func.count(facts.c.identity.distinct())).where(
            of_submissions, facts.c.identity.in_(chunk)
        )
        number += len(chunk) - int(tx.execute(known).scalar() or 0)
    return int(number)


def _delete(tx: Transaction, generation: int, submissions: Sequence[str]) -> list[Claim]:
    tx.execute(delete(links).where(links.c.generation == generation, links.c.submission.in_(submissions)))
    statement = delete(facts).where(facts.c.generation == generation, facts.c.submission.in_(submissions))
    return _claims(tx.execute(statement.returning(*_claim)))


def _list_claims(
    tx: Transaction, generation: int, identities: Sequence[str], *, except_submission: str = ""
) -> list[Claim]:
    values = {"at_generation": generation, "except_submission": except_submission}
    if tx.is_postgresql:
        return _claims(tx.execute(_claims_on_postgresql, values | {"identities": array_literal(identities)}))
    return _claims(tx.execute(_claims_on_sqlite, values | {"identities": identities}))


def _claims(rows: Iterable[Sequence[Any]]) -> list[Claim]:
    claims = []
    in_order = sorted(map(tuple, rows), key=lambda row: row[:_start_of_fact])
    for (identity, submission, in_force, place), group in groupby(in_order, key=lambda row: row[:4]):
        parts = tuple(Fact._make(row[_start_of_fact:]) for row in group)
        claims.append(Claim(identity, submission, parts, in_force, place))
    return claims


def _insert(
    tx: Transaction, generation: int, entries_of: EntriesBySubmission, superseded: frozenset[tuple[str, str]]
) -> None:
    facts_rows: list[dict[str, Any]] = []
    links_rows: list[dict[str, Any]] = []
    for submission, entries in entries_of.items():
        for entry in entries:
            row = {
                "generation": generation,
                "identity": entry.identity,
                "submission": submission,
                "in_force": (entry.identity, submission) not in superseded,
            }
            facts_rows += _numbered({**row, "place": entry.place or ""}, entry.facts)
            links_rows += _numbered(row, entry.links)
    tx.add(facts, *facts_rows)
    tx.add(links, *links_rows)


def _numbered(row: Mapping[str, Any], items: Iterable[Fact | Link]) -> list[dict[str, Any]]:
    return [{**row, "rank": rank, **item._asdict()} for rank, item in enumerate(items)]


def _update_in_force(
    tx: Transaction,
    generation: int,
    reinstated: Iterable[tuple[str, str]],
    retired: Iterable[tuple[str, str]],
) -> None:
    rows = [
        {
            "at_generation": generation,
            "at_identity": identity,
            "at_submission": submission,
            "in_force": in_force,
        }
        for in_force, claims in ((True, reinstated), (False, retired))
        for identity, submission in claims
    ]
    if rows:
        for statement in _in_force_updates:
            tx.execute(statement, rows)


def _add_figures(tx: Transaction, generation: int, figures: Figures) -> None:
    """Add the changes to the stored figures.

    Adding is exact, since cents are integers and folds take turns. Counting all facts of a coarse figure again would
    cost more with every record ever accepted. A figure that becomes zero stays as a row of zeros.
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
