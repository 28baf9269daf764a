"""Read a received file in a worker, as records of a version: into a canonical body, or into a refusal."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any, BinaryIO

from services.entry.audit.domain import SYSTEM
from services.entry.files import operations as files
from services.entry.files.domain.accounts import account_of, check_records, check_unread
from services.entry.files.domain.media_types import JSON, NDJSON, split
from services.entry.files.domain.read_result import ReadResult, Unread
from services.entry.files.domain.refusals import FileIsRefused
from services.entry.submissions.domain.statements import StatedBy, Subject
from services.entry.submissions.domain.submissions import Submission, UploadedFile, Version, find_base
from services.entry.submissions.operations import erasing, statements
from services.entry.submissions.operations.announcements import announce_received, record_action
from services.entry.submissions.operations.merging import (
    Base,
    KeptRecords,
    base_of,
    compare_with_base,
    write_blob,
    write_merged,
)
from services.entry.submissions.operations.statements import (
    Repeats,
    place_of_version,
    subjects_of,
    with_repeated,
)
from services.entry.submissions.store import submissions
from shared.blobs import BlobIsMissing, Blobs
from shared.bus.handling import Effect
from shared.clock import iso
from shared.database import Database, Transaction
from shared.events import FileReceived
from shared.i18n import Text
from shared.records.bodies import record_line
from shared.records.canonical import canonical_json
from shared.records.places import own_place, write_places
from shared.reference import canonical_pillar
from shared.reference.markings import TextIsClassified, check_unclassified, is_unmarked_json

MAX_RECORDS = 100_000
"""The maximum number of records of a file."""

BATCH = 500
"""The number of records that are searched for markings together."""


def read_version(*, database: Database, blobs: Blobs, event: FileReceived) -> Effect:
    """Read a version's file. The effect stores its records, or returns the version with the reason."""
    with database.read() as tx:
        known = submissions.find_submission(tx, event.submission)
        versions = submissions.list_versions(tx, event.submission)
        corrected = submissions.list_versions(tx, known.corrects) if known and known.corrects else None
    version = next((each for each in versions if each.number == event.version), None)
    if known is None or version is None or version.file is None or version.read_at is not None:
        return lambda _tx: None
    previous = [each for each in versions if each.number < event.version] if corrected is None else corrected
    # Raises while the previous version is unread: the bus tries again.
    base = base_of(find_base(previous, mode=version.mode), submission=known.corrects or known.id)
    try:
        read = _read(database, blobs, known=known, version=version, file=version.file, base=base)
    except FileIsRefused as error:
        refusal = error
    except TextIsClassified as error:
        refusal = erasing.classified_refusal(error)
    except BlobIsMissing:
        refusal = erasing.refusal_of_missing(blobs, version.file)
    else:
        blobs.delete_erasure(version.file.sha256)
        return partial(_store, known=known, read=read)
    # Before the effect: once the version is returned, nothing of the file is left.
    refusal = erasing.erase_refused(
        database=database, blobs=blobs, submission=known.id, version=version, refusal=refusal
    )
    return partial(_refuse, known=known, version=version, refusal=refusal)


@dataclass(frozen=True)
class _ReadVersion:
    """A version with its body, and the statements of its records at their place."""

    version: Version
    subjects: Sequence[Subject | None]
    place: str


def _read(
    database: Database,
    blobs: Blobs,
    *,
    known: Submission,
    version: Version,
    file: UploadedFile,
    base: Base | None,
) -> _ReadVersion:
    """Return the version with its body: the records of the file, and the other records of the base."""
    with blobs.open(file.sha256) as stream:
        _check_texts(stream, known, file)
        reading = _reading(stream, known, file)
        _check_mapping(known, version, reading.facts)
        reading.unread += _other_sender(known, reading.facts)
        refs: list[str | None] = []
        named = list(_lines(reading, refs, is_searched=_is_json(file)))
    check_records(reading, records=len(named))
    facts = known.mapping | {"tlp": version.tlp}
    own = place_of_version(version, submission=known.id)
    subjects = subjects_of(facts, named, refs)
    kept = compare_with_base(blobs, base, dict(zip(refs, named, strict=True)))
    if _is_correction(known, version):
        repeats = Repeats(_places_in_correction(version, refs, kept, own=own))
        if version.is_from_workbook:
            with database.read() as tx:
                repeats = statements.without_withdrawn(tx, blobs, repeats, subjects, own=own)
    else:
        with database.read() as tx:
            repeats = statements.find_repeats(tx, blobs, subjects, own=own)
    account = account_of(reading, media_type=file.media_type, records=len(named))
    # The account and the origins quote names, headings and cells that are in no record.
    check_unclassified(account.whole, at="/reading")
    check_unclassified(reading.located, at="/origins")
    if reading.located is not None:
        facts["origins"] = write_blob(blobs, [canonical_json(reading.located)])
    account = with_repeated(account, repeats, refs)
    facts["reading"] = write_blob(blobs, [canonical_json(account.whole)])
    facts |= write_places(
        [*repeats.places, *kept.places],
        own=own,
        default=own_place(iso(version.received_at), known.id, version.number),
        put=lambda places: write_blob(blobs, [places]),
    )
    body, records = write_merged(blobs, facts=facts, named=named, base=base, is_kept=kept.is_kept)
    # An unchanged record of a correction is no statement of it.
    stated = [
        subject if place == own else None for subject, place in zip(subjects, repeats.places, strict=True)
    ]
    version = replace(version, body=body, records=records, reading=account.overview)
    return _ReadVersion(version, stated, own)


def _is_correction(known: Submission, version: Version) -> bool:
    return version.number > 1 or known.corrects is not None


def _places_in_correction(
    version: Version, refs: Sequence[str | None], kept: KeptRecords, *, own: str
) -> list[str]:
    """Return the places of the records that a correction names.

    It states all of them. But a workbook lists every record of the version that it was made from: those that are
    unchanged keep their places.
    """
    unchanged = kept.unchanged if version.is_from_workbook else {}
    return [unchanged.get(ref, own) for ref in refs]


def _check_texts(stream: BinaryIO, known: Submission, file: UploadedFile) -> None:
    """Raise `TextIsClassified` for a marking anywhere in a file, `FileIsRefused` if its texts cannot be decoded.

    The texts of JSON are those of its records, so records are not searched again.
    """
    try:
        for place, text in files.list_texts(stream, media_type=file.media_type):
            check_unclassified(text, at=place)
    except TextIsClassified:
        if _is_json(file):
            # If a record carries the marking, reading finds its place.
            with suppress(FileIsRefused):
                deque(_lines(_reading(stream, known, file), [], is_searched=False), maxlen=0)
        raise
    except FileIsRefused as refusal:
        refusal.erased = True
        raise


def _reading(stream: BinaryIO, known: Submission, file: UploadedFile) -> ReadResult:
    stream.seek(0)
    return files.read_file(stream, media_type=file.media_type, kind=known.kind, name=file.name or "")


def _check_mapping(known: Submission, version: Version, facts: Mapping[str, Any]) -> None:
    """Raise `FileIsRefused` unless the mapping that the file names, if any, is that of the submission."""
    submitted = {"kind": known.kind, "period": known.period, "tlp": version.tlp}
    stated = {name: facts[name] for name in submitted if facts.get(name) is not None}
    if facts.get("pillar") is not None:
        submitted["pillar"], stated["pillar"] = known.pillar, canonical_pillar(str(facts["pillar"]))
    other = [name for name, value in stated.items() if value != submitted[name]]
    if other:
        names = {
            "found": ", ".join(str(facts[name]) for name in other),
            "submitted": ", ".join(str(submitted[name]) for name in other),
        }
        raise FileIsRefused(
            "other-mapping",
            Text("The file is for {found}, but was submitted for {submitted}.", **names),
            Text("A file for {submitted}, or this file submitted for {found}.", **names),
            ", ".join(other),
        )


def _other_sender(known: Submission, facts: Mapping[str, Any]) -> Iterator[Unread]:
    """Yield a part for each sender, other than the submission's, that a file names."""
    for name, own in (("reporter", known.reporter), ("partner", known.partner)):
        if facts.get(name) not in (None, own):
            values = {"written": str(facts[name])[:40], "own": own or known.reporter}
            yield Unread("json-other-sender", values, element=f"member {name}")


def _is_json(file: UploadedFile) -> bool:
    return split(file.media_type)[0] in (JSON, NDJSON)


def _lines(reading: ReadResult, refs: list[str | None], *, is_searched: bool) -> Iterator[bytes]:
    """Yield the records' lines, and collect their refs.

    Raise `FileIsRefused` for too many records or unread parts, `TextIsClassified` for a marking.
    """
    first = 0
    records = iter(reading.records)
    while batch := list(islice(records, BATCH)):
        if first + len(batch) > MAX_RECORDS:
            raise FileIsRefused(
                "too-many-records",
                Text("The file has more than {most:,} records.", most=MAX_RECORDS),
                Text(
                    "Up to {most:,} records in a file; submit the others in another file.",
                    most=MAX_RECORDS,
                ),
            )
        check_unread(reading)
        lines = list(map(record_line, batch))
        if not is_searched and not is_unmarked_json(b"\n".join(lines).decode()):
            check_unclassified(batch, at="/records", first=first)
        refs.extend(ref if isinstance(ref := record.get("ref"), str) else None for record in batch)
        yield from lines
        first += len(batch)


def _store(tx: Transaction, *, known: Submission, read: _ReadVersion) -> None:
    version = read.version
    if not submissions.update_read(tx, version, submission=known.id):
        return
    if not known.is_trial:
        record = statements.record_correction if version.number > 1 else statements.record_missing
        record(tx, read.subjects, by=StatedBy(known.reporter, known.id, version.number, read.place))
    announce_received(tx, known, version)


def _refuse(tx: Transaction, *, known: Submission, version: Version, refusal: FileIsRefused) -> None:
    """Return the version. The previous version still counts, since the returned one was never announced."""
    if submissions.update_refused(tx, submission=known.id, version=version.number, refusal=refusal.facts):
        detail = {"rule": refusal.rule}
        record_action(tx, known, version.number, actor=SYSTEM, action="submission.returned", detail=detail)
