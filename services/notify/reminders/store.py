"""Reminders as rows. Planning changes those that wait; the sender of a mail changes those in its mail."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import (
    Column,
    Date,
    Index,
    Integer,
    Select,
    String,
    Table,
    UniqueConstraint,
    bindparam,
    func,
    select,
    text,
    tuple_,
    update,
)

from services.notify.reminders.domain.ladder import NOTICES
from services.notify.reminders.domain.reminders import WAITING_STATES, Reminder, ReminderState
from shared.database import Transaction, metadata_of

_IS_PLANNED = text("state = 'planned'")

reminders = Table(
    "reminders",
    metadata_of("notify"),
    Column("id", String(36), primary_key=True),
    Column("structure", String(64), nullable=False),
    Column("about", String(64), nullable=False),
    Column("step", String(16), nullable=False),
    Column("due_on", Date, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("previously", Date),
    Column("send_on", Date, nullable=False),
    Column("state", String(16), nullable=False),
    Column("mail", String(36)),
    # At most one reminder per step and date of a deadline, and one notice per move.
    UniqueConstraint("structure", "about", "step", "due_on", "sequence", name="uq_reminders_step"),
    Index("ix_reminders_mail", "mail"),
    Index("ix_reminders_waiting", "send_on", postgresql_where=_IS_PLANNED, sqlite_where=_IS_PLANNED),
)

_PLANNING_LOCK = 0x6E6F7469
_WAITING = tuple(sorted(WAITING_STATES))
_IN_MAIL = (ReminderState.BUNDLED.value, ReminderState.SENDING.value)
_UNSETTLED = (*_IN_MAIL, ReminderState.UNCERTAIN.value)


def lock_planning(tx: Transaction) -> None:
    """Prevent other transactions from planning until this one ends. SQLite has a single writer anyway."""
    if tx.is_postgresql:
        tx.execute(select(func.pg_advisory_xact_lock(_PLANNING_LOCK)))


def lock_bundled(tx: Transaction) -> None:
    """Prevent senders from claiming bundled reminders until the transaction ends. Senders lock in the same order."""
    bundled = select(reminders.c.id).where(reminders.c.state == ReminderState.BUNDLED.value)
    tx.execute(bundled.order_by(reminders.c.id).with_for_update()).all()


def lock_in_mail(tx: Transaction, mail: str) -> tuple[Reminder, ...]:
    """Return the unsettled reminders in a mail, locked until the transaction ends."""
    is_inside = (reminders.c.mail == mail) & reminders.c.state.in_(_IN_MAIL)
    found = _list(tx, select(reminders).where(is_inside).order_by(reminders.c.id).with_for_update())
    return tuple(sorted(found, key=lambda reminder: (reminder.due_on, reminder.about)))


def list_to_plan(tx: Transaction, about: Collection[str]) -> tuple[Reminder, ...]:
    """Return the reminders about these obligations and meetings, and all others that wait to be sent."""
    is_waiting = reminders.c.state.in_(_WAITING)
    return _list(tx, select(reminders).where(is_waiting | reminders.c.about.in_(list(about))))


def list_reminders(
    tx: Transaction, structures: Collection[str], *, after: tuple[date, str] | None = None, limit: int
) -> tuple[Reminder, ...]:
    """Return the reminders of these structures by day, those behind the (day, id) `after` if given."""
    statement = select(reminders).where(reminders.c.structure.in_(list(structures)))
    if after is not None:
        statement = statement.where(tuple_(reminders.c.send_on, reminders.c.id) > after)
    return _list(tx, statement.order_by(reminders.c.send_on, reminders.c.id).limit(limit))


def list_due(tx: Transaction, day: date) -> tuple[Reminder, ...]:
    """Return the planned reminders that are due on a day."""
    is_due = (reminders.c.state == ReminderState.PLANNED.value) & (reminders.c.send_on <= day)
    order = (reminders.c.structure, reminders.c.due_on, reminders.c.id)
    return _list(tx, select(reminders).where(is_due).order_by(*order))


def list_unsent_notices(tx: Transaction, meeting: str) -> tuple[Reminder, ...]:
    """Return the notices of a meeting's changes that no sender has claimed, the earliest change first."""
    is_notice = (reminders.c.about == meeting) & reminders.c.step.in_(sorted(NOTICES))
    waiting = select(reminders).where(is_notice, reminders.c.state.in_(_WAITING))
    return _list(tx, waiting.order_by(reminders.c.sequence))


def insert_reminders(tx: Transaction, new: Iterable[Reminder]) -> None:
    """Insert reminders. Those whose key exists stay unchanged."""
    tx.add(reminders, *(asdict(reminder) for reminder in new), ignore_existing=True)


def update_states(tx: Transaction, states: Mapping[str, ReminderState]) -> None:
    """Set the state of reminders by id, and remove them from their mail."""
    change = update(reminders).where(reminders.c.id == bindparam("reminder"))
    if states:
        tx.execute(
            change.values(state=bindparam("now"), mail=None),
            [{"reminder": reminder, "now": state.value} for reminder, state in states.items()],
        )


def update_mail(tx: Transaction, which: Collection[str], *, mail: str) -> None:
    """Bundle reminders, by id, into a mail."""
    change = update(reminders).where(reminders.c.id.in_(list(which)))
    tx.execute(change.values(state=ReminderState.BUNDLED.value, mail=mail))


def update_mail_of(tx: Transaction, mails: Collection[str], *, mail: str) -> None:
    """Move the bundled reminders of some mails into another."""
    is_bundled = reminders.c.state == ReminderState.BUNDLED.value
    tx.execute(update(reminders).where(reminders.c.mail.in_(list(mails)), is_bundled).values(mail=mail))


def update_states_in(tx: Transaction, mail: str, state: ReminderState) -> None:
    """Set the state of all reminders in a mail whose delivery is not settled."""
    change = update(reminders).where(reminders.c.mail == mail, reminders.c.state.in_(_UNSETTLED))
    tx.execute(change.values(state=state.value))


def _list(tx: Transaction, statement: Select[Any]) -> tuple[Reminder, ...]:
    rows = tx.execute(statement).mappings()
    return tuple(Reminder(**(dict(row) | {"state": ReminderState(row["state"])})) for row in rows)
