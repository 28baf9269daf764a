"""Receipts: what was handed in, by whom and when, signed by the installation."""

from functools import cache
from pathlib import Path
from typing import Any

from services.entry.domain.submissions import Submission, Version
from shared.clock import iso
from shared.identity.signing import Signer, read_signed

TYPE = "receipt+jwt"


def receipt_for(folder: Path, submission: Submission, version: Version) -> str:
    """The receipt for a version, signed with the newest key in the folder."""
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
        }
    )


def read_receipt(receipt: str, *, folder: Path) -> dict[str, Any]:
    """What a receipt says; raises `SignatureIsWrong`."""
    return read_signed(receipt, folder=folder, type_=TYPE)


@cache
def _signer(folder: Path) -> Signer:
    return Signer(folder, type_=TYPE)
