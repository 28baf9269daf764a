"""Queries of the judgement queue. Ids are in the order of time, so that only the latest rows are read."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from services.entry.submissions.store.tables import submissions, verdicts
from shared.database import Transaction
from shared.ids import id_before

LOOK_BACK = timedelta(days=1)
"""The maximum age of a counted submission, before the given one. An older unjudged submission is stuck, not queued."""


def count_received_before(tx: Transaction, submission: str) -> int:
    """Count the unjudged submissions that were received earlier."""
    c = submissions.c
    waiting = select(func.count()).where(
        c.id < submission, c.id > id_before(submission, LOOK_BACK), c.state == "received"
    )
    return int(tx.execute(waiting).scalar() or 0)


def count_judged_since(tx: Transaction, submission: str, *, moment: datetime) -> int:
    """Count the verdicts since a time on the submissions received from a day before this one."""
    c = verdicts.c
    judged = select(func.count()).where(
        c.submission > id_before(submission, LOOK_BACK), c.judged_at >= moment
    )
    return int(tx.execute(judged).scalar() or 0)
