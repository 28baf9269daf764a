"""The ledger of mails. Every change of state names the state that it expects: a sender that lost its claim changes nothing."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, func, or_, select, update

from services.notify.domain.mails import Mail, MailState
from services.notify.store.tables import mails, webhook_notices
from shared.database import Transaction

_WAITING = (MailState.DUE.value, MailState.HELD.value)


def lock_waiting_mails(tx: Transaction) -> dict[str, list[str]]:
    """The ids of mails of reminders that nobody sends yet, by recipient; no sender can claim them until the transaction ends."""
    rows = tx.execute(
        select(mails.c.id, mails.c.recipient)
        .where(mails.c.state.in_(_WAITING), mails.c.id.not_in(select(webhook_notices.c.mail)))
        .order_by(mails.c.id)
        .with_for_update()
    )
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row.recipient, []).append(row.id)
    return found


def add_mail(tx: Transaction, *, mail: str, to: Mapping[str, str | None], now: datetime) -> None:
    """Write a mail that is due now. `to` is the recipient, the backup and the label."""
    row = {"id": mail, "state": MailState.DUE.value, "attempts": 0, "created_at": now, "due_at": now}
    tx.add(mails, row | dict(to))


def find_due_mail(tx: Transaction, now: datetime) -> Mail | None:
    """A mail that is due, or whose sender fell silent before the server was given its text; other senders skip it."""
    is_due = (mails.c.state == MailState.DUE.value) & (mails.c.due_at <= now)
    is_left = (mails.c.state == MailState.SENDING.value) & (mails.c.lease_until <= now)
    row = tx.execute(
        select(mails)
        .where(or_(is_due, is_left))
        .order_by(mails.c.due_at, mails.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    found = row.mappings().one_or_none()
    return None if found is None else _mail(found)


def change_mail(
    tx: Transaction, mail: str, *, expected: Collection[MailState], held_by: str | None, **values: Any
) -> bool:
    """Change a mail that is in an expected state and, where given, still held by a claim; tell whether it was."""
    statement = update(mails).where(
        mails.c.id == mail, mails.c.state.in_([state.value for state in expected])
    )
    if held_by is not None:
        statement = statement.where(mails.c.claim == held_by)
    return tx.execute(statement.values(**values).returning(mails.c.id)).first() is not None


def keep_claim(tx: Transaction, mail: Mail) -> None:
    """Write that a sender holds the mail, which the transaction has locked, and the text that it is going to send."""
    row = {name: value for name, value in asdict(mail).items() if name in mails.c}
    tx.execute(update(mails).where(mails.c.id == mail.id).values(row | {"state": mail.state.value}))


def change_mails(tx: Transaction, which: Collection[str], *, state: MailState, reason: str | None) -> None:
    """Give locked mails another state."""
    tx.execute(update(mails).where(mails.c.id.in_(list(which))).values(state=state.value, reason=reason))


def take_silent_mails(tx: Transaction, now: datetime, reason: str) -> tuple[str, ...]:
    """Mark as uncertain the mails whose sender fell silent while the server may have had their text."""
    rows = tx.execute(
        update(mails)
        .where(mails.c.state == MailState.DATA.value, mails.c.lease_until <= now)
        .values(state=MailState.UNCERTAIN.value, reason=reason)
        .returning(mails.c.id)
    )
    return tuple(row.id for row in rows)


def turn_waiting_mails(tx: Transaction, *, old: MailState, new: MailState, reason: str | None) -> None:
    """Turn all mails of one state into another. Their days of trying begin anew."""
    values = {"state": new.value, "reason": reason, "first_tried_at": None}
    tx.execute(update(mails).where(mails.c.state == old.value).values(values))


def all_mails(tx: Transaction, *, state: str | None, after: str | None, limit: int) -> tuple[Mail, ...]:
    """The newest mails first, those of one state where given, from the one `after` on."""
    statement = select(mails).order_by(mails.c.id.desc()).limit(limit)
    if state is not None:
        statement = statement.where(mails.c.state == state)
    if after is not None:
        statement = statement.where(mails.c.id < after)
    return tuple(_mail(row) for row in tx.execute(statement).mappings())


def count_mails(tx: Transaction) -> dict[str, int]:
    """How many mails are in each state."""
    rows = tx.execute(select(mails.c.state, func.count().label("mails")).group_by(mails.c.state)).mappings()
    counted: dict[str, int] = {row["state"]: row["mails"] for row in rows}
    return {state.value: counted.get(state.value, 0) for state in MailState}


def _mail(row: RowMapping) -> Mail:
    return Mail(**(dict(row) | {"state": MailState(row["state"])}))
