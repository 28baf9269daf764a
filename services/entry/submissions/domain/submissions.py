"""Submissions, their versions and the verdicts on them; who may hand in what, and what may follow on what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from shared.reference.roles import KINDS_OF_ROLE

Outcome = Literal["accepted", "returned"]
State = Literal["received", "accepted", "returned", "withdrawn"]

Mode = Literal["upsert", "replace"]
"""What becomes of records that are not named: they stay as they are, or are withdrawn once this is accepted."""

OnError = Literal["return", "accept"]
"""What becomes of a submission with records that cannot be accepted: all is returned, or the rest accepted."""


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
class HandedFile:
    """The file that a version came as."""

    sha256: str
    media_type: str
    name: str | None
    size: int


@dataclass(frozen=True)
class Version:
    """One immutable version of a submission, with what became of it; a withdrawal is one without content."""

    number: int
    state: State
    received_at: datetime
    tlp: str | None = None
    body: str | None = None
    """The sha-256 of the canonical body; None where there is none, or a file is not read yet."""
    records: int = 0
    reason: str | None = None
    """Why the submission, or records of it, were taken back."""
    content: str | None = None
    """The sha-256 of what was handed in: of the file's bytes, else of the canonical body of what was named."""
    mode: Mode = "upsert"
    on_error: OnError = "return"
    is_late: bool = False
    file: HandedFile | None = None
    read_at: datetime | None = None
    refusal: Mapping[str, Any] | None = None
    """Why the file could not be read."""
    left_out: Sequence[str] = ()
    """The records that this version does without, though the former one had them."""
    reported_at: datetime | None = None
    """Since when its records are in report."""
    progress: Progress | None = None
    """Of a checking that has not come to its verdict."""
    verdicts: Sequence[Verdict] = ()
    """All that are known, the first first."""

    @property
    def verdict(self) -> Verdict | None:
        """The one that stands."""
        return self.verdicts[-1] if self.verdicts else None

    @property
    def is_unread(self) -> bool:
        """Whether it came as a file of which nobody knows yet what it holds."""
        return self.file is not None and self.read_at is None


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
    reference: str | None = None
    """The sender's own name for it."""
    content: str | None = None
    """What tells the same content again."""
    is_trial: bool = False
    """Whether it is judged only, and counts nowhere."""
    corrects: str | None = None
    """The submission that a trial would correct."""


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

    def __init__(self, given: int, present: int, changes: Mapping[str, Any] | None = None) -> None:
        super().__init__(
            f"You mean version {given}, and version {present} is the present one; read it, then correct that."
        )
        self.facts = {"given": given, "present": present, "changes": changes}


class SubmissionIsWithdrawn(Exception):
    """Nothing can be changed in what was taken back."""

    def __init__(self) -> None:
        super().__init__("The submission was withdrawn; hand in a new one.")


class ReferenceIsTaken(Exception):
    """The sender's own name for a submission came again with other content."""

    def __init__(self, reference: str, submission: str, *, known: str | None, given: str) -> None:
        super().__init__(
            f"You used the reference {reference!r} for submission {submission}, with other content. To correct it, say in "
            "'supersedes' which version you replace; to hand in something else, use another reference."
        )
        self.facts = {"submission": submission, "known_content": known, "given_content": given}


class ContentIsThere(Exception):
    """Another submission of the reporter's has this content now."""

    def __init__(self, submission: str) -> None:
        super().__init__(f"Your submission {submission} has this very content; there is nothing to correct.")
        self.facts = {"submission": submission}


class HandedInTwice(Exception):
    """Two requests met; neither is stored twice."""

    def __init__(self) -> None:
        super().__init__(
            "The same was handed in at the same moment, and has changed since; look at your submissions."
        )


class TrialStaysTrial(Exception):
    """Nothing can be corrected or taken back in what counts nowhere."""

    def __init__(self) -> None:
        super().__init__("This was a trial and counts nowhere; hand in a submission of its own.")


class RecordsAreUnknown(Exception):
    """Records were to be taken back that the submission does not have."""

    def __init__(self, refs: Sequence[str]) -> None:
        named = ", ".join(map(repr, refs[:10]))
        more = f" and {len(refs) - 10} more" if len(refs) > 10 else ""  # noqa: PLR2004 - ten names are enough to see
        super().__init__(f"The present version has no records {named}{more}; name those that it has.")


class RecordsStand(Exception):
    """There is something to report: records of the mapping were handed in."""

    def __init__(self, submission: str) -> None:
        super().__init__(
            f"Your submission {submission} of this mapping stands; withdraw it before you sign that there is nothing to report."
        )
        self.facts = {"submission": submission}


class FileIsBeingRead(Exception):
    """A version came as a file that has not been read yet."""

    def __init__(self) -> None:
        super().__init__(
            "The present version came as a file that is still being read; try again in a moment."
        )


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


def check_standing(submission: Submission) -> None:
    """Raise unless something can be changed in the submission at all."""
    if submission.is_trial:
        raise TrialStaysTrial
    if submission.state == "withdrawn":
        raise SubmissionIsWithdrawn


def latest_body(versions: Sequence[Version]) -> Version | None:
    """The latest version whose content is known; None if there is none."""
    return next((version for version in reversed(versions) if version.body), None)


def base_of(versions: Sequence[Version], *, mode: Mode) -> Version | None:
    """The version whose records stay that the next one does not name; None where none do.

    Raises `FileIsBeingRead` while nobody knows what the last one holds.
    """
    if mode == "replace" or not versions:
        return None
    if versions[-1].is_unread:
        raise FileIsBeingRead
    return latest_body(versions)
