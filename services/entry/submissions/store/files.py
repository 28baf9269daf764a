"""Queries of versions that are files."""

from typing import Any

from sqlalchemy import update

from services.entry.submissions.store.tables import submissions, versions
from shared.database import Transaction


def update_read(tx: Transaction, *, submission: str, version: int, body: str, records: int) -> bool:
    """Store the body of a read file. Return False if the file was read before."""
    c = versions.c
    read = (
        update(versions)
        .where(c.submission == submission, c.version == version, c.read_at.is_(None))
        .values(body=body, records=records, read_at=tx.now)
        .returning(c.version)
    )
    return tx.execute(read).first() is not None


def update_refused(tx: Transaction, *, submission: str, version: int, refusal: dict[str, Any]) -> bool:
    """Return a version whose file could not be read, and its submission if the version is current.

    Return False if the file was read before.
    """
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
