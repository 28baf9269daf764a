"""Write templates, exports and annotated workbooks for reporters."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from services.entry.carry_over.domain import period_before
from services.entry.carry_over.operations import list_records_to_carry
from services.entry.files import operations as files
from services.entry.files.domain.media_types import CSV, JSON, XLSX
from services.entry.files.domain.workbook_origins import WorkbookOrigin
from services.entry.submissions.domain.submissions import (
    Submission,
    UploadedFile,
    Version,
    check_permission,
)
from services.entry.submissions.domain.verdicts import Verdict
from services.entry.submissions.operations import queries as submissions
from services.entry.workbooks.formats.annotating.annotate import annotate_workbook
from services.entry.workbooks.formats.annotating.cell_notes import list_cell_notes
from services.entry.workbooks.formats.exports import records_as_csv, records_as_xlsx
from services.entry.workbooks.formats.templates.mapping import Mapping
from services.entry.workbooks.formats.templates.workbook import build_template
from shared.blobs import Blobs
from shared.database import Transaction
from shared.errors import NotFound
from shared.identity.callers import Caller
from shared.reference import canonical_pillar, is_period
from shared.reference.days import reporter_day
from shared.reference.findings import marked_in


@dataclass(frozen=True)
class TemplateSpec:
    """The mapping of a template, and the prefilled records."""

    mapping: Mapping
    records: Sequence[dict[str, Any]]


@dataclass(frozen=True)
class VersionRecords:
    """The stored records of a version."""

    submission: Submission
    version: int
    tlp: str | None
    body: str
    """The SHA-256 of the canonical body."""


@dataclass(frozen=True)
class JudgedWorkbook:
    """A submitted workbook and its verdict."""

    file: UploadedFile
    verdict: Verdict
    tlp: str | None
    body: str | None
    """The SHA-256 of the canonical body."""
    origin: WorkbookOrigin
    """The version that the annotated workbook corrects when it is submitted again."""


def find_template(
    tx: Transaction, *, blobs: Blobs, caller: Caller, pillar: str, kind: str, period: str, language: str
) -> TemplateSpec:
    """Return the template of a mapping for the caller. Raise `NotFound` for an unknown mapping.

    Raise `KindIsNotYours` and `PillarIsNotYours`, like a submission.
    """
    canonical = canonical_pillar(pillar)
    if canonical is None or not is_period(kind, period):
        raise NotFound("mapping")
    check_permission(role=caller.role, pillars=caller.pillars, kind=kind, pillar=canonical)
    mapping = Mapping(
        caller.reporter, canonical, kind, period, language, made_on=reporter_day(caller.reporter, tx.now)
    )
    return TemplateSpec(mapping, _records_to_carry(tx, blobs, caller, mapping))


def write_template(spec: TemplateSpec) -> bytes:
    """Return the workbook to fill in."""
    return build_template(spec.mapping, spec.records)


def find_records(tx: Transaction, *, caller: Caller, submission: str, version: str) -> VersionRecords:
    """Return the records of a version. Raise `NotFound` unless the version has records that the caller may read."""
    known = submissions.get_visible(tx, caller=caller, submission=submission)
    for each in submissions.list_versions(tx, submission=known.id):
        if str(each.number) == version and each.body is not None:
            return VersionRecords(known, each.number, each.tlp, each.body)
    raise NotFound("version")


def export(blobs: Blobs, records: VersionRecords, media_type: str) -> bytes:
    """Return the canonical body, or the records as CSV or as a workbook. Raise `TableIsTooLarge`."""
    if media_type == JSON:
        return blobs.get(records.body)
    kind, read = records.submission.kind, partial(submissions.read_records, blobs, body=records.body)
    read_back = partial(files.read_rows, kind=kind)
    if media_type == CSV:
        return records_as_csv(kind, read, read_back=read_back)
    return records_as_xlsx(kind, read, tlp=records.tlp, read_back=read_back)


def find_workbook(tx: Transaction, *, caller: Caller, submission: str) -> JudgedWorkbook:
    """Return the judged workbook of a submission. Raise `NotFound` unless there is one that the caller may read.

    A version that only leaves records out has no file; the findings of the version before it explain the omission.
    """
    try:
        known = submissions.get_visible(tx, caller=caller, submission=submission)
    except NotFound:
        raise NotFound("annotated workbook") from None
    found = submissions.list_versions(tx, submission=known.id)
    versions = [each for each in found if each.content and not each.left_out]
    latest = versions[-1] if versions else None
    if latest is None or latest.file is None or latest.file.media_type != XLSX or latest.verdict is None:
        raise NotFound("annotated workbook")
    return JudgedWorkbook(latest.file, latest.verdict, latest.tlp, latest.body, _origin(known, latest))


def annotate(blobs: Blobs, workbook: JudgedWorkbook, *, language: str) -> bytes:
    """Return the workbook with its findings; raise `WorkbookIsBroken`."""
    groups = marked_in(submissions.read_all_findings(blobs, verdict=workbook.verdict), language)
    account = submissions.read_account(blobs, body=workbook.body) if workbook.body else None
    with blobs.open(workbook.file.sha256) as source:
        return annotate_workbook(
            source,
            list_cell_notes(groups),
            groups,
            account=account,
            origin=workbook.origin,
            tlp=workbook.tlp,
            language=language,
        )


def _origin(known: Submission, latest: Version) -> WorkbookOrigin:
    """Return the version that an annotated workbook is to correct.

    A trial is no version. Its workbook corrects the version that the trial would have corrected, if it named one.
    """
    made_for = WorkbookOrigin(known.reporter, known.pillar, known.kind, known.period)
    if not known.is_trial:
        return replace(made_for, submission=known.id, version=known.version)
    if known.corrects is not None and latest.is_from_workbook and latest.workbook is not None:
        return replace(made_for, submission=known.corrects, version=latest.workbook.version)
    return made_for


def _records_to_carry(
    tx: Transaction, blobs: Blobs, caller: Caller, mapping: Mapping
) -> list[dict[str, Any]]:
    """List the needs to carry over, without their dispositions, which the reporter must choose."""
    if not is_period(mapping.kind, period_before(mapping.period)):
        return []
    needs = list_records_to_carry(
        tx, blobs=blobs, caller=caller, pillar=mapping.pillar, kind=mapping.kind, period=mapping.period
    )
    return [{name: value for name, value in need.items() if name != "disposition"} for need in needs]
