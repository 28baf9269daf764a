"""What is waiting to be judged. Ids are in the order of time, so that only the latest are looked at."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from services.entry.submissions.store.tables import submissions, verdicts
from shared.database import Transaction
from shared.ids import id_before

LOOKED_BACK = timedelta(days=1)
"""What has waited longer than this does not stand in a queue: something is wrong with it."""


def received_before(tx: Transaction, submission: str) -> int:
    """How many submissions came earlier and are not judged."""
    c = submissions.c
    waiting = select(func.count()).where(
        c.id < submission, c.id > id_before(submission, LOOKED_BACK), c.state == "received"
    )
    return int(tx.execute(waiting).scalar() or 0)


def judged_since(tx: Transaction, submission: str, *, moment: datetime) -> int:
    """How many verdicts came since the moment on what was handed in lately, as seen from a submission."""
    c = verdicts.c
    judged = select(func.count()).where(
        c.submission > id_before(submission, LOOKED_BACK), c.judged_at >= moment
    )
    return int(tx.execute(judged).scalar() or 0)
