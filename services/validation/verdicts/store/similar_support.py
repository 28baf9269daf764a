"""Support in force that may be like what is handed in, found by its sketches."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, Text, cast, column, func, select
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.sql.functions import aggregate_strings

from services.validation.domain.references.likeness import Candidate, similar_to
from services.validation.verdicts.store.record_states import IN_FORCE, OF_SUBMISSION, was_before
from services.validation.verdicts.store.tables import known_records, sketches, submissions

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import TableValuedAlias

    from services.validation.domain.references.lookups import Entry
    from services.validation.verdicts.store.record_states import Asker
    from shared.database import Transaction

SKETCHES_AT_ONCE = 1_000
ROWS_AT_ONCE = 150
"""A statement holds only so many values."""

MOST_OF_A_SKETCH = 20
"""So many are looked at under one sketch, the oldest first: words that everybody uses tell nobody apart."""

SHARED = ("TLP:CLEAR", "TLP:GREEN")
"""What every member may see, and so may be told of in another's report."""

Key = tuple[str, int, str]
"""A row of the index: (submission, version, ref)."""


def sketch_rows(entries: Iterable[Entry], received: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows under which records of support are found: by every reporter only where their marking lets them see it.

    Of many under one sketch the first are kept, since no more are looked at.
    """
    key = {name: received[name] for name in ("submission", "version")}
    under: dict[str, list[str]] = defaultdict(list)
    for entry in entries:
        is_shared = (entry.tlp or received["tlp"]) in SHARED
        for sketch in entry.sketches:
            under[sketch if is_shared else _own(sketch, received["reporter"])].append(entry.ref)
    return [
        {"sketch": sketch, **key, "ref": ref}
        for sketch, refs in under.items()
        for ref in refs[:MOST_OF_A_SKETCH]
    ]


def likes_of(
    tx: Transaction, sketched: Mapping[str, Entry], asker: Asker
) -> dict[str, Sequence[Mapping[str, Any]]]:
    """Ref -> the support that is likely the same, where there is some: anybody's that is shared, and one's own.

    What is in the same submission is not looked at: that is for the rules over the whole of it.
    """
    wanted = {each for entry in sketched.values() for each in entry.sketches}
    under = _rows_under(tx, wanted | {_own(each, asker.reporter) for each in wanted})
    candidates = _candidates(tx, {key for keys in under.values() for key in keys}, asker)
    likes: dict[str, Sequence[Mapping[str, Any]]] = {}
    for ref, entry in sketched.items():
        asked = (*entry.sketches, *(_own(each, asker.reporter) for each in entry.sketches))
        keys = dict.fromkeys(key for each in asked for key in under.get(each, ()))
        others = (candidates[key] for key in keys if key in candidates)
        # One's own record of that ref is the same by intent: it is continued from period to period.
        found = similar_to(
            entry.facts, [each for each in others if (each.reporter, each.ref) != (asker.reporter, ref)]
        )
        if found:
            likes[ref] = found
    return likes


def _own(sketch: str, reporter: str) -> str:
    return f"{sketch}:{reporter}"


def _rows_under(tx: Transaction, wanted: Collection[str]) -> Mapping[str, Sequence[Key]]:
    found: dict[str, Sequence[Key]] = {}
    for some in _some(sorted(wanted), SKETCHES_AT_ONCE):
        asked = _listed(tx, some)
        key = sketches.c.submission + "|" + cast(sketches.c.version, String) + "|" + sketches.c.ref
        # A subquery with a limit stays one: only so much of a long list is read, whatever the planner believes.
        first = (
            select(key.label("key"))
            .where(sketches.c.sketch == asked.c.value)
            .order_by(sketches.c.submission, sketches.c.version, sketches.c.ref)
            .limit(MOST_OF_A_SKETCH)
            .correlate(asked)
            .subquery("first")
        )
        # Refs are printable: no line feed stands in one.
        together = select(aggregate_strings(first.c.key, "\n")).correlate(asked).scalar_subquery()
        for sketch, keys in tx.execute(select(asked.c.value, together)):
            if keys is not None:
                found[sketch] = [_key(each) for each in keys.split("\n")]
    return found


def _listed(tx: Transaction, texts: Sequence[str]) -> TableValuedAlias:
    """The texts as a table of one column, `value`: one parameter, however many they are."""
    listed = json.dumps(texts)
    table = (
        func.json_array_elements_text(cast(cast(listed, Text), JSON))
        if tx.is_postgresql
        else func.json_each(listed)
    )
    return table.table_valued(column("value", String), name="asked")


def _key(text: str) -> Key:
    submission, version, ref = text.split("|", 2)
    return submission, int(version), ref


def _candidates(tx: Transaction, keys: Collection[Key], asker: Asker) -> dict[Key, Candidate]:
    c = known_records.c
    counts = (IN_FORCE, was_before(asker), c.submission != asker.submission)
    found = {}
    for some in _some(sorted(keys), ROWS_AT_ONCE):
        # Column by column, which the key's index knows how to find; a list of whole keys is compared with every row.
        each_column = (
            name.in_(sorted(set(values)))
            for name, values in zip((c.submission, c.version, c.ref), zip(*some, strict=True), strict=True)
        )
        statement = (
            select(c.submission, c.version, c.ref, c.reporter, c.facts)
            .join_from(known_records, submissions, OF_SUBMISSION)
            .where(*each_column, *counts)
        )
        for row in tx.execute(statement):
            key = (row.submission, row.version, row.ref)
            if key in keys:
                found[key] = Candidate(row.reporter, row.ref, row.facts or {})
    return found


def _some(all_of_them: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    return (all_of_them[start : start + size] for start in range(0, len(all_of_them), size))
