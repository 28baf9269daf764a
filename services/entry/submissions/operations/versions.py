"""Advance a submission to its next version, and compare versions."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.entry.submissions.domain.diff import Diff, compare
from services.entry.submissions.domain.refusals import VersionIsStale
from services.entry.submissions.domain.submissions import Submission, Version
from services.entry.submissions.operations.queries import list_visible_versions, read_records
from services.entry.submissions.store import submissions
from shared.blobs import Blobs
from shared.database import Transaction
from shared.errors import NotFound
from shared.identity.callers import Caller
from shared.reference.look_alikes import by_ref


def check_current(known: Submission, versions: Sequence[Version], *, version: int, blobs: Blobs) -> None:
    """Raise `VersionIsStale`, with the changes since, unless the version is current."""
    if version == known.version:
        return
    replaced = next((each for each in versions if each.number == version), None)
    changes = compare_bodies(blobs, replaced, versions[-1]).summary if replaced else None
    raise VersionIsStale(version, known.version, changes)


def advance_version(tx: Transaction, known: Submission, fresh: Version, *, content: str | None) -> None:
    """Make the next version current. Raise `VersionIsStale` if another transaction was faster."""
    advanced = submissions.update_current_version(
        tx,
        submission=known.id,
        # Another correction may have been stored since `known` was read: the next number alone would replace it unseen.
        from_version=known.version,
        to_version=fresh.number,
        state=fresh.state,
        content=content,
        now=tx.now,
    )
    if not advanced:
        raise VersionIsStale(known.version, known.version + 1)


def compare_versions(
    tx: Transaction, *, blobs: Blobs, caller: Caller, submission: str, former: int, later: int
) -> Diff:
    """Compare the records of two versions. Raise `NotFound` for versions that do not exist."""
    versions = list_visible_versions(tx, caller=caller, submission=submission)
    by_number = {version.number: version for version in versions}
    if not {former, later} <= by_number.keys():
        raise NotFound("version")
    return compare_bodies(blobs, by_number[former], by_number[later])


def compare_bodies(blobs: Blobs, previous: Version, later: Version) -> Diff:
    """Compare the records of two versions. A withdrawn version, or an unread file, has none."""
    return compare(_by_ref(blobs, previous), _by_ref(blobs, later))


def _by_ref(blobs: Blobs, version: Version) -> Mapping[str, Mapping[str, Any]]:
    if version.body is None:
        return {}
    return by_ref(read_records(blobs, version.body))
