"""Files for those who report: templates to fill in, their records back, and their own workbook with what was found in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from services.entry import store
from services.entry.domain.carrying import period_before
from services.entry.domain.submissions import HandedFile, Submission, Verdict, check_right
from services.entry.formats.annotating import annotated, marks_of
from services.entry.formats.bodies import records_in
from services.entry.formats.exports import records_as_csv, records_as_xlsx
from services.entry.formats.media import XLSX
from services.entry.formats.templates import Mapping, template
from services.entry.operations.carrying import records_to_carry
from services.entry.operations.reading import get_visible, read_findings
from shared.blobs import Blobs
from shared.database import Transaction
from shared.errors import NotFound
from shared.identity.callers import Caller
from shared.reference import canonical_pillar, is_period


@dataclass(frozen=True)
class Blank:
    """What a template is for, and the records that are filled in."""

    mapping: Mapping
    records: Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Records:
    """The records of a version: where they are, and what they are."""

    submission: Submission
    version: int
    tlp: str | None
    body: str
    """The sha-256 of the canonical body."""


@dataclass(frozen=True)
class Judged:
    """A workbook as it was handed in, and the verdict on it."""

    file: HandedFile
    verdict: Verdict
    tlp: str | None


def find_template(
    tx: Transaction, *, blobs: Blobs, caller: Caller, pillar: str, kind: str, period: str, language: str
) -> Blank:
    """What the caller's template is for, and what is to be in it; `NotFound` for what is not collected at all.

    Raises `KindIsNotYours` and `PillarIsNotYours`, as handing it in would.
    """
    canonical = canonical_pillar(pillar)
    if canonical is None or not is_period(kind, period):
        raise NotFound("mapping")
    check_right(role=caller.role, pillars=caller.pillars, kind=kind, pillar=canonical)
    mapping = Mapping(caller.reporter, canonical, kind, period, language, made_on=tx.now.date())
    return Blank(mapping, _waiting(tx, blobs, caller, mapping))


def make_template(blank: Blank) -> bytes:
    """The workbook to be filled in."""
    return template(blank.mapping, blank.records)


def find_records(tx: Transaction, *, caller: Caller, submission: str, version: str) -> Records:
    """The records of a version; `NotFound` where they are not known, or not the caller's to see."""
    known = get_visible(tx, caller=caller, submission=submission)
    for each in store.versions_of(tx, known.id):
        if str(each.number) == version and each.body is not None:
            return Records(known, each.number, each.tlp, each.body)
    raise NotFound("version")


def export_csv(blobs: Blobs, records: Records) -> bytes:
    """The records as CSV; raises `TableIsTooLarge`."""
    return records_as_csv(records.submission.kind, partial(_read, blobs, records.body))


def export_xlsx(blobs: Blobs, records: Records) -> bytes:
    """The records as a workbook; raises `TableIsTooLarge`."""
    read = partial(_read, blobs, records.body)
    return records_as_xlsx(records.submission.kind, read, tlp=records.tlp)


def find_workbook(tx: Transaction, *, caller: Caller, submission: str) -> Judged:
    """The workbook that the submission is, once it is judged; `NotFound` where it is none, or not the caller's to see.

    A version that only leaves records out came as no file: what was found in the one before tells why.
    """
    try:
        known = get_visible(tx, caller=caller, submission=submission)
    except NotFound:
        raise NotFound("annotated workbook") from None
    versions = [each for each in store.versions_of(tx, known.id) if each.content and not each.left_out]
    latest = versions[-1] if versions else None
    if latest is None or latest.file is None or latest.file.media_type != XLSX or latest.verdict is None:
        raise NotFound("annotated workbook")
    return Judged(latest.file, latest.verdict, latest.tlp)


def annotate(blobs: Blobs, workbook: Judged) -> bytes:
    """The workbook with what was found in it; raises `WorkbookIsBroken`."""
    groups = read_findings(blobs, verdict=workbook.verdict)
    with blobs.open(workbook.file.sha256) as source:
        return annotated(source, marks_of(groups), groups, tlp=workbook.tlp)


def _waiting(tx: Transaction, blobs: Blobs, caller: Caller, mapping: Mapping) -> list[dict[str, Any]]:
    """The needs that wait to be carried over, as they would be kept, but for what has become of them: that is asked."""
    if not is_period(mapping.kind, period_before(mapping.period)):
        return []
    waiting = records_to_carry(
        tx, blobs=blobs, caller=caller, pillar=mapping.pillar, kind=mapping.kind, period=mapping.period
    )
    return [{name: value for name, value in record.items() if name != "disposition"} for record in waiting]


def _read(blobs: Blobs, body: str) -> Iterator[dict[str, Any]]:
    with blobs.open(body) as stream:
        yield from records_in(stream)
