"""The engine's input: a submission's facts, and batches of its checked records."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, compress, islice, repeat
from typing import Any

from services.validation.engine.domain.evaluation.origins import Origins
from services.validation.engine.domain.evaluation.place_limits import BRIEF_LIMIT, PlaceLimit
from services.validation.engine.domain.findings import Place, unread_at
from services.validation.engine.domain.references.lookups import LookupRequest, request_lookups
from services.validation.engine.domain.shapes.checks import CheckedRecord
from services.validation.engine.domain.words import DEVELOPER, Words
from shared.i18n import Text
from shared.reference.accounts import UNREAD_FACTS, Account
from shared.reference.refs import ref_key
from shared.reference.unread import UNKNOWN_COLUMNS


@dataclass(frozen=True)
class Submission:
    """A submission without its records: its reporter, kind, period and date of receipt.

    `account` states what was read of the submitted file and what was not; records posted as JSON have none.
    `place_limit` limits the places listed per finding.
    """

    pillar: str
    kind: str
    period: str
    tlp: str
    reporter: str
    partner: str | None
    received_on: str
    stated: Sequence[tuple[str, int]] = ()
    """The order of the claims to consecutive records, and their number; empty if it is that of receipt for all."""
    origins: Origins | None = None
    account: Account | None = None
    place_limit: PlaceLimit = BRIEF_LIMIT

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """The facts of the submission that rules can read."""
        names = ("pillar", "kind", "period", "tlp", "reporter", "partner", "received_on")
        return {name: getattr(self, name) for name in names}

    @cached_property
    def lists_unknown_columns(self) -> bool:
        """Whether the account lists columns whose headings name no field, so that their values need no findings."""
        unread = () if self.account is None else self.account.unread
        return any(each.get("reason") in UNKNOWN_COLUMNS for each in unread)

    def locate(self, place: Place) -> dict[str, Any]:
        """Return the place as the report writes it, with its place in the file, if the records came in one."""
        part = unread_at(place.pointer)
        if part is not None and self.account is not None:
            found = self.account.unread[part]
            return place.written | {name: found[name] for name in UNREAD_FACTS if name in found}
        if self.origins is None or (where := self.origins.cell(place.pointer)) is None:
            return place.written
        merged = None if place.value is not None else self.origins.merged_with(where.get("cell", ""))
        return (place if merged is None else _merged(place, where["cell"], merged)).written | where

    def locate_heading(self, place: Place) -> dict[str, Any]:
        """Return a place about a missing column, which is at the headings."""
        return place.written | (self.origins.heading_place() if self.origins is not None else {})

    @cached_property
    def words(self) -> Words:
        """The terms in which the sender knows fields and codes."""
        return DEVELOPER if self.origins is None else self.origins.words(self.kind)


def _merged(place: Place, cell: str, merged: str) -> Place:
    """Return the place with the reason why its value is missing: a merged cell has one value, in its first row."""
    return replace(
        place,
        message=Text(
            "{cell} is part of the merged cell {merged}. {message}",
            cell=cell,
            merged=merged,
            message=place.message,
        ),
        expected=Text("Unmerge the cells, and fill in each of them. {expected}", expected=place.expected),
    )


@dataclass(frozen=True)
class CheckedBatch:
    """Checked records as rules read them; `first` is the index of the first.

    `is_valid` states for each whether it has no fault, and `faulty` holds the others by index. `lookups` is the request
    that the caller answers with a snapshot.
    """

    submission: Submission
    first: int
    records: Sequence[Mapping[str, Any]]
    is_valid: Sequence[bool]
    faulty: Mapping[int, CheckedRecord]

    @property
    def valid(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """The valid records with their indexes."""
        return compress(enumerate(self.records, self.first), self.is_valid)

    @property
    def claims(self) -> Mapping[str, str]:
        """The order of the claim to each record, by the key of its ref, where it is not that of receipt."""
        claims = chain.from_iterable(repeat(claim, number) for claim, number in self.submission.stated)
        refs = (record.get("ref") for record in self.records)
        own = zip(refs, islice(claims, self.first, None), strict=False)
        return {ref_key(ref): claim for ref, claim in own if isinstance(ref, str)}

    @property
    def lookups(self) -> LookupRequest:
        """The look-ups that the rules may need for these records."""
        facts = self.submission
        return request_lookups(self.records, kind=facts.kind, reporter=facts.reporter, period=facts.period)
