"""The state of an indexed record as SQL. It follows from the submission, so no state is stored per record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, exists, or_, true

from services.validation.verdicts.domain.received import Received
from services.validation.verdicts.store.tables import known_records, submissions, verdicts
from shared.records.places import own_place


@dataclass(frozen=True)
class LookupScope:
    """The submission for which records are looked up. A preview has none: all accepted records are earlier than it."""

    reporter: str
    kind: str
    period: str
    received_at: str | None = None
    submission: str = ""
    version: int = 0

    @classmethod
    def of(cls, received: Received) -> LookupScope:
        """Return the scope of a received version."""
        return cls(
            reporter=received.reporter,
            kind=received.kind,
            period=received.period,
            received_at=received.received_at,
            submission=received.submission,
            version=received.version,
        )


STATE = case(
    (submissions.c.is_withdrawn, "withdrawn"),
    (submissions.c.outcome != "accepted", "returned"),
    (known_records.c.version == submissions.c.judged, "in_force"),
    # A later version was accepted without this record.
    else_="withdrawn",
)
"""The state of an indexed record joined with its submission. Several versions of a record are several rows; the first of
`STATES` that one of them has is the record's state."""

WAS_ACCEPTED = exists().where(
    verdicts.c.submission == known_records.c.submission,
    verdicts.c.version == known_records.c.version,
    verdicts.c.outcome == "accepted",
)
"""Whether the record's version was ever accepted. Chunks are indexed before their version has its verdict."""

CLAIM = (
    known_records.c.claim,
    known_records.c.received_at,
    known_records.c.submission,
    known_records.c.version,
)

OF_SUBMISSION = known_records.c.submission == submissions.c.submission

IN_FORCE = and_(
    submissions.c.is_withdrawn.is_(False),
    submissions.c.outcome == "accepted",
    known_records.c.version == submissions.c.judged,
)


def was_before(scope: LookupScope) -> ColumnElement[bool]:
    """Whether the record was received before the scope's submission.

    So later reporters learn of earlier records, and a repeated verdict finds the same records.
    """
    if scope.received_at is None:
        return true()
    c = known_records.c
    same_moment = c.received_at == scope.received_at
    return or_(
        c.received_at.is_(None),
        c.received_at < scope.received_at,
        and_(same_moment, c.submission < scope.submission),
        and_(same_moment, c.submission == scope.submission, c.version < scope.version),
    )


def claim_of(row: Row[Any]) -> tuple[str, str, int]:
    """Return the order of a row's claim to its record. Databases sort such texts differently."""
    claim = row.claim or own_place(row.received_at or "", row.submission, row.version)
    return claim, row.submission, row.version
