"""What happens to submissions. (submission, version, verdict) orders them: the bus does not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from shared.events.event import Event

LARGE_RECORDS = 2_000
"""A submission of more records than this is handled in the bulk lane."""


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
    """The sha-256 of the canonical body, in hexadecimal; the blob store has it."""
    records: int
    received_at: str

    @property
    def is_large(self) -> bool:
        """Whether it goes to the bulk lane."""
        return self.records > LARGE_RECORDS


@dataclass(frozen=True, kw_only=True)
class SubmissionReceived(_Body):
    """A reporter handed in a version; it is on disk and has its receipt."""

    name: ClassVar[str] = "submission.received.v1"


@dataclass(frozen=True, kw_only=True)
class SubmissionOutdated(_Body):
    """What a version's verdict rests on has changed: it is to be judged again. Validation tells itself."""

    name: ClassVar[str] = "submission.outdated.v1"

    verdict: int
    """The verdict that is outdated."""
    reason: str
    """`rules_changed`, `references_changed` or `waiver_changed`."""


@dataclass(frozen=True, kw_only=True)
class ChunkReady(Event):
    """A chunk of a large submission can be judged. Validation tells itself, so that any worker may take it."""

    name: ClassVar[str] = "chunk.ready.v1"

    judging: str
    submission: str
    number: int
    """Counts the chunks of a judging from 0."""
    first: int
    """The index of the chunk's first record."""
    offset: int
    """Where its records begin in the body, in bytes."""
    length: int

    @property
    def is_large(self) -> bool:
        """Chunks never hold up small submissions."""
        return True


@dataclass(frozen=True, kw_only=True)
class ChunksJudged(Event):
    """All chunks of a judging are judged: the verdict can be given. Validation tells itself."""

    name: ClassVar[str] = "chunks.judged.v1"

    judging: str
    submission: str

    @property
    def is_large(self) -> bool:
        """It puts together what many chunks found."""
        return True


@dataclass(frozen=True, kw_only=True)
class SubmissionProgressed(Event):
    """So many chunks of a large version are judged by now."""

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
    """Why this verdict was given: `data_changed` for the first on a version; else what it rests on changed."""


@dataclass(frozen=True, kw_only=True)
class SubmissionAccepted(_Verdict):
    """No rule stands against this version: its records count."""

    name: ClassVar[str] = "submission.accepted.v2"


@dataclass(frozen=True, kw_only=True)
class SubmissionReturned(_Verdict):
    """At least one blocker or error stands against this version: its records do not count."""

    name: ClassVar[str] = "submission.returned.v2"


@dataclass(frozen=True, kw_only=True)
class SubmissionReported(Event):
    """The records of an accepted version count in the reports from now on."""

    name: ClassVar[str] = "submission.reported.v1"

    submission: str
    version: int
    verdict: int
    reported_at: str


@dataclass(frozen=True, kw_only=True)
class SubmissionWithdrawn(SubmissionEvent):
    """The reporter took the submission back. `version` is a tombstone's: higher than any before."""

    name: ClassVar[str] = "submission.withdrawn.v1"

    reason: str
    withdrawn_at: str


@dataclass(frozen=True, kw_only=True)
class TrialReceived(_Body):
    """A reporter wants to know what would become of a submission. Nothing of it counts, and nobody else hears of it."""

    name: ClassVar[str] = "trial.received.v1"

    supersedes: str | None = None
    """The submission that it would correct, whose records are not held against it."""


@dataclass(frozen=True, kw_only=True)
class TrialJudged(Event):
    """What the verdict on a trial would be, by the rules and references as they were at that moment."""

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
