"""The ledger of mails and the hold on sending as rows.

Every change of a mail's state names the expected state, so that a sender that has lost its claim changes nothing.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    RowMapping,
    String,
    Table,
    Text,
    func,
    select,
    text,
    update,
)

from services.notify.sending.domain import Mail, MailState
from shared.database import Transaction, UtcDateTime, metadata_of

_METADATA = metadata_of("notify")
_ID = String(36)
_IS_OPEN = text("state IN ('due', 'sending', 'data', 'held')")

# All mails, with the text that was sent.
mails = Table(
    "mails",
    _METADATA,
    Column("id", _ID, primary_key=True),
    Column("recipient", Text, nullable=False),
    Column("backup", Text),
    Column("label", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("first_tried_at", UtcDateTime),
    Column("claim", _ID),
    Column("lease_until", UtcDateTime),
    Column("message_id", Text),
    Column("subject", Text),
    Column("text", Text),
    Column("html", Text),
    Column("reason", Text),
    Column("sent_at", UtcDateTime),
    Index("ix_mails_open", "due_at", postgresql_where=_IS_OPEN, sqlite_where=_IS_OPEN),
)

# One row: whether sending is held.
sending_hold = Table(
    "sending",
    _METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("is_held", Boolean, nullable=False),
    Column("reason", Text),
)

_WAITING = (MailState.DUE.value, MailState.HELD.value)


def lock_waiting_mails(tx: Transaction) -> dict[str, str]:
    """Return the recipients of unclaimed mails by id. No sender can claim them until the transaction ends."""
    waiting = select(mails.c.id, mails.c.recipient).where(mails.c.state.in_(_WAITING)).order_by(mails.c.id)
    return {row.id: row.recipient for row in tx.execute(waiting.with_for_update())}


def insert_mail(tx: Transaction, *, mail: str, to: Mapping[str, str | None], now: datetime) -> None:
    """Insert a mail that is due now. `to` holds the recipient, the backup and the label."""
    row = {"id": mail, "state": MailState.DUE.value, "attempts": 0, "created_at": now, "due_at": now}
    tx.add(mails, row | dict(to))


def lock_due_mail(tx: Transaction, now: datetime) -> Mail | None:
    """Return and lock a mail that is due or whose claim has expired, or None. Skip mails locked by other senders."""
    is_due = (mails.c.state == MailState.DUE.value) & (mails.c.due_at <= now)
    is_expired = (mails.c.state == MailState.SENDING.value) & (mails.c.lease_until <= now)
    due = select(mails).where(is_due | is_expired).order_by(mails.c.due_at, mails.c.id).limit(1)
    row = tx.execute(due.with_for_update(skip_locked=True)).mappings().one_or_none()
    return None if row is None else _mail(row)


def claim_mail(tx: Transaction, mail: Mail) -> None:
    """Store the claim of a sender on a locked mail, with the text that it is going to send."""
    row = {name: value for name, value in asdict(mail).items() if name in mails.c}
    tx.execute(update(mails).where(mails.c.id == mail.id).values(row | {"state": mail.state.value}))


def update_mail(
    tx: Transaction, mail: Mail, state: MailState, *, expected: Collection[MailState], **values: Any
) -> bool:
    """Move a mail with the claim from one of the expected states to another; return whether it was moved."""
    statement = update(mails).where(
        mails.c.id == mail.id,
        mails.c.claim.is_not_distinct_from(mail.claim),
        mails.c.state.in_([known.value for known in expected]),
    )
    moved = tx.execute(statement.values(state=state.value, **values).returning(mails.c.id))
    return moved.first() is not None


def update_locked_mails(
    tx: Transaction, which: Collection[str], *, state: MailState, reason: str | None
) -> None:
    """Set the state of locked mails."""
    tx.execute(update(mails).where(mails.c.id.in_(list(which))).values(state=state.value, reason=reason))


def update_waiting_mails(tx: Transaction, *, old: MailState, new: MailState, reason: str | None) -> None:
    """Change all mails in one state to another. Their retry period restarts."""
    values = {"state": new.value, "reason": reason, "first_tried_at": None}
    tx.execute(update(mails).where(mails.c.state == old.value).values(values))


def mark_abandoned(tx: Transaction, now: datetime, reason: str) -> tuple[str, ...]:
    """Mark as uncertain the mails whose lease expired while the server may have had their text; return their ids."""
    is_abandoned = (mails.c.state == MailState.DATA.value) & (mails.c.lease_until <= now)
    marked = update(mails).where(is_abandoned).values(state=MailState.UNCERTAIN.value, reason=reason)
    return tuple(row.id for row in tx.execute(marked.returning(mails.c.id)))


def list_mails(tx: Transaction, *, state: str | None, after: str | None, limit: int) -> tuple[Mail, ...]:
    """Return the newest mails first: those in a state if given, those behind the id `after` if given."""
    statement = select(mails).order_by(mails.c.id.desc()).limit(limit)
    if state is not None:
        statement = statement.where(mails.c.state == state)
    if after is not None:
        statement = statement.where(mails.c.id < after)
    return tuple(_mail(row) for row in tx.execute(statement).mappings())


def count_mails(tx: Transaction) -> dict[str, int]:
    """Return the number of mails in each state."""
    rows = tx.execute(select(mails.c.state, func.count().label("mails")).group_by(mails.c.state)).mappings()
    counted: dict[str, int] = {row["state"]: row["mails"] for row in rows}
    return {state.value: counted.get(state.value, 0) for state in MailState}


def upsert_hold(tx: Transaction, *, is_held: bool, reason: str | None) -> None:
    """Hold or release sending."""
    tx.upsert(sending_hold, {"id": 1, "is_held": is_held, "reason": reason}, key=["id"])


def find_hold(tx: Transaction) -> tuple[bool, str | None]:
    """Return whether sending is held, and the reason."""
    row = tx.execute(select(sending_hold.c.is_held, sending_hold.c.reason)).one_or_none()
    return (False, None) if row is None else (row.is_held, row.reason)


def _mail(row: RowMapping) -> Mail:
    return Mail(**(dict(row) | {"state": MailState(row["state"])}))
