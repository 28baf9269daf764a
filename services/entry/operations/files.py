"""Read what came as a file, in a worker: into a canonical body, or into a sentence that says why not."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice
from typing import Any

from services.entry import store
from services.entry.domain.journal import SYSTEM
from services.entry.domain.markings import TextIsClassified, check_unclassified
from services.entry.domain.submissions import HandedFile, Submission, Version, base_of
from services.entry.formats.bodies import body_of, line_of, lines_in, ref_in
from services.entry.formats.reading import FileIsRefused, read_file
from services.entry.formats.texts import texts_in
from services.entry.operations.composing import Counted, without
from services.entry.operations.journal import note
from services.entry.operations.telling import tell_received
from services.entry.operations.withdrawing import facts_of
from shared.blobs import BlobIsMissing, Blobs
from shared.bus.handling import Effect
from shared.database import Database, Transaction
from shared.events import FileReceived
from shared.records.canonical import canonical_json
from shared.reference import canonical_pillar

MOST_RECORDS = 100_000
"""So many records a submission has at the most."""

LOOKED_AT_ONCE = 500
"""Records in which a marking is looked for together."""


@dataclass(frozen=True)
class Refusal:
    """Why a file could not be read: what, where, and what would pass."""

    rule: str
    message: str
    expected: str
    place: str | None = None

    @classmethod
    def of(cls, error: FileIsRefused) -> "Refusal":
        """What a reader says."""
        return cls(error.rule, error.message, error.expected, error.place)

    @property
    def written(self) -> dict[str, Any]:
        """As it is kept, and shown."""
        return {name: value for name, value in vars(self).items() if value is not None}


@dataclass(frozen=True)
class Read:
    """What a file held, on disk as a canonical body."""

    body: str
    records: int


GONE = Refusal("gone", "The file is no longer there.", "The same file, handed in again.")


def read_version(*, database: Database, blobs: Blobs, event: FileReceived) -> Effect:
    """Read a version's file; the effect notes what it holds, or why it is returned."""
    with database.read() as tx:
        known = store.find_submission(tx, event.submission)
        versions = store.versions_of(tx, event.submission)
        corrected = store.versions_of(tx, known.corrects) if known and known.corrects else None
    version = next((each for each in versions if each.number == event.version), None)
    if known is None or version is None or version.file is None or version.read_at is not None:
        return lambda _tx: None
    former = [each for each in versions if each.number < event.version] if corrected is None else corrected
    # Where it is not known yet what the former one holds, this raises: the bus tries again.
    base = base_of(former, mode=version.mode)
    try:
        read = _read(blobs, known, version, version.file, base)
    except FileIsRefused as error:
        return partial(_refuse, known=known, version=version, refusal=Refusal.of(error))
    except TextIsClassified as error:
        return partial(
            _refuse_classified,
            blobs=blobs,
            known=known,
            version=version,
            file=version.file.sha256,
            error=error,
        )
    except BlobIsMissing:
        return partial(_refuse, known=known, version=version, refusal=GONE)
    return partial(_keep, known=known, version=version, read=read)


def _read(blobs: Blobs, known: Submission, version: Version, file: HandedFile, base: Version | None) -> Read:
    """Read the file into a body, record by record, with what stays of the version that it changes."""
    with blobs.open(file.sha256) as stream:
        for place, text in texts_in(stream, media_type=file.media_type):
            check_unclassified(text, at=place)
        stream.seek(0)
        reading = read_file(stream, media_type=file.media_type, kind=known.kind, name=file.name or "")
        _check_mapping(known, version, reading.facts)
        named = list(_lines(reading.records))
    if not named:
        raise FileIsRefused(
            "no-records",
            "The file holds no records.",
            "At least one record. That there is nothing to report is signed, not handed in empty.",
        )
    facts = facts_of(known, version)
    if reading.origins is not None:
        facts["origins"] = _kept(blobs, [canonical_json(reading.origins)])
    return _composed(blobs, facts, named, base)


def _check_mapping(known: Submission, version: Version, facts: Mapping[str, Any]) -> None:
    """A file that says for which mapping it is must say the same as who hands it in."""
    handed = {"kind": known.kind, "period": known.period, "tlp": version.tlp}
    said = {name: facts[name] for name in handed if facts.get(name) is not None}
    if facts.get("pillar") is not None:
        handed["pillar"], said["pillar"] = known.pillar, canonical_pillar(str(facts["pillar"]))
    for name, value in said.items():
        if value != handed[name]:
            raise FileIsRefused(
                "other-mapping",
                f"The file says that its {name} is {facts[name]!r}, and it was handed in for {handed[name]}.",
                f"A file for {handed[name]}, or another {name} where it is handed in.",
                name,
            )


def _lines(records: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """The records' lines; raises for a record too many, and for one that is classified."""
    first = 0
    records = iter(records)
    while some := list(islice(records, LOOKED_AT_ONCE)):
        if first + len(some) > MOST_RECORDS:
            raise FileIsRefused(
                "too-many-records",
                f"The file holds more than {MOST_RECORDS:,} records.",
                f"Up to {MOST_RECORDS:,} records in a file; hand in the others in another.",
            )
        check_unclassified(some, at="/records", first=first)
        yield from map(line_of, some)
        first += len(some)


def _composed(blobs: Blobs, facts: Mapping[str, Any], named: Sequence[bytes], base: Version | None) -> Read:
    if base is None or base.body is None:
        return Read(_kept(blobs, body_of(facts, named)), len(named))
    with blobs.open(base.body) as body:
        lines = Counted(chain(named, without(lines_in(body), set(map(ref_in, named)))))
        return Read(_kept(blobs, body_of(facts, lines)), lines.count)


def _kept(blobs: Blobs, pieces: Iterable[bytes]) -> str:
    with blobs.upload() as incoming:
        for piece in pieces:
            incoming.write(piece)
        return incoming.commit()


def _keep(tx: Transaction, *, known: Submission, version: Version, read: Read) -> None:
    if store.keep_read(tx, submission=known.id, version=version.number, body=read.body, records=read.records):
        tell_received(tx, known, replace(version, body=read.body, records=read.records))


def _refuse(tx: Transaction, *, known: Submission, version: Version, refusal: Refusal) -> None:
    """Return the version. What the version before it said still counts: nobody else has heard of this one."""
    if store.keep_refused(tx, submission=known.id, version=version.number, refusal=refusal.written):
        note(
            tx,
            author=SYSTEM,
            action="submission.returned",
            reporter=known.reporter,
            partner=known.partner,
            submission=known.id,
            version=version.number,
            detail={"rule": refusal.rule},
        )


def _refuse_classified(
    tx: Transaction,
    *,
    blobs: Blobs,
    known: Submission,
    version: Version,
    file: str,
    error: TextIsClassified,
) -> None:
    refusal = Refusal(
        "classified",
        f"The text carries the marking {error.marking!r}. The file was erased; only its hash is kept.",
        "A file without classified information. That goes through the channel meant for it.",
        error.pointer,
    )
    _refuse(tx, known=known, version=version, refusal=refusal)
    tx.flush()
    # Last of all: what is erased is erased, also if the commit fails. The file is then found gone, and refused so.
    blobs.delete(file)
