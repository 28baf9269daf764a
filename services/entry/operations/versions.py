"""What every next version has in common, and how two versions differ."""

from collections.abc import Sequence
from typing import Any

from services.entry import store
from services.entry.domain.comparing import Differences, differences
from services.entry.domain.submissions import Submission, Version, VersionIsStale
from services.entry.formats.bodies import records_in
from services.entry.operations.reading import get_visible
from shared.blobs import Blobs
from shared.database import Transaction
from shared.errors import NotFound
from shared.identity.callers import Caller


def check_present(known: Submission, versions: Sequence[Version], *, version: int, blobs: Blobs) -> None:
    """Raise `VersionIsStale`, which says what has changed since, unless the version is the present one."""
    if version == known.version:
        return
    meant = next((each for each in versions if each.number == version), None)
    changes = compared(blobs, meant, versions[-1]).told if meant else None
    raise VersionIsStale(version, known.version, changes)


def move_on(tx: Transaction, known: Submission, fresh: Version, *, content: str | None) -> None:
    """Make the next version the present one; `VersionIsStale` where another was quicker."""
    moved = store.advance(
        tx,
        submission=known.id,
        to_version=fresh.number,
        state=fresh.state,
        content=content,
        now=tx.now,
    )
    if not moved:
        raise VersionIsStale(known.version, known.version + 1)


def compare_versions(
    tx: Transaction, *, blobs: Blobs, caller: Caller, submission: str, former: int, later: int
) -> Differences:
    """How the records of two versions differ; `NotFound` for versions that are not there."""
    known = get_visible(tx, caller=caller, submission=submission)
    by_number = {version.number: version for version in store.versions_of(tx, known.id)}
    if not {former, later} <= by_number.keys():
        raise NotFound("version")
    return compared(blobs, by_number[former], by_number[later])


def compared(blobs: Blobs, former: Version, later: Version) -> Differences:
    """How the records of two versions differ. One that was taken back, or is not read yet, has none."""
    return differences(_by_ref(blobs, former), _by_ref(blobs, later))


def _by_ref(blobs: Blobs, version: Version) -> dict[str, Any]:
    if version.body is None:
        return {}
    with blobs.open(version.body) as body:
        return {str(record.get("ref")): record for record in records_in(body)}
