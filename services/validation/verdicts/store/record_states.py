"""How a record in the index stands, as SQL says it: it follows from its submission, so that nothing is written per record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, case, exists, or_, true

from services.validation.verdicts.store.tables import known_records, submissions, verdicts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


@dataclass(frozen=True)
class Asker:
    """For whom something is looked up. Without a submission, as in a trial, everything was accepted before it."""

    reporter: str
    kind: str
    period: str
    received_at: str | None = None
    submission: str = ""
    version: int = 0

    @classmethod
    def of(cls, received: Mapping[str, Any]) -> Asker:
        """Who hands in what was received."""
        names = ("reporter", "kind", "period", "received_at", "submission", "version")
        return cls(**{name: received[name] for name in names})


STATE = case(
    (submissions.c.is_withdrawn, "withdrawn"),
    (submissions.c.outcome != "accepted", "returned"),
    (known_records.c.version == submissions.c.judged, "in_force"),
    # A later version was accepted, and does not have it.
    else_="withdrawn",
)
"""Of a record in the index, joined with its submission. The versions of one record are several rows: the first of
`domain.references.STATES` holds."""

WAS_ACCEPTED = exists().where(
    verdicts.c.submission == known_records.c.submission,
    verdicts.c.version == known_records.c.version,
    verdicts.c.outcome == "accepted",
)
"""Whether the record's version ever counted; chunks are put into the index before their version has its verdict."""

OF_SUBMISSION = known_records.c.submission == submissions.c.submission

IN_FORCE = and_(
    submissions.c.is_withdrawn.is_(False),
    submissions.c.outcome == "accepted",
    known_records.c.version == submissions.c.judged,
)


def was_before(asker: Asker) -> ColumnElement[bool]:
    """Whether the record came in before what asks.

    So who comes later is told of who came before, and a verdict that is given again finds the same.
    """
    if asker.received_at is None:
        return true()
    c = known_records.c
    same_moment = c.received_at == asker.received_at
    return or_(
        c.received_at.is_(None),
        c.received_at < asker.received_at,
        and_(same_moment, c.submission < asker.submission),
        and_(same_moment, c.submission == asker.submission, c.version < asker.version),
    )
