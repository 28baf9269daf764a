"""Reminders as rows. Their states are written by planning, and by the sender that holds their mail."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import RowMapping, Select, bindparam, case, or_, select, tuple_, update

from services.notify.domain.mails import MailState
from services.notify.domain.reminders import DATE_CHANGED, Reminder, State
from services.notify.store.tables import mails, reminders
from shared.database import Transaction

_IN_FLIGHT = (MailState.SENDING.value, MailState.DATA.value)
_WAITING = (State.PLANNED.value, State.BUNDLED.value)


def reminders_to_plan(tx: Transaction, obligations: Collection[str]) -> tuple[Reminder, ...]:
    """What is stored for these obligations, and whatever else waits to be sent."""
    waiting = reminders.c.state.in_(_WAITING)
    return _read(tx, _select().where(or_(waiting, reminders.c.about.in_(list(obligations)))))


def all_reminders(
    tx: Transaction, structures: Collection[str], *, after: tuple[date, str] | None = None, limit: int
) -> tuple[Reminder, ...]:
    """What was, will be or would have been sent to these structures, by day, from the (day, id) `after` on."""
    statement = _select().where(reminders.c.structure.in_(list(structures)))
    if after is not None:
        statement = statement.where(tuple_(reminders.c.send_on, reminders.c.id) > after)
    return _read(tx, statement.order_by(reminders.c.send_on, reminders.c.id).limit(limit))


def reminders_in(tx: Transaction, mail: str) -> tuple[Reminder, ...]:
    """What a mail is to say."""
    rows = tx.execute(
        select(reminders)
        .where(reminders.c.mail == mail, reminders.c.state == State.BUNDLED.value)
        .order_by(reminders.c.due_on, reminders.c.about)
    )
    return tuple(_reminder(row) for row in rows.mappings())


def planned_reminders(tx: Transaction, day: date) -> tuple[Reminder, ...]:
    """What is to be put into mails on a day."""
    rows = tx.execute(
        select(reminders)
        .where(reminders.c.state == State.PLANNED.value, reminders.c.send_on <= day)
        .order_by(reminders.c.structure, reminders.c.due_on, reminders.c.id)
    )
    return tuple(_reminder(row) for row in rows.mappings())


def untold_moves(tx: Transaction, meeting: str) -> tuple[Reminder, ...]:
    """Notices of a meeting's moves that nobody has begun to send, the earliest move first."""
    statement = _select().where(
        reminders.c.about == meeting, reminders.c.step == DATE_CHANGED, reminders.c.state.in_(_WAITING)
    )
    found = _read(tx, statement.order_by(reminders.c.sequence))
    return tuple(reminder for reminder in found if reminder.state is not State.SENDING)


def add_reminders(tx: Transaction, new: Iterable[Reminder]) -> None:
    """Write reminders; one that exists already, by its key, stays as it is."""
    tx.add(reminders, *(asdict(reminder) for reminder in new), ignore_existing=True)


def set_states(tx: Transaction, states: Mapping[str, State]) -> None:
    """Give reminders, by id, another state, and take them out of their mail."""
    if states:
        tx.execute(
            update(reminders)
            .where(reminders.c.id == bindparam("reminder"))
            .values(state=bindparam("now"), mail=None),
            [{"reminder": reminder, "now": state.value} for reminder, state in states.items()],
        )


def put_into(tx: Transaction, mail: str, which: Collection[str]) -> None:
    """Bundle reminders, by id, into a mail."""
    tx.execute(
        update(reminders).where(reminders.c.id.in_(list(which))).values(state=State.BUNDLED.value, mail=mail)
    )


def move_between(tx: Transaction, *, old: Collection[str], new: str) -> None:
    """Take what waiting mails would have said into a new one."""
    tx.execute(
        update(reminders)
        .where(reminders.c.mail.in_(list(old)), reminders.c.state == State.BUNDLED.value)
        .values(mail=new)
    )


def settle_reminders(tx: Transaction, mail: str, state: State) -> None:
    """Write what became of a mail to all that it said."""
    tx.execute(
        update(reminders)
        .where(reminders.c.mail == mail, reminders.c.state.in_([State.BUNDLED.value, State.UNCERTAIN.value]))
        .values(state=state.value)
    )


def _select() -> Select[Any]:
    in_flight = (reminders.c.state == State.BUNDLED.value) & mails.c.state.in_(_IN_FLIGHT)
    columns = [column for column in reminders.c if column.name != "state"]
    state = case((in_flight, State.SENDING.value), else_=reminders.c.state).label("state")
    return select(*columns, state).outerjoin(mails, mails.c.id == reminders.c.mail)


def _read(tx: Transaction, statement: Select[Any]) -> tuple[Reminder, ...]:
    return tuple(_reminder(row) for row in tx.execute(statement).mappings())


def _reminder(row: RowMapping) -> Reminder:
    return Reminder(**(dict(row) | {"state": State(row["state"])}))
