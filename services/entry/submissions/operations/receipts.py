"""Receipts: signed statements of the content, sender and time of a version."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from services.entry.submissions.domain.submissions import Submission, Version
from services.entry.submissions.operations.queries import get_visible, list_visible_versions
from shared.clock import iso
from shared.database import Transaction
from shared.errors import NotFound
from shared.identity.callers import Caller
from shared.identity.signing import Signer, read_signed

TYPE = "receipt+jwt"


def get_receipt(tx: Transaction, *, keys: Path, caller: Caller, submission: str, version: int | None) -> str:
    """Return the receipt of a version, or of the current one. Raise `NotFound` for one without content."""
    known = get_visible(tx, caller=caller, submission=submission)
    number = version or known.version
    versions = list_visible_versions(tx, caller=caller, submission=submission)
    found = next((each for each in versions if each.number == number), None)
    if found is None or found.content is None:
        raise NotFound("version")
    return sign_receipt(keys, known, found)


def acknowledge(submission: Submission, version: Version) -> dict[str, Any]:
    """Return the facts of a stored version, whose verdict follows later, with the path of its receipt."""
    return {
        "id": submission.id,
        "version": version.number,
        "state": version.state,
        "content_hash": version.content,
        "records": version.records,
        "received_at": iso(version.received_at),
        "late": version.is_late,
        "is_trial": submission.is_trial,
        "reading": version.account,
        "receipt": f"/entry/v1/submissions/{submission.id}/receipt?version={version.number}",
    }


def sign_receipt(folder: Path, submission: Submission, version: Version) -> str:
    """Sign the receipt of a version with the newest key in the folder.

    Once its file is read, the receipt also states what was read and how many parts were not.
    """
    return _signer(folder).sign(
        {
            "iss": "iisgd",
            "submission": submission.id,
            "version": version.number,
            "reporter": submission.reporter,
            "pillar": submission.pillar,
            "kind": submission.kind,
            "period": submission.period,
            "content_hash": version.content,
            "received_at": iso(version.received_at),
            "reading": _summary(version.account),
        }
    )


def read_receipt(receipt: str, *, folder: Path) -> dict[str, Any]:
    """Read the facts of a receipt. Raise `SignatureIsWrong` for an invalid signature."""
    return read_signed(receipt, folder=folder, type_=TYPE)


def _summary(account: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return an account as a receipt states it: lists, such as the columns, by their lengths."""
    if account is None:
        return None
    read = account["read"]
    lengths = {
        name: len(value) + read.get(f"{name}_left_out", 0)
        for name, value in read.items()
        if isinstance(value, list)
    }
    scalars = {name: value for name, value in read.items() if not name.endswith("_left_out")}
    return {"read": scalars | lengths, "unread": dict(account["counts"])}


@cache
def _signer(folder: Path) -> Signer:
    return Signer(folder, type_=TYPE)
