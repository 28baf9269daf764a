"""What becomes of versions that came as files."""

from typing import Any

from sqlalchemy import update

from services.entry.submissions.store.tables import submissions, versions
from shared.database import Transaction


def keep_read(tx: Transaction, *, submission: str, version: int, body: str, records: int) -> bool:
    """Note what a file held; False where that is known already."""
    c = versions.c
    read = (
        update(versions)
        .where(c.submission == submission, c.version == version, c.read_at.is_(None))
        .values(body=body, records=records, read_at=tx.now)
        .returning(c.version)
    )
    return tx.execute(read).first() is not None


def keep_refused(tx: Transaction, *, submission: str, version: int, refusal: dict[str, Any]) -> bool:
    """Note why a file could not be read: its version is returned, and the submission where that is the present one."""
    c = versions.c
    refused = (
        update(versions)
        .where(c.submission == submission, c.version == version, c.read_at.is_(None))
        .values(state="returned", refusal=refusal, read_at=tx.now)
        .returning(c.version)
    )
    if tx.execute(refused).first() is None:
        return False
    s = submissions.c
    tx.execute(
        update(submissions)
        .where(s.id == submission, s.version == version)
        .values(state="returned", changed_at=tx.now)
    )
    return True
