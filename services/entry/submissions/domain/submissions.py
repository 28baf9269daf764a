"""Submissions, their versions and verdicts, and the rules for submitting, correcting and withdrawing them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from services.entry.files.domain.accounts import account_of_records
from services.entry.submissions.domain.counting import CORRECTION, Counting, WorkbookUse
from services.entry.submissions.domain.refusals import (
    CorrectionDiffers,
    FileIsBeingRead,
    KindIsNotYours,
    PillarIsNotYours,
    SubmissionIsWithdrawn,
    TrialStaysTrial,
)
from services.entry.submissions.domain.verdicts import Progress, Verdict
from shared.identity.rights import kinds_submitted_by

State = Literal["received", "accepted", "returned", "withdrawn"]

Mode = Literal["upsert", "replace"]
"""The treatment of records that are not named: `upsert` keeps them, `replace` withdraws them after acceptance."""

OnError = Literal["return", "accept"]
"""The result for a submission with unacceptable records: everything is returned, or the rest is accepted."""


@dataclass(frozen=True)
class UploadedFile:
    """The file of a version."""

    sha256: str
    media_type: str
    name: str | None
    size: int


@dataclass(frozen=True)
class Version:
    """One immutable version of a submission, with its verdicts. A withdrawal is a version without content."""

    number: int
    state: State
    received_at: datetime
    tlp: str | None = None
    body: str | None = None
    """The sha-256 of the canonical body; None without one, or while a file is unread."""
    records: int = 0
    reason: str | None = None
    """The reason for withdrawing the submission or some of its records."""
    content: str | None = None
    """The sha-256 of the submitted content: of the file's bytes, or of the canonical body of the named records."""
    mode: Mode = "upsert"
    on_error: OnError = "return"
    is_late: bool = False
    file: UploadedFile | None = None
    read_at: datetime | None = None
    refusal: Mapping[str, Any] | None = None
    """The reason why the file could not be read."""
    left_out: Sequence[str] = ()
    """The records of the previous version that this version omits."""
    reported_at: datetime | None = None
    """The time from which its records count in the report."""
    reading: Mapping[str, Any] | None = None
    """The account of what was read of its file and what was not, as `reading.bounded` returns it."""
    workbook: WorkbookUse | None = None
    """The version that the file was made from, by its own statement, and the use that was made of it."""
    counting: Counting | None = None
    """The records that count; None if the version shares no record with other submissions."""
    progress: Progress | None = None
    """The progress of a judgement without a verdict yet."""
    verdicts: Sequence[Verdict] = ()
    """All known verdicts, the oldest first."""

    @property
    def verdict(self) -> Verdict | None:
        """Return the current verdict; None before the first."""
        return self.verdicts[-1] if self.verdicts else None

    @property
    def account(self) -> Mapping[str, Any] | None:
        """Return what was read of its file, or request, and what was not.

        None while a file is unread, for one that could not be read or was read before accounts were stored, and for
        a version without records of its own.
        """
        is_own = self.content == self.body and not self.left_out
        if self.reading is None and self.file is None and self.records and is_own:
            return account_of_records(self.records).overview
        return self.reading

    @property
    def is_from_workbook(self) -> bool:
        """Return whether the version corrects another because its workbook was made from it."""
        return self.workbook is not None and self.workbook.use == CORRECTION

    @property
    def is_unread(self) -> bool:
        """Return whether the version is a file that is not read yet."""
        return self.file is not None and self.read_at is None


@dataclass(frozen=True)
class Submission:
    """A submission of a reporter, with the state of its current version."""

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
    """The sender's own name for the submission."""
    content: str | None = None
    """The key by which duplicate content is recognised."""
    is_trial: bool = False
    """Whether the submission is only judged, and never stored as data."""
    corrects: str | None = None
    """The submission that a trial would correct."""

    @property
    def mapping(self) -> dict[str, Any]:
        """Return the fields of the mapping and its reporter, as in events and bodies."""
        names = ("reporter", "partner", "pillar", "kind", "period")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class SubmissionFilter:
    """The submissions to list. A field that is None does not restrict the list."""

    reporter: str | None = None
    partner: str | None = None
    state: str | None = None
    pillar: str | None = None
    kind: str | None = None
    period: str | None = None
    reference: str | None = None
    is_trial: bool | None = None


def check_permission(*, role: str, pillars: Sequence[str], kind: str, pillar: str) -> None:
    """Raise `KindIsNotYours` or `PillarIsNotYours` unless the credential covers the mapping."""
    kinds = kinds_submitted_by(role)
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


def check_correctable(submission: Submission) -> None:
    """Raise `TrialStaysTrial` or `SubmissionIsWithdrawn` unless the submission can be corrected or withdrawn."""
    if submission.is_trial:
        raise TrialStaysTrial
    if submission.state == "withdrawn":
        raise SubmissionIsWithdrawn


def latest_body(versions: Sequence[Version]) -> Version | None:
    """Return the latest version with a known body; None without one."""
    return next((version for version in reversed(versions) if version.body), None)


def find_base(versions: Sequence[Version], *, mode: Mode) -> Version | None:
    """Return the version whose records the next version keeps unless it names them; None without one.

    Raise `FileIsBeingRead` while the last version is an unread file.
    """
    if mode == "replace" or not versions:
        return None
    if versions[-1].is_unread:
        raise FileIsBeingRead
    return latest_body(versions)
