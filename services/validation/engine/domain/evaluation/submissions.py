"""What is judged: a submission's facts, and its records once their shape was checked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import compress
from typing import TYPE_CHECKING, Any

from services.validation.engine.domain.evaluation.place_limits import BRIEF_LIMIT
from services.validation.engine.domain.references.lookups import request_lookups

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from services.validation.engine.domain.evaluation.origins import Origins
    from services.validation.engine.domain.evaluation.place_limits import PlaceLimit
    from services.validation.engine.domain.findings import Place
    from services.validation.engine.domain.references.lookups import LookupRequest
    from services.validation.engine.domain.shapes.checks import CheckedRecord


@dataclass(frozen=True)
class Submission:
    """What is judged, but for the records: who reports what, and on which day it was received.

    `bound` says how many places are told of what is found in it.
    """

    pillar: str
    kind: str
    period: str
    tlp: str
    reporter: str
    partner: str | None
    received_on: str
    origins: Origins | None = None
    place_limit: PlaceLimit = BRIEF_LIMIT

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """What rules may know of the submission."""
        names = ("pillar", "kind", "period", "tlp", "reporter", "partner", "received_on")
        return {name: getattr(self, name) for name in names}

    def locate(self, place: Place) -> dict[str, Any]:
        """The place as the report has it, with its cell where the records came in a file."""
        cell = None if self.origins is None else self.origins.cell(place.pointer)
        return place.written if cell is None else place.written | cell


@dataclass(frozen=True)
class CheckedBatch:
    """Records whose shape has been checked, as the rules see them, of which the first has the index `first`.

    `is_clean` says of each whether it is without a fault, `faulty` tells of the others, by index; `wanted` is what the
    caller should look up.
    """

    submission: Submission
    first: int
    records: Sequence[Mapping[str, Any]]
    is_valid: Sequence[bool]
    faulty: Mapping[int, CheckedRecord]

    @property
    def valid(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """The records without a fault, with their indexes."""
        return compress(enumerate(self.records, self.first), self.is_valid)

    @property
    def lookups(self) -> LookupRequest:
        """What the rules may ask for beyond the records themselves."""
        facts = self.submission
        return request_lookups(self.records, kind=facts.kind, reporter=facts.reporter, period=facts.period)
