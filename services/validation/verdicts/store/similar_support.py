"""Support in force that may be the same as new records, found by similarity keys."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import String, TableValuedAlias, Text, cast, column, func, select
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.sql.functions import aggregate_strings

from services.validation.engine.domain.references.lookups import IndexEntry
from services.validation.engine.domain.references.similarity import Candidate, rank_similar
from services.validation.verdicts.domain.received import Received
from services.validation.verdicts.store.record_states import IN_FORCE, OF_SUBMISSION, LookupScope, was_before
from services.validation.verdicts.store.tables import known_records, similarity_keys, submissions
from shared.database import Transaction
from shared.reference.refs import ref_key
from shared.reference.reporters import ReporterIsUnknown, reporter

KEYS_PER_STATEMENT = 1_000
ROWS_PER_STATEMENT = 150
"""The maximum number of values in one statement."""

MAX_ROWS_PER_KEY = 20
"""The maximum number of records compared under one key, the oldest first: common words do not distinguish records."""

PUBLIC = "TLP:CLEAR"
SHARED = (PUBLIC, "TLP:GREEN")
"""The markings of records that another reporter's report may mention: public ones, and the others of its own pillars."""

Key = tuple[str, int, str]
"""A row of the index: (submission, version, ref)."""


def similarity_key_rows(entries: Iterable[IndexEntry], received: Received) -> list[dict[str, Any]]:
    """Return the key rows of support records. Other reporters find a record only if its marking lets them see it.

    Of many rows under one key only the first are returned, since no more are compared.
    """
    key = {"submission": received.submission, "version": received.version}
    under: dict[str, list[str]] = defaultdict(list)
    for entry in entries:
        is_shared = (entry.tlp or received.tlp) in SHARED
        for sketch in entry.similarity_keys:
            under[sketch if is_shared else _own(sketch, received.reporter)].append(ref_key(entry.ref))
    return [
        {"sketch": sketch, **key, "ref": ref}
        for sketch, refs in under.items()
        for ref in refs[:MAX_ROWS_PER_KEY]
    ]


def find_similar(
    tx: Transaction, comparable: Mapping[str, IndexEntry], scope: LookupScope
) -> dict[str, Sequence[Mapping[str, Any]]]:
    """Map refs to the support that is likely the same: shared records of all reporters, and own records.

    Records of the same submission are left to the rules over the whole submission.
    """
    wanted = {each for entry in comparable.values() for each in entry.similarity_keys}
    under = _rows_under(tx, wanted | {_own(each, scope.reporter) for each in wanted})
    candidates = _candidates(tx, {key for keys in under.values() for key in keys}, scope)
    similar: dict[str, Sequence[Mapping[str, Any]]] = {}
    for ref, entry in comparable.items():
        requested = (*entry.similarity_keys, *(_own(each, scope.reporter) for each in entry.similarity_keys))
        keys = dict.fromkeys(key for each in requested for key in under.get(each, ()))
        others = (candidates[key] for key in keys if key in candidates)
        # An own record with the same ref is the same on purpose: support continues from period to period.
        found = rank_similar(
            entry.facts,
            [each for each in others if (each.reporter, ref_key(each.ref)) != (scope.reporter, ref_key(ref))],
        )
        if found:
            similar[ref] = found
    return similar


def _own(sketch: str, reporter: str) -> str:
    return f"{sketch}:{reporter}"


def _rows_under(tx: Transaction, wanted: Collection[str]) -> Mapping[str, Sequence[Key]]:
    found: dict[str, Sequence[Key]] = {}
    for some in _batches(sorted(wanted), KEYS_PER_STATEMENT):
        requested = _listed(tx, some)
        key = (
            similarity_keys.c.submission
            + "|"
            + cast(similarity_keys.c.version, String)
            + "|"
            + similarity_keys.c.ref
        )
        # The planner does not flatten a subquery with a limit, so only the first rows of a long list are read.
        first = (
            select(key.label("key"))
            .where(similarity_keys.c.sketch == requested.c.value)
            .order_by(similarity_keys.c.submission, similarity_keys.c.version, similarity_keys.c.ref)
            .limit(MAX_ROWS_PER_KEY)
            .correlate(requested)
            .subquery("first")
        )
        # Refs are printable and contain no line feed.
        together = select(aggregate_strings(first.c.key, "\n")).correlate(requested).scalar_subquery()
        for sketch, keys in tx.execute(select(requested.c.value, together)):
            if keys is not None:
                found[sketch] = [_key(each) for each in keys.split("\n")]
    return found


def _listed(tx: Transaction, texts: Sequence[str]) -> TableValuedAlias:
    """Return texts as a table with the column `value`. It needs one parameter for any number of texts."""
    listed = json.dumps(texts)
    table = (
        func.json_array_elements_text(cast(cast(listed, Text), JSON))
        if tx.is_postgresql
        else func.json_each(listed)
    )
    return table.table_valued(column("value", String), name="requested")


def _key(text: str) -> Key:
    submission, version, ref = text.split("|", 2)
    return submission, int(version), ref


def _candidates(tx: Transaction, keys: Collection[Key], scope: LookupScope) -> dict[Key, Candidate]:
    c = known_records.c
    counts = (IN_FORCE, was_before(scope), c.submission != scope.submission)
    pillars = _pillars_of(scope.reporter)
    found = {}
    for some in _batches(sorted(keys), ROWS_PER_STATEMENT):
        # Conditions by column use the index of the key; a list of whole keys would be compared with every row.
        given, versions, refs = (sorted(set(values)) for values in zip(*some, strict=True))
        each_column = (tx.among(c.submission, given), c.version.in_(versions), tx.among(c.ref, refs))
        statement = (
            select(
                c.submission, c.version, c.ref, c.spelling, c.reporter, c.facts, c.tlp, submissions.c.pillar
            )
            .join_from(known_records, submissions, OF_SUBMISSION)
            .where(*each_column, *counts)
        )
        for row in tx.execute(statement):
            key = (row.submission, row.version, row.ref)
            may_see = row.reporter == scope.reporter or row.tlp == PUBLIC or row.pillar in pillars
            if key in keys and may_see:
                found[key] = Candidate(row.reporter, row.spelling or row.ref, row.facts or {})
    return found


def _pillars_of(code: str) -> tuple[str, ...]:
    try:
        return reporter(code).pillars
    except ReporterIsUnknown:
        return ()


def _batches(values: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    return (values[start : start + size] for start in range(0, len(values), size))
