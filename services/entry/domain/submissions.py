"""Submissions, their versions and the verdicts on them; who may hand in what, and what may follow on what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Outcome = Literal["accepted", "returned"]
State = Literal["received", "accepted", "returned", "withdrawn"]

KINDS_OF_ROLE = {"structure": ("need", "response", "support"), "member": ("response", "support")}
"""What a role reports."""


@dataclass(frozen=True)
class Verdict:
    """What the rules said of a version. It never changes: what changes adds the next one."""

    number: int
    outcome: Outcome
    reason: str
    """Why it was given: what had changed."""
    judged_at: datetime
    ruleset: str
    ruleset_hash: str
    counts: Mapping[str, int]
    """Findings by severity."""
    report: str
    """The sha-256 of the findings report."""


@dataclass(frozen=True)
class Progress:
    """How far the checking of a large version has come: so many of its chunks."""

    judged: int
    chunks: int
    at: datetime


@dataclass(frozen=True)
class Version:
    """One immutable version of a submission, with what became of it; a withdrawal is one without a body."""

    number: int
    state: State
    received_at: datetime
    tlp: str | None = None
    body: str | None = None
    records: int = 0
    reason: str | None = None
    """Why the submission was taken back."""
    progress: Progress | None = None
    """Of a checking that has not come to its verdict."""
    verdicts: Sequence[Verdict] = ()
    """All that are known, the first first."""

    @property
    def verdict(self) -> Verdict | None:
        """The one that stands."""
        return self.verdicts[-1] if self.verdicts else None


@dataclass(frozen=True)
class Submission:
    """What a reporter handed in, with its present version's state."""

    id: str
    reporter: str
    partner: str | None
    pillar: str
    kind: str
    period: str
    version: int
    state: State
    created_at: datetime
    changed_at: datetime


class KindIsNotYours(Exception):
    """The caller's role does not report this mapping."""

    def __init__(self, kind: str, kinds: Sequence[str]) -> None:
        super().__init__(f"You cannot submit a {kind}; your role reports {' and '.join(kinds)}.")


class PillarIsNotYours(Exception):
    """The caller's credential is for other pillars."""

    def __init__(self, pillar: str, pillars: Sequence[str]) -> None:
        super().__init__(f"You cannot submit for {pillar}; your credential is for {', '.join(pillars)}.")


class VersionIsStale(Exception):
    """A correction or withdrawal was meant for a version that is no longer the present one."""

    def __init__(self, given: int, present: int) -> None:
        super().__init__(
            f"You mean version {given}, and version {present} is the present one; read it, then correct that."
        )


class SubmissionIsWithdrawn(Exception):
    """Nothing can be changed in what was taken back."""

    def __init__(self) -> None:
        super().__init__("The submission was withdrawn; hand in a new one.")


class CorrectionDiffers(Exception):
    """A correction is for another mapping than the version it replaces."""

    def __init__(self, what: str, was: str, now: str) -> None:
        super().__init__(
            f"A correction keeps the {what} of what it corrects, {was}, and this one is for {now}; "
            "withdraw the one and hand in the other."
        )


def check_right(*, role: str, pillars: Sequence[str], kind: str, pillar: str) -> None:
    """Raise `KindIsNotYours` or `PillarIsNotYours` unless the credential covers the mapping."""
    kinds = KINDS_OF_ROLE[role]
    if kind not in kinds:
        raise KindIsNotYours(kind, kinds)
    if pillar not in pillars:
        raise PillarIsNotYours(pillar, pillars)


def check_same_mapping(submission: Submission, *, pillar: str, kind: str, period: str) -> None:
    """Raise `CorrectionDiffers` unless the correction is for the same pillar, kind and period."""
    for what, was, now in (
        ("pillar", submission.pillar, pillar),
        ("kind", submission.kind, kind),
        ("period", submission.period, period),
    ):
        if was != now:
            raise CorrectionDiffers(what, was, now)


def check_present(submission: Submission, *, version: int) -> None:
    """Raise unless the version is the submission's present one and not withdrawn."""
    if submission.state == "withdrawn":
        raise SubmissionIsWithdrawn
    if submission.version != version:
        raise VersionIsStale(version, submission.version)
