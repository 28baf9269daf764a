"""Look-ups of data beyond a submission: the requests of its records, and the snapshot that answers them.

Links are not followed further. A snapshot is all that rules know of other submissions, so a verdict can be reproduced
from it.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from services.validation.engine.domain.findings import canonical
from services.validation.engine.domain.references.similarity import compared_fields, similarity_keys
from shared.reference import needs_period_containing, years_of
from shared.reference.look_alikes import are_look_alikes, skeleton_of
from shared.reference.refs import ref_key

RecordIdentity = tuple[str, str, str, str]
"""A record by its identity: (kind, reporter, period, key of the ref)."""

STATES = ("in_force", "returned", "withdrawn")
"""The current state of a record that was once accepted. A record that never was has no state."""


FACTS = (
    "title",
    "disposition",
    "priority_level",
    "status",
    "activity_status",
    "estimated_cost",
    "own_budget",
    "budget",
    "currency",
)
"""The fields of a record that its later versions are compared with. Rules read them as `previous.title` and so on."""


MAX_ALIKE = 5
"""The maximum number of look-alikes listed for one ref."""


@dataclass(frozen=True)
class IndexEntry:
    """The stored facts of a valid record, for comparison with later records. `tlp` is the record's own marking.

    `ref` is as it was sent; refs are compared by their key.
    """

    ref: str
    tlp: str | None
    facts: Mapping[str, Any]
    similarity_keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class LookupRequest:
    """The look-ups that valid records of one submission need. Each is computed on first use."""

    records: Sequence[Mapping[str, Any]]
    kind: str
    reporter: str
    period: str

    @cached_property
    def known(self) -> frozenset[RecordIdentity]:
        """The targets of links, with omitted parts filled in."""
        facts = {"kind": self.kind, "reporter": self.reporter, "period": self.period}
        return frozenset(target for record in self.records for target in list_links(record, **facts))

    @cached_property
    def entries(self) -> tuple[IndexEntry, ...]:
        """The index entries of the records that have a ref."""
        return tuple(
            index_entry(record, self.kind) for record in self.records if record.get("ref") is not None
        )

    @cached_property
    def refs(self) -> tuple[str, ...]:
        """The keys of the refs whose previous versions are looked up."""
        return tuple(ref_key(entry.ref) for entry in self.entries)

    @cached_property
    def skeletons(self) -> Mapping[str, Sequence[str]]:
        """The refs by the skeleton that their look-alikes share."""
        found: dict[str, list[str]] = {}
        for entry in self.entries:
            found.setdefault(skeleton_of(entry.ref), []).append(entry.ref)
        return found

    @cached_property
    def comparable(self) -> Mapping[str, IndexEntry]:
        """The support to compare with others, by ref."""
        return {entry.ref: entry for entry in self.entries if entry.similarity_keys}


@dataclass(frozen=True)
class Snapshot:
    """The answers to a look-up request.

    `known`: identity -> state; `previous`: key of a ref -> facts of the previously accepted version; `similar`: ref ->
    similar support with score and reasons; `alike`: ref -> the reporter's earlier refs that look like it; `former`: the
    reporter's open needs of the previous period.
    """

    known: Mapping[RecordIdentity, str] = field(default_factory=dict)
    previous: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    similar: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    alike: Mapping[str, Sequence[str]] = field(default_factory=dict)
    former: Sequence[Mapping[str, Any]] = ()

    @cached_property
    def written(self) -> dict[str, Any]:
        """The snapshot as JSON, in a fixed order."""
        return {
            "known": {"|".join(each): self.known[each] for each in sorted(self.known)},
            "previous": dict(self.previous),
            "similar": {ref: list(found) for ref, found in self.similar.items()},
            "alike": {ref: list(found) for ref, found in self.alike.items()},
            "former": list(self.former),
        }

    @property
    def hash(self) -> str:
        """The sha-256 of the snapshot: equal for equal answers in any order."""
        return hashlib.sha256(canonical(self.written)).hexdigest()


def request_lookups(
    records: Iterable[Mapping[str, Any]], *, kind: str, reporter: str, period: str
) -> LookupRequest:
    """Request the look-ups of valid records."""
    return LookupRequest(tuple(records), kind, reporter, period)


def index_entry(record: Mapping[str, Any], kind: str) -> IndexEntry:
    """Make the index entry of a valid record."""
    keys = similarity_keys(record) if kind == "support" else ()
    return IndexEntry(record["ref"], record.get("tlp"), facts_of(record, kind), keys)


def facts_of(record: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Return the fields of a valid record that later records are compared with."""
    facts = {name: record[name] for name in FACTS if record.get(name) is not None}
    return facts | compared_fields(record) if kind == "support" else facts


def list_links(
    record: Mapping[str, Any], *, kind: str, reporter: str, period: str
) -> Iterator[RecordIdentity]:
    """List the records that a valid record links to."""
    yield from _links(record, "needs", "need", reporter, needs_period_containing(period))
    yield from _links(record, "responses", "response", reporter, period)
    if kind == "need" and record.get("carried_over_from") is not None:
        yield "need", reporter, previous_needs_period(period), ref_key(record["carried_over_from"])


def _links(
    record: Mapping[str, Any], name: str, kind: str, reporter: str, period: str
) -> Iterator[RecordIdentity]:
    for link in record.get(name) or ():
        yield kind, link.get("reporter") or reporter, link.get("period") or period, ref_key(link["ref"])


def previous_needs_period(period: str) -> str:
    """Return the previous two years for which needs were reported."""
    first = years_of(period).start
    return f"{first - 2}-{first - 1}"


def find_alike(
    requested: Mapping[str, Sequence[str]], earlier: Iterable[tuple[str, str]]
) -> dict[str, list[str]]:
    """Map refs to the earlier refs that look like them, given the refs by skeleton and earlier pairs of both."""
    found: dict[str, dict[str, None]] = {}
    for skeleton, other in earlier:
        for ref in requested.get(skeleton, ()):
            others = found.setdefault(ref, {})
            if len(others) < MAX_ALIKE and ref_key(ref) != ref_key(other) and are_look_alikes(ref, other):
                others[other] = None
    return {ref: sorted(others) for ref, others in found.items() if others}
