"""The index of accepted records: their links, the facts that later records are compared with, and their states."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, delete, func, select

from services.validation.engine.domain.references.lookups import (
    STATES,
    IndexEntry,
    LookupRequest,
    RecordIdentity,
    Snapshot,
    find_alike,
    previous_needs_period,
)
from services.validation.verdicts.domain.received import Received
from services.validation.verdicts.store.record_states import (
    CLAIM,
    IN_FORCE,
    OF_SUBMISSION,
    STATE,
    WAS_ACCEPTED,
    LookupScope,
    claim_of,
    was_before,
)
from services.validation.verdicts.store.similar_support import find_similar, similarity_key_rows
from services.validation.verdicts.store.submission_states import SubmissionState
from services.validation.verdicts.store.tables import known_records, links, similarity_keys, submissions
from shared.database import Transaction
from shared.records.places import NO_PLACE
from shared.reference.look_alikes import skeleton_of
from shared.reference.refs import ref_key

VALUES_PER_STATEMENT = 5_000
"""The maximum number of values in one statement."""

UNKNOWN = "unknown"
"""The state of a link to a record that was never accepted."""

SPELLING = func.coalesce(known_records.c.spelling, known_records.c.ref)
"""The ref as it was sent."""

NOCLAIMS: Mapping[str, str] = {}

OPEN_DISPOSITIONS = ("open", "partly_covered")


def insert_entries(
    tx: Transaction,
    *,
    received: Received,
    entries: Sequence[IndexEntry],
    claims: Mapping[str, str] = NOCLAIMS,
) -> None:
    """Insert records of a version, unless they are indexed already. They count once the version is accepted.

    `claims` are the orders of the claims to records, by the keys of their refs, that are not of the version's receipt.
    A record without a claim repeats a withdrawn one, and is not indexed.
    """
    about = {
        "submission": received.submission,
        "version": received.version,
        "reporter": received.reporter,
        "kind": received.kind,
        "period": received.period,
        "received_at": received.received_at,
    }
    each_once = {key: entry for entry in entries if claims.get(key := ref_key(entry.ref)) != NO_PLACE}
    records = (
        {
            **about,
            "ref": key,
            "tlp": entry.tlp or received.tlp,
            "facts": entry.facts,
            "claim": claims.get(key),
            "spelling": None if entry.ref == key else entry.ref,
            "skeleton": skeleton_of(entry.ref),
        }
        for key, entry in each_once.items()
    )
    tx.add(known_records, *records, ignore_existing=True)
    tx.add(similarity_keys, *similarity_key_rows(each_once.values(), received), ignore_existing=True)


def upsert_links(
    tx: Transaction,
    *,
    submission: str,
    version: int,
    lookups: Collection[RecordIdentity],
    known: Mapping[RecordIdentity, str],
) -> None:
    """Store the links of a version with the states of their targets, in place of earlier states."""
    names = ("kind", "reporter", "period", "ref")
    key = {"submission": submission, "version": version}
    rows = [
        {**key, **dict(zip(names, each, strict=True)), "found": known.get(each, UNKNOWN)}
        for each in sorted(lookups)
    ]
    tx.upsert(links, *rows, key=[*key, *names])


def look_up(tx: Transaction, lookups: LookupRequest, scope: LookupScope) -> Snapshot:
    """Look up all facts that rules need about some records. `list_previous_needs` runs once per submission."""
    return Snapshot(
        known=list_states(tx, lookups.known),
        previous=_previous(tx, lookups.refs, scope),
        similar=find_similar(tx, lookups.comparable, scope) if lookups.comparable else {},
        alike=_alike(tx, lookups.skeletons, scope),
    )


def list_states(tx: Transaction, lookups: Collection[RecordIdentity]) -> dict[RecordIdentity, str]:
    """Map records to their states. A record that was never accepted has none."""
    c = known_records.c
    found: dict[RecordIdentity, str] = {}
    for (kind, reporter), group in groupby(sorted(lookups), key=lambda each: each[:2]):
        requested = {(period, ref) for _, _, period, ref in group}
        for refs in batches(sorted({ref for _, ref in requested})):
            statement = (
                select(c.period, c.ref, STATE)
                .join_from(known_records, submissions, OF_SUBMISSION)
                .where(c.kind == kind, c.reporter == reporter, tx.among(c.ref, refs), WAS_ACCEPTED)
            )
            for period, ref, state in tx.execute(statement):
                identity = (kind, reporter, period, ref)
                if (period, ref) in requested:
                    found[identity] = min(state, found.get(identity, state), key=STATES.index)
    return found


def _previous(tx: Transaction, refs: Collection[str], scope: LookupScope) -> dict[str, Mapping[str, Any]]:
    """Map refs to the facts that were accepted last. Support continues from period to period."""
    c = known_records.c
    found: dict[str, Mapping[str, Any]] = {}
    for some in batches(sorted(set(refs))):
        statement = select(c.ref, c.facts, *CLAIM).where(
            _of_collection(scope),
            tx.among(c.ref, some),
            c.facts.is_not(None),
            was_before(scope),
            WAS_ACCEPTED,
        )
        found.update((row.ref, row.facts) for row in sorted(tx.execute(statement), key=claim_of))
    return found


def _of_collection(scope: LookupScope) -> ColumnElement[bool]:
    c = known_records.c
    same = and_(c.kind == scope.kind, c.reporter == scope.reporter)
    return same if scope.kind == "support" else and_(same, c.period == scope.period)


def _alike(
    tx: Transaction, requested: Mapping[str, Sequence[str]], scope: LookupScope
) -> dict[str, list[str]]:
    """Map refs to those of the reporter's earlier records in force that look like them."""
    c = known_records.c
    earlier: list[tuple[str, str]] = []
    for some in batches(sorted(requested)):
        statement = (
            select(c.skeleton, SPELLING)
            .distinct()
            .join_from(known_records, submissions, OF_SUBMISSION)
            .where(
                _of_collection(scope),
                tx.among(c.skeleton, some),
                IN_FORCE,
                was_before(scope),
                # Records of the same submission are left to the rules over the whole submission.
                c.submission != scope.submission,
            )
        )
        earlier += ((skeleton, ref) for skeleton, ref in tx.execute(statement))
    return find_alike(requested, sorted(earlier))


def list_previous_needs(tx: Transaction, scope: LookupScope) -> list[dict[str, Any]]:
    """List the reporter's open needs of the previous period by ref; none for other kinds of record."""
    if scope.kind != "need":
        return []
    c = known_records.c
    statement = (
        select(c.ref, SPELLING.label("sent"), c.facts, *CLAIM)
        .join_from(known_records, submissions, OF_SUBMISSION)
        .where(
            c.kind == "need",
            c.reporter == scope.reporter,
            c.period == previous_needs_period(scope.period),
            c.facts.is_not(None),
            IN_FORCE,
        )
    )
    # Of several submissions with a need, the one that stated it last counts.
    counted = {row.ref: row for row in sorted(tx.execute(statement), key=claim_of)}
    facts_of = {
        row.sent: row.facts for row in counted.values() if row.facts.get("disposition") in OPEN_DISPOSITIONS
    }
    # Sorted here because databases sort texts differently, and a report is the same on every machine.
    return [{"ref": ref, **facts_of[ref]} for ref in sorted(facts_of)]


def list_referring(tx: Transaction, targets: Collection[RecordIdentity]) -> set[str]:
    """List the submissions with a judged version that refers to one of these records."""
    found: set[str] = set()
    for (kind, reporter), group in groupby(sorted(targets), key=lambda each: each[:2]):
        requested = {(period, ref) for _, _, period, ref in group}
        for refs in batches(sorted({ref for _, ref in requested})):
            statement = (
                select(links.c.submission, links.c.period, links.c.ref)
                .join(submissions, submissions.c.submission == links.c.submission)
                .where(
                    links.c.kind == kind,
                    links.c.reporter == reporter,
                    tx.among(links.c.ref, refs),
                    links.c.version == submissions.c.judged,
                )
            )
            found |= {
                referring for referring, period, ref in tx.execute(statement) if (period, ref) in requested
            }
    return found


def list_outdated(tx: Transaction, changed: Collection[str]) -> set[str]:
    """List the submissions, changed or referring to a changed one, with a link to a record that changed its state."""
    referring, record = submissions.alias(), known_records.alias()
    stale = (
        select(links.c.submission)
        .distinct()
        .join(
            referring,
            and_(links.c.submission == referring.c.submission, links.c.version == referring.c.judged),
        )
        .where(links.c.found != _state_of_target())
    )
    of_changed = links.c.submission.in_(changed)
    to_changed = and_(record.c.submission.in_(changed), *_is_target(record))
    found = {*tx.execute(stale.where(of_changed)).scalars()}
    found.update(tx.execute(stale.join(record, to_changed)).scalars())
    return found


def _state_of_target() -> ColumnElement[str]:
    """Return the current state of a link's target. The states are in alphabetical order of precedence."""
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


def delete_stale(tx: Transaction, state: SubmissionState) -> None:
    """Delete rows of a withdrawn submission, or of versions before the last judged one, that are no longer needed.

    The last earlier row of each record stays for comparisons. Records that were never accepted are deleted.
    """
    judged = state.judged or 0
    for table in (links, similarity_keys):
        own = delete(table).where(table.c.submission == state.submission)
        tx.execute(own if state.is_withdrawn else own.where(table.c.version < judged))
    c, later = known_records.c, known_records.alias()
    before = and_(c.submission == state.submission, c.version < judged)
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


def batches(values: Sequence[Any]) -> Iterator[Any]:
    """Yield values in groups of one statement each."""
    step = VALUES_PER_STATEMENT
    return (values[start : start + step] for start in range(0, len(values), step))
