"""What records refer to beyond their own submission: what is looked up for them, and the snapshot that is found.

Links are never followed further. A snapshot is all that rules know of others, so a verdict can be given again from it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from services.validation.engine.domain.findings import canonical
from services.validation.engine.domain.references.similarity import compared_fields, similarity_keys
from shared.reference import needs_period_containing, years_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

RecordIdentity = tuple[str, str, str, str]
"""A record by its identity: (kind, reporter, period, ref)."""

STATES = ("in_force", "returned", "withdrawn")
"""How a record that was once accepted stands now; a record that never was has none."""


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
"""The fields of a record that a later version of it is compared with; rules see them as `previous.title` and so on."""


@dataclass(frozen=True)
class IndexEntry:
    """What is kept of a sound record, so that later ones can be compared with it. `tlp` is its own marking, if it has one."""

    ref: str
    tlp: str | None
    facts: Mapping[str, Any]
    similarity_keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class LookupRequest:
    """What rules may ask for about sound records of one submission. It is worked out only as far as it is asked."""

    records: Sequence[Mapping[str, Any]]
    kind: str
    reporter: str
    period: str

    @cached_property
    def known(self) -> frozenset[RecordIdentity]:
        """The targets of links, with what a link leaves out filled in."""
        facts = {"kind": self.kind, "reporter": self.reporter, "period": self.period}
        return frozenset(target for record in self.records for target in list_links(record, **facts))

    @cached_property
    def entries(self) -> tuple[IndexEntry, ...]:
        """The records themselves, as far as each can be named."""
        return tuple(
            index_entry(record, self.kind) for record in self.records if record.get("ref") is not None
        )

    @cached_property
    def refs(self) -> tuple[str, ...]:
        """The records, of which is asked how they stood before."""
        return tuple(entry.ref for entry in self.entries)

    @cached_property
    def comparable(self) -> Mapping[str, IndexEntry]:
        """The support, of which is asked what is like it."""
        return {entry.ref: entry for entry in self.entries if entry.similarity_keys}


@dataclass(frozen=True)
class Snapshot:
    """What was found.

    `known`: identity -> state; `previous`: ref -> the facts that were accepted before; `similar`: ref -> support like
    it, with score and reasons; `former`: the reporter's open needs of the period before.
    """

    known: Mapping[RecordIdentity, str] = field(default_factory=dict)
    previous: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    similar: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    former: Sequence[Mapping[str, Any]] = ()

    @cached_property
    def written(self) -> dict[str, Any]:
        """As JSON, in one order."""
        return {
            "known": {"|".join(each): self.known[each] for each in sorted(self.known)},
            "previous": dict(self.previous),
            "similar": {ref: list(found) for ref, found in self.similar.items()},
            "former": list(self.former),
        }

    @property
    def hash(self) -> str:
        """The sha-256 of all that was found: equal for equal answers, in whatever order they came."""
        return hashlib.sha256(canonical(self.written)).hexdigest()


def request_lookups(
    records: Iterable[Mapping[str, Any]], *, kind: str, reporter: str, period: str
) -> LookupRequest:
    """All that sound records may ask for."""
    return LookupRequest(tuple(records), kind, reporter, period)


def index_entry(record: Mapping[str, Any], kind: str) -> IndexEntry:
    """What is kept of a sound record."""
    similarity_keys = similarity_keys(record) if kind == "support" else ()
    return IndexEntry(record["ref"], record.get("tlp"), facts_of(record, kind), similarity_keys)


def facts_of(record: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """The few fields of a sound record that later ones are compared with."""
    facts = {name: record[name] for name in FACTS if record.get(name) is not None}
    return facts | compared_fields(record) if kind == "support" else facts


def list_links(
    record: Mapping[str, Any], *, kind: str, reporter: str, period: str
) -> Iterator[RecordIdentity]:
    """What one sound record refers to."""
    yield from _links(record, "needs", "need", reporter, needs_period_containing(period))
    yield from _links(record, "responses", "response", reporter, period)
    if kind == "need" and record.get("carried_over_from") is not None:
        yield "need", reporter, previous_needs_period(period), record["carried_over_from"]


def _links(
    record: Mapping[str, Any], name: str, kind: str, reporter: str, period: str
) -> Iterator[RecordIdentity]:
    for link in record.get(name) or ():
        yield kind, link.get("reporter") or reporter, link.get("period") or period, link["ref"]


def previous_needs_period(period: str) -> str:
    """The two years before, for which needs were reported."""
    first = years_of(period).start
    return f"{first - 2}-{first - 1}"
