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
    or_,
    select,
    text,
    tuple_,
    update,
)

from services.notify.reminders.domain.ladder import DATE_CHANGED
from services.notify.reminders.domain.reminders import WAITING_STATES, Reminder, ReminderState
from shared.database import Transaction, metadata_of

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
    Index(
        "ix_reminders_waiting",
        "send_on",
        postgresql_where=text("state = 'planned'"),
        sqlite_where=text("state = 'planned'"),
    ),
)

_PLANNING_LOCK = 0x6E6F7469
_WAITING = tuple(sorted(WAITING_STATES))
_IN_MAIL = (ReminderState.BUNDLED.value, ReminderState.SENDING.value)
_UNSETTLED = (*_IN_MAIL, ReminderState.UNCERTAIN.value)


def lock_planning(tx: Transaction) -> None:
    """Let no other transaction plan until this one ends. SQLite has a single writer anyway."""
    if tx.is_postgresql:
        tx.execute(select(func.pg_advisory_xact_lock(_PLANNING_LOCK)))


def lock_bundled(tx: Transaction) -> None:
    """Let no sender claim a bundled reminder until the transaction ends. Senders lock in the same order."""
    tx.execute(
        select(reminders.c.id)
        .where(reminders.c.state == ReminderState.BUNDLED.value)
        .order_by(reminders.c.id)
        .with_for_update()
    ).all()


def lock_in_mail(tx: Transaction, mail: str) -> tuple[Reminder, ...]:
    """Return the unsettled reminders in a mail, locked until the transaction ends."""
    found = _list(
        tx,
        select(reminders)
        .where(reminders.c.mail == mail, reminders.c.state.in_(_IN_MAIL))
        .order_by(reminders.c.id)
        .with_for_update(),
    )
    return tuple(sorted(found, key=lambda reminder: (reminder.due_on, reminder.about)))


def list_to_plan(tx: Transaction, about: Collection[str]) -> tuple[Reminder, ...]:
    """Return the reminders about these obligations and meetings, and all others that wait to be sent."""
    is_waiting = reminders.c.state.in_(_WAITING)
    return _list(tx, select(reminders).where(or_(is_waiting, reminders.c.about.in_(list(about)))))


def list_reminders(
    tx: Transaction, structures: Collection[str], *, after: tuple[date, str] | None = None, limit: int
) -> tuple[Reminder, ...]:
    """Return the reminders of these structures by day, those behind the (day, id) `after` if given."""
    statement = select(reminders).where(reminders.c.structure.in_(list(structures)))
    if after is not None:
        statement = statement.where(tuple_(reminders.c.send_on, reminders.c.id) > after)
    return _list(tx, statement.order_by(reminders.c.send_on, reminders.c.id).limit(limit))


def list_due(tx: Transaction, day: date) -> tuple[Reminder, ...]:
    """Return the reminders that are to be bundled into mails on a day."""
    return _list(
        tx,
        select(reminders)
        .where(reminders.c.state == ReminderState.PLANNED.value, reminders.c.send_on <= day)
        .order_by(reminders.c.structure, reminders.c.due_on, reminders.c.id),
    )


def list_unsent_moves(tx: Transaction, meeting: str) -> tuple[Reminder, ...]:
    """Return the notices of a meeting's moves that no sender has claimed, the earliest move first."""
    return _list(
        tx,
        select(reminders)
        .where(
            reminders.c.about == meeting, reminders.c.step == DATE_CHANGED, reminders.c.state.in_(_WAITING)
        )
        .order_by(reminders.c.sequence),
    )


def insert_reminders(tx: Transaction, new: Iterable[Reminder]) -> None:
    """Insert reminders. Those whose key exists stay unchanged."""
    tx.add(reminders, *(asdict(reminder) for reminder in new), ignore_existing=True)


def update_states(tx: Transaction, states: Mapping[str, ReminderState]) -> None:
    """Set the state of reminders by id, and take them out of their mail."""
    if states:
        tx.execute(
            update(reminders)
            .where(reminders.c.id == bindparam("reminder"))
            .values(state=bindparam("now"), mail=None),
            [{"reminder": reminder, "now": state.value} for reminder, state in states.items()],
        )


def update_mail(tx: Transaction, which: Collection[str], *, mail: str) -> None:
    """Bundle reminders, by id, into a mail."""
    tx.execute(
        update(reminders)
        .where(reminders.c.id.in_(list(which)))
        .values(state=ReminderState.BUNDLED.value, mail=mail)
    )


def update_mail_of(tx: Transaction, mails: Collection[str], *, mail: str) -> None:
    """Move the bundled reminders of some mails into another."""
    tx.execute(
        update(reminders)
        .where(reminders.c.mail.in_(list(mails)), reminders.c.state == ReminderState.BUNDLED.value)
        .values(mail=mail)
    )


def update_states_in(tx: Transaction, mail: str, state: ReminderState) -> None:
    """Set the state of all reminders in a mail whose delivery is not settled."""
    tx.execute(
        update(reminders)
        .where(reminders.c.mail == mail, reminders.c.state.in_(_UNSETTLED))
        .values(state=state.value)
    )


def _list(tx: Transaction, statement: Select[Any]) -> tuple[Reminder, ...]:
    rows = tx.execute(statement).mappings()
    return tuple(Reminder(**(dict(row) | {"state": ReminderState(row["state"])})) for row in rows)
