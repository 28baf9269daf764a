"""The index of what was accepted: what records refer to, what they are compared with, and how each stands now."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, FromClause, and_, delete, func, select

from services.validation.domain.references.lookups import STATES, Snapshot, former_period
from services.validation.verdicts.store.record_states import (
    IN_FORCE,
    OF_SUBMISSION,
    STATE,
    WAS_ACCEPTED,
    was_before,
)
from services.validation.verdicts.store.similar_support import likes_of, sketch_rows
from services.validation.verdicts.store.tables import known_records, links, sketches, submissions

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from services.validation.domain.references.lookups import Entry, Known, Wanted
    from services.validation.verdicts.store.record_states import Asker
    from services.validation.verdicts.store.submissions import Standing
    from shared.database import Transaction

AT_ONCE = 500
"""A statement holds only so many values."""

UNKNOWN = "unknown"
"""How a link was found whose target was never accepted."""

OPEN_DISPOSITIONS = ("open", "partly_covered")


def add_entries(tx: Transaction, *, received: Mapping[str, Any], entries: Sequence[Entry]) -> None:
    """Put records of a version into the index; those that are there already stay. They count once it is accepted."""
    names = ("submission", "version", "reporter", "kind", "period", "received_at")
    about = {name: received[name] for name in names}
    each_once = {entry.ref: entry for entry in entries}.values()
    records = (
        {**about, "ref": entry.ref, "tlp": entry.tlp or received["tlp"], "facts": entry.facts}
        for entry in each_once
    )
    tx.add(known_records, *records, ignore_existing=True)
    tx.add(sketches, *sketch_rows(each_once, received), ignore_existing=True)


def keep_links(
    tx: Transaction, *, submission: str, version: int, wanted: Collection[Known], known: Mapping[Known, str]
) -> None:
    """Note what a version refers to and how each target was found, in place of what was found before."""
    names = ("kind", "reporter", "period", "ref")
    key = {"submission": submission, "version": version}
    rows = [
        {**key, **dict(zip(names, each, strict=True)), "found": known.get(each, UNKNOWN)}
        for each in sorted(wanted)
    ]
    tx.upsert(links, *rows, key=[*key, *names])


def look_up(tx: Transaction, wanted: Wanted, asker: Asker) -> Snapshot:
    """All that the rules will ask for about some records; what is asked once for a submission is `former_needs`."""
    return Snapshot(
        known=states_of(tx, wanted.known),
        previous=_previous(tx, wanted.refs, asker),
        similar=likes_of(tx, wanted.sketched, asker) if wanted.sketched else {},
    )


def states_of(tx: Transaction, wanted: Collection[Known]) -> dict[Known, str]:
    """How each of these records stands; one that was never accepted is not there."""
    c = known_records.c
    found: dict[Known, str] = {}
    for (kind, reporter), group in groupby(sorted(wanted), key=lambda each: each[:2]):
        asked = {(period, ref) for _, _, period, ref in group}
        for refs in _some(sorted({ref for _, ref in asked})):
            statement = (
                select(c.period, c.ref, STATE)
                .join_from(known_records, submissions, OF_SUBMISSION)
                .where(c.kind == kind, c.reporter == reporter, c.ref.in_(refs), WAS_ACCEPTED)
            )
            for period, ref, state in tx.execute(statement):
                identity = (kind, reporter, period, ref)
                if (period, ref) in asked:
                    found[identity] = min(state, found.get(identity, state), key=STATES.index)
    return found


def _previous(tx: Transaction, refs: Collection[str], asker: Asker) -> dict[str, Mapping[str, Any]]:
    """The facts of these records as they were accepted last before; support is continued from period to period."""
    c = known_records.c
    same = and_(c.kind == asker.kind, c.reporter == asker.reporter)
    if asker.kind != "support":
        same = and_(same, c.period == asker.period)
    found: dict[str, Mapping[str, Any]] = {}
    for some in _some(sorted(set(refs))):
        statement = (
            select(c.ref, c.facts)
            .where(same, c.ref.in_(some), c.facts.is_not(None), was_before(asker), WAS_ACCEPTED)
            .order_by(c.received_at, c.submission, c.version)
        )
        found.update((ref, facts) for ref, facts in tx.execute(statement))
    return found


def former_needs(tx: Transaction, asker: Asker) -> list[dict[str, Any]]:
    """The reporter's needs of the period before that are in force and still open, by ref; none for another kind."""
    if asker.kind != "need":
        return []
    c = known_records.c
    statement = (
        select(c.ref, c.facts)
        .join_from(known_records, submissions, OF_SUBMISSION)
        .where(
            c.kind == "need",
            c.reporter == asker.reporter,
            c.period == former_period(asker.period),
            c.facts.is_not(None),
            IN_FORCE,
        )
        .order_by(c.submission)
    )
    facts_of = {
        ref: facts for ref, facts in tx.execute(statement) if facts.get("disposition") in OPEN_DISPOSITIONS
    }
    # Sorted here: how a database sorts texts is its own business, and a report is the same on every machine.
    return [{"ref": ref, **facts_of[ref]} for ref in sorted(facts_of)]


def referring_to(tx: Transaction, targets: Collection[Known]) -> set[str]:
    """The submissions whose standing versions refer to one of these records."""
    found: set[str] = set()
    for (kind, reporter), group in groupby(sorted(targets), key=lambda each: each[:2]):
        asked = {(period, ref) for _, _, period, ref in group}
        for refs in _some(sorted({ref for _, ref in asked})):
            statement = (
                select(links.c.submission, links.c.period, links.c.ref)
                .join(submissions, submissions.c.submission == links.c.submission)
                .where(
                    links.c.kind == kind,
                    links.c.reporter == reporter,
                    links.c.ref.in_(refs),
                    links.c.version == submissions.c.judged,
                )
            )
            found |= {whose for whose, period, ref in tx.execute(statement) if (period, ref) in asked}
    return found


def outdated_by(tx: Transaction, changed: Collection[str]) -> set[str]:
    """The submissions whose verdict found something otherwise than it stands now: of the changed ones, or any of them."""
    whose, record = submissions.alias(), known_records.alias()
    stale = (
        select(links.c.submission)
        .distinct()
        .join(whose, and_(links.c.submission == whose.c.submission, links.c.version == whose.c.judged))
        .where(links.c.found != _state_of_target())
    )
    of_changed = links.c.submission.in_(changed)
    to_changed = and_(record.c.submission.in_(changed), *_is_target(record))
    found = {*tx.execute(stale.where(of_changed)).scalars()}
    found.update(tx.execute(stale.join(record, to_changed)).scalars())
    return found


def _state_of_target() -> ColumnElement[str]:
    """How the target of a link stands now. The states happen to be in the order of the alphabet."""
    now = (
        select(func.min(STATE))
        .join_from(known_records, submissions, OF_SUBMISSION)
        .where(*_is_target(known_records), WAS_ACCEPTED)
        .correlate(links)
        .scalar_subquery()
    )
    return func.coalesce(now, UNKNOWN)


def _is_target(record: FromClause) -> list[ColumnElement[bool]]:
    return [links.c[name] == record.c[name] for name in ("kind", "reporter", "period", "ref")]


def tidy(tx: Transaction, standing: Standing) -> None:
    """Drop what nobody will ask for again of a submission that was withdrawn, or of versions before the last judged.

    Of each record the last row before stays, to compare with; what was never accepted goes.
    """
    judged = standing.judged or 0
    for table in (links, sketches):
        mine = delete(table).where(table.c.submission == standing.submission)
        tx.execute(mine if standing.is_withdrawn else mine.where(table.c.version < judged))
    c, later = known_records.c, known_records.alias()
    before = and_(c.submission == standing.submission, c.version < judged)
    tx.execute(delete(known_records).where(before, ~WAS_ACCEPTED))
    has_later = (
        select(later.c.ref)
        .where(
            later.c.submission == c.submission,
            later.c.ref == c.ref,
            later.c.version > c.version,
            later.c.version < judged,
        )
        .exists()
    )
    tx.execute(delete(known_records).where(before, has_later))


def _some(all_of_them: Sequence[Any]) -> Iterator[Any]:
    return (all_of_them[start : start + AT_ONCE] for start in range(0, len(all_of_them), AT_ONCE))
