"""Erase files that must not be stored: classified ones, and those that cannot be decoded, whose text nobody has searched.

A file is erased before its version is returned. A killed worker leaves the file, or the reason for which it is gone.
"""

from services.entry.files.domain.refusals import FileIsRefused
from services.entry.submissions.domain.submissions import UploadedFile, Version
from services.entry.submissions.store import submissions
from shared.blobs import Blobs
from shared.database import ALL_ROWS, Database
from shared.i18n import Text
from shared.reference.markings import TextIsClassified, find_marking

CLASSIFIED = "classified"
GONE = FileIsRefused("gone", Text("The file no longer exists."), Text("The same file, submitted again."))
A_PART_OF_IT = "a part of the file"


def classified_refusal(error: TextIsClassified) -> FileIsRefused:
    """Return the refusal of a classified file."""
    return FileIsRefused(
        CLASSIFIED,
        Text(
            "The text carries the marking '{marking}'. The file was deleted; only its hash is stored.",
            marking=error.marking,
        ),
        Text(
            "A file without classified information. Send classified information through the channel meant for it."
        ),
        error.pointer,
        erased=True,
    )


def erase_refused(
    *, database: Database, blobs: Blobs, submission: str, version: Version, refusal: FileIsRefused
) -> FileIsRefused:
    """Erase a refused file unless it was decoded and searched. Return the refusal to store."""
    file = version.file
    if file is None:
        return refusal
    if refusal.rule != CLASSIFIED:
        # Refusals quote names that are found in the file.
        marking = find_marking("\n".join(map(str, refusal.facts.values())))
        refusal = classified_refusal(TextIsClassified(marking, A_PART_OF_IT)) if marking else refusal
    if not refusal.erased:
        return refusal
    this = submission, version.number
    if refusal.rule == CLASSIFIED or not _is_needed(database, file.sha256, except_for=this):
        blobs.erase(file.sha256, why={"media_type": file.media_type, "refusal": refusal.facts})
    return refusal


def refusal_of_missing(blobs: Blobs, file: UploadedFile) -> FileIsRefused:
    """Return the refusal with which a missing file was erased, if it was."""
    erasure = blobs.find_erasure(file.sha256)
    if erasure is None or erasure["media_type"] != file.media_type:
        return GONE
    return FileIsRefused.of(erasure["refusal"])


def release_file(blobs: Blobs, sha256: str) -> None:
    """Erase a file that was received again although it had been erased, and that no new version names."""
    if blobs.find_erasure(sha256) is not None:
        blobs.delete(sha256)


def delete_unnamed_files(*, database: Database, blobs: Blobs, received: list[str]) -> None:
    """Delete the received files whose transaction failed, so that no version names them and nobody has searched them."""
    for sha256 in received:
        with database.read(visible_to=ALL_ROWS) as tx:
            is_named = submissions.exists_blob(tx, sha256)
        if not is_named:
            blobs.delete(sha256)


def _is_needed(database: Database, sha256: str, *, except_for: tuple[str, int]) -> bool:
    """Check whether another version has the same bytes, and is unread or was read, for example as another media type."""
    with database.read(visible_to=ALL_ROWS) as tx:
        is_refused = submissions.list_versions_of_file(tx, sha256)
    return any(not refused for version, refused in is_refused.items() if version != except_for)
