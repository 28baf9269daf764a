"""Events of submissions. (submission, version, verdict) orders them; the bus does not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from shared.events.event import Event

LARGE_RECORDS = 2_000
"""The number of records above which a submission is handled in the bulk lane."""


@dataclass(frozen=True, kw_only=True)
class SubmissionEvent(Event):
    """The fields that every event of a submission carries."""

    submission: str
    version: int
    reporter: str
    partner: str | None
    """None where the reporter is a member."""
    pillar: str
    kind: str
    period: str


@dataclass(frozen=True, kw_only=True)
class _Body(SubmissionEvent):
    tlp: str
    body: str
    """The sha-256 of the canonical body in the blob store, in hexadecimal."""
    records: int
    received_at: str

    @property
    def is_large(self) -> bool:
        """Whether the submission goes to the bulk lane."""
        return self.records > LARGE_RECORDS


@dataclass(frozen=True, kw_only=True)
class SubmissionReceived(_Body):
    """A reporter submitted a version, which is on disk and has its receipt."""

    name: ClassVar[str] = "submission.received.v1"


@dataclass(frozen=True, kw_only=True)
class SubmissionOutdated(_Body):
    """The rules, references or waivers behind a verdict have changed, so the version is judged again by validation itself."""

    name: ClassVar[str] = "submission.outdated.v1"

    verdict: int
    """The verdict that is outdated."""
    reason: str
    """`rules_changed`, `references_changed` or `waiver_changed`."""


@dataclass(frozen=True, kw_only=True)
class ChunkReady(Event):
    """A chunk of a large submission is ready. Validation is its own subscriber, so that any worker may judge it."""

    name: ClassVar[str] = "chunk.ready.v1"

    judging: str
    submission: str
    number: int
    """Counts the chunks of a judging from 0."""
    first: int
    """The index of the chunk's first record."""
    offset: int
    """The offset of its records in the body, in bytes."""
    length: int

    @property
    def is_large(self) -> bool:
        """Whether the event goes to the bulk lane: always, so that chunks never delay small submissions."""
        return True


@dataclass(frozen=True, kw_only=True)
class ChunksJudged(Event):
    """All chunks of a judging are judged, so validation, its own subscriber, can give the verdict."""

    name: ClassVar[str] = "chunks.judged.v1"

    judging: str
    submission: str

    @property
    def is_large(self) -> bool:
        """Whether the event goes to the bulk lane: always, since it combines the findings of many chunks."""
        return True


@dataclass(frozen=True, kw_only=True)
class SubmissionProgressed(Event):
    """A number of chunks of a large version are judged."""

    name: ClassVar[str] = "submission.progressed.v1"

    submission: str
    version: int
    judged: int
    chunks: int
    progressed_at: str


@dataclass(frozen=True, kw_only=True)
class _Verdict(_Body):
    verdict: int
    """Counts the verdicts on one version, from 1."""
    ruleset: str
    ruleset_hash: str
    counts: Mapping[str, int] = field(default_factory=dict)
    """Findings by severity."""
    report: str
    """The sha-256 of the findings report."""
    judged_at: str
    reason: str
    """The reason of this verdict: `first` for the first of all, `data_changed` for the first on a later version, else the
    change that required it. Before 2026.3, `data_changed` was also the reason of the first of all."""


@dataclass(frozen=True, kw_only=True)
class SubmissionAccepted(_Verdict):
    """No blocker or error was found in this version: its records count."""

    name: ClassVar[str] = "submission.accepted.v2"


@dataclass(frozen=True, kw_only=True)
class SubmissionReturned(_Verdict):
    """At least one blocker or error was found in this version: its records do not count."""

    name: ClassVar[str] = "submission.returned.v2"


@dataclass(frozen=True, kw_only=True)
class SubmissionReported(Event):
    """The records of an accepted version count in the reports from this event on."""

    name: ClassVar[str] = "submission.reported.v1"

    submission: str
    version: int
    verdict: int
    reported_at: str


@dataclass(frozen=True, kw_only=True)
class SubmissionCounted(Event):
    """The number of records of a version that count has changed, or the submissions that supersede the others.

    A submission that shares no record with another has no such event: all its records count.
    """

    name: ClassVar[str] = "submission.counted.v1"

    submission: str
    version: int
    change: int
    """Counts these events of a submission from 1. The highest is current."""
    records: int
    counted: int
    superseded_by: Mapping[str, int]
    """Each submission of which later versions of records count instead, and the number of these records."""
    counted_at: str


@dataclass(frozen=True, kw_only=True)
class SubmissionWithdrawn(SubmissionEvent):
    """The reporter withdrew the submission. `version` is the tombstone's, higher than any before."""

    name: ClassVar[str] = "submission.withdrawn.v1"

    reason: str
    withdrawn_at: str


@dataclass(frozen=True, kw_only=True)
class TrialReceived(_Body):
    """A reporter requested a trial: the verdict that a submission would get. A trial never counts, and no other reporter sees it."""

    name: ClassVar[str] = "trial.received.v1"

    supersedes: str | None = None
    """The submission that it would correct, whose records do not count as duplicates."""


@dataclass(frozen=True, kw_only=True)
class TrialJudged(Event):
    """A trial was judged, by the rules and references current at that time."""

    name: ClassVar[str] = "trial.judged.v1"

    submission: str
    version: int
    outcome: str
    """`accepted` or `returned`."""
    ruleset: str
    ruleset_hash: str
    counts: Mapping[str, int]
    """Findings by severity."""
    report: str
    """The sha-256 of the findings report."""
    judged_at: str
