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


@dataclass(frozen=True, kw_only=True)
class SubmissionAccepted(_Verdict):
    """No rule stands against this version: its records count."""

    name: ClassVar[str] = "submission.accepted.v1"


@dataclass(frozen=True, kw_only=True)
class SubmissionReturned(_Verdict):
    """At least one blocker or error stands against this version: its records do not count."""

    name: ClassVar[str] = "submission.returned.v1"


@dataclass(frozen=True, kw_only=True)
class SubmissionWithdrawn(SubmissionEvent):
    """The reporter took the submission back. `version` is a tombstone's: higher than any before."""

    name: ClassVar[str] = "submission.withdrawn.v1"

    reason: str
    withdrawn_at: str
