"""When mappings are collected: as notify tells it, and the exceptions that the Secretariat makes for one reporter."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import partial

from services.entry import store
from services.entry.domain.journal import SYSTEM, Author
from services.entry.domain.markings import check_unclassified
from services.entry.domain.submissions import KINDS_OF_ROLE
from services.entry.domain.windows import (
    CONTINUOUS,
    LONGEST_EXCEPTION,
    Collected,
    Deadline,
    ExceptionIsOver,
    Window,
    WindowException,
    WindowIsClosed,
    check_window,
    exception_for,
    is_late,
    window_of,
)
from services.entry.operations.journal import note
from shared.database import Database, Transaction
from shared.errors import FieldError, NotFound, Unprocessable
from shared.events import DeadlineSet, WindowSet
from shared.identity.callers import Caller
from shared.ids import new_id
from shared.reference import KINDS, STRUCTURES, ReporterIsUnknown, is_period
from shared.reference import reporter as known_reporter

CALENDAR_KEPT_SECONDS = 1.0


def set_window(tx: Transaction, *, event: WindowSet) -> None:
    """Note when a mapping is collected; everybody is told when that has changed."""
    opens_on, closes_on = date.fromisoformat(event.opens_on), date.fromisoformat(event.closes_on)
    now = Window(event.window, event.kind, event.period, opens_on, closes_on, event.sequence)
    was = store.keep_window(tx, now)
    if was is not None and (was.opens_on, was.closes_on) != (opens_on, closes_on):
        detail = {"window": now.code, "kind": now.kind, "period": now.period}
        days = {"was": _days(was), "now": _days(now)}
        note(tx, author=SYSTEM, action="window.changed", reporter=None, detail=detail | days)


def set_deadline(tx: Transaction, *, event: DeadlineSet) -> None:
    """Note when a mapping is due; everybody is told when that has changed."""
    due_on = date.fromisoformat(event.due_on)
    now = Deadline(event.deadline, event.kind, event.period, due_on, event.sequence)
    was = store.keep_deadline(tx, now)
    if was is not None and was.due_on != due_on:
        detail = {"deadline": now.code, "kind": now.kind, "period": now.period}
        days = {"was": was.due_on.isoformat(), "now": event.due_on}
        note(tx, author=SYSTEM, action="deadline.changed", reporter=None, detail=detail | days)


def check_collected(database: Database, *, reporter: str, kind: str, period: str, today: date) -> bool:
    """Raise `WindowIsClosed` unless the reporter may change anything of the mapping today; whether that is late.

    It changes a few times a year: it is read once a second, and again before anybody is refused.
    """
    check = partial(check_window, reporter=reporter, kind=kind, period=period, today=today)
    calendar = database.cached(store.collection_calendar, seconds=CALENDAR_KEPT_SECONDS)
    try:
        check(calendar.windows, exceptions=calendar.exceptions)
    except WindowIsClosed:
        calendar = database.cached(store.collection_calendar, seconds=0)
        check(calendar.windows, exceptions=calendar.exceptions)
    return is_late(calendar.windows, kind=kind, period=period, on=today)


def grant_exception(
    tx: Transaction,
    *,
    author: Author,
    reporter: str,
    kind: str,
    period: str,
    expires_on: date,
    reason: str,
) -> WindowException:
    """Open a mapping for one reporter until a day, that day included; `Unprocessable` says what cannot be right."""
    check_unclassified(reason, at="/reason")
    today = tx.now.date()
    faults = [*_faults_of_mapping(reporter, kind, period), *_faults_of_day(expires_on, today)]
    if faults:
        raise Unprocessable(faults)
    granted = WindowException(new_id(), reporter, kind, period, author.actor, tx.now, expires_on, reason)
    store.add_exception(tx, granted)
    _note_exception(tx, author, "window.exception_granted", granted, reason)
    return granted


def end_exception(tx: Transaction, *, author: Author, exception: str, reason: str) -> WindowException:
    """End an exception before its day; raises `NotFound`, `ExceptionIsOver`."""
    check_unclassified(reason, at="/reason")
    known = store.find_exception(tx, exception)
    if known is None:
        raise NotFound("exception")
    if not known.holds(tx.now.date()):
        raise ExceptionIsOver(known)
    if not store.end_exception(tx, exception, by=author.actor, reason=reason):
        raise ExceptionIsOver(known)
    _note_exception(tx, author, "window.exception_ended", known, reason)
    return replace(known, ended_at=tx.now, ended_by=author.actor, end_reason=reason)


def list_exceptions(
    tx: Transaction, *, caller: Caller, after: str | None, limit: int
) -> list[WindowException]:
    """The exceptions that the caller may see, the latest first, also those that are over."""
    reporters = None if caller.role == "secretariat" else _reporters_of(caller)
    return store.list_exceptions(tx, reporters=reporters, after=after, limit=limit)


def list_collected(tx: Transaction, *, caller: Caller) -> list[Collected]:
    """Each mapping that the caller may report or, reporting nothing, may look at; the earliest first."""
    calendar = store.collection_calendar(tx)
    kinds = KINDS_OF_ROLE.get(caller.role, KINDS)
    today = tx.now.date()
    set_for_all = [(each.kind, each.period) for each in calendar.windows]
    own = [(each.kind, each.period) for each in calendar.exceptions if each.reporter == caller.reporter]
    mappings = dict.fromkeys([*set_for_all, *own])
    return [
        Collected(
            kind=kind,
            period=period,
            window=window_of(calendar.windows, kind=kind, period=period),
            exception=exception_for(
                calendar.exceptions, reporter=caller.reporter, kind=kind, period=period, on=today
            ),
        )
        for kind, period in mappings
        if kind in kinds
    ]


def _reporters_of(caller: Caller) -> list[str]:
    if caller.role == "coordinator":
        return [each.code for each in STRUCTURES.values() if each.partner == caller.partner]
    return [caller.reporter]


def _faults_of_mapping(reporter: str, kind: str, period: str) -> Iterator[FieldError]:
    try:
        kinds = KINDS_OF_ROLE.get(known_reporter(reporter).role, ())
    except ReporterIsUnknown as error:
        yield FieldError("/reporter", str(error), "the code of a structure or a member")
        return
    if kind in CONTINUOUS:
        yield FieldError("/kind", f"A {kind} is taken at any time: there is nothing to open.")
    elif kind not in kinds:
        yield FieldError("/kind", f"{reporter} does not report the {kind} mapping.", " or ".join(kinds))
    if not is_period(kind, period):
        yield FieldError("/period", f"{period!r} is no period of the {kind} mapping.")


def _faults_of_day(expires_on: date, today: date) -> Iterator[FieldError]:
    last = today + LONGEST_EXCEPTION
    if not today <= expires_on <= last:
        expected = f"a day from {today} until {last}"
        yield FieldError("/expires_on", f"An exception cannot last until {expires_on}.", expected)


def _note_exception(
    tx: Transaction, author: Author, action: str, exception: WindowException, reason: str
) -> None:
    note(
        tx,
        author=author,
        action=action,
        reporter=exception.reporter,
        partner=known_reporter(exception.reporter).partner,
        detail={
            "exception": exception.id,
            "kind": exception.kind,
            "period": exception.period,
            "expires_on": exception.expires_on.isoformat(),
            "reason": reason,
        },
    )


def _days(window: Window) -> dict[str, str]:
    return {"opens_on": window.opens_on.isoformat(), "closes_on": window.closes_on.isoformat()}
