"""Use cases of windows: apply the calendar of the notify service, check windows, and manage exceptions."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from functools import partial

from services.entry.audit import operations as audit
from services.entry.audit.domain import SYSTEM, Actor
from services.entry.windows import store
from services.entry.windows.domain import (
    CONTINUOUS,
    MAX_EXCEPTION,
    Deadline,
    ExceptionIsOver,
    MappingWindow,
    Window,
    WindowException,
    WindowIsClosed,
    check_open,
    exception_for,
    is_late,
    window_of,
)
from shared.database import Database, Transaction
from shared.errors import FieldError, NotFound, Unprocessable
from shared.events import DeadlineSet, WindowSet
from shared.i18n import Text
from shared.i18n.lists import listed_or
from shared.identity.callers import Caller
from shared.identity.rights import kinds_submitted_by
from shared.ids import new_id
from shared.reference import KINDS, ReporterIsUnknown, is_period
from shared.reference import reporter as known_reporter
from shared.reference.days import reporter_day
from shared.reference.markings import check_unclassified

CALENDAR_TTL_SECONDS = 1.0


def apply_window(tx: Transaction, *, event: WindowSet) -> None:
    """Store the window of a mapping. Record a change of a known window for everyone."""
    opens_on, closes_on = date.fromisoformat(event.opens_on), date.fromisoformat(event.closes_on)
    now = Window(event.window, event.kind, event.period, opens_on, closes_on, event.sequence)
    was = store.upsert_window(tx, now)
    if was is not None and (was.opens_on, was.closes_on) != (opens_on, closes_on):
        detail = {"window": now.code, "kind": now.kind, "period": now.period}
        days = {"was": _days(was), "now": _days(now)}
        audit.record_action(tx, actor=SYSTEM, action="window.changed", reporter=None, detail=detail | days)


def apply_deadline(tx: Transaction, *, event: DeadlineSet) -> None:
    """Store the deadline of a mapping. Record a change of a known deadline for everyone."""
    due_on = date.fromisoformat(event.due_on)
    now = Deadline(event.deadline, event.kind, event.period, due_on, event.sequence)
    was = store.upsert_deadline(tx, now)
    if was is not None and was.due_on != due_on:
        detail = {"deadline": now.code, "kind": now.kind, "period": now.period}
        days = {"was": was.due_on.isoformat(), "now": event.due_on}
        audit.record_action(tx, actor=SYSTEM, action="deadline.changed", reporter=None, detail=detail | days)


def check_window(database: Database, *, reporter: str, kind: str, period: str, now: datetime) -> bool:
    """Raise `WindowIsClosed` unless the reporter may change the mapping now. Return whether a submission is late.

    The calendar changes a few times a year. It is read at most once a second, and again before a refusal.
    """
    today = reporter_day(reporter, now)
    check = partial(check_open, reporter=reporter, kind=kind, period=period, today=today)
    calendar = database.cached(store.get_calendar, seconds=CALENDAR_TTL_SECONDS)
    try:
        check(calendar.windows, exceptions=calendar.exceptions)
    except WindowIsClosed:
        calendar = database.cached(store.get_calendar, seconds=0)
        check(calendar.windows, exceptions=calendar.exceptions)
    return is_late(calendar.windows, kind=kind, period=period, on=today)


def find_window(tx: Transaction, *, kind: str, period: str) -> Window | None:
    """Return the window of a mapping with its deadline; None if no window is set."""
    return store.find_window(tx, kind=kind, period=period)


def grant_exception(
    tx: Transaction,
    *,
    actor: Actor,
    reporter: str,
    kind: str,
    period: str,
    expires_on: date,
    reason: str,
) -> WindowException:
    """Open a mapping for one reporter until a day, inclusive. Raise `Unprocessable` for an invalid exception."""
    check_unclassified(reason, at="/reason")
    today = reporter_day(reporter, tx.now)
    errors = [*_mapping_errors(reporter, kind, period), *_day_errors(expires_on, today)]
    if errors:
        raise Unprocessable(errors)
    granted = WindowException(new_id(), reporter, kind, period, actor.code, tx.now, expires_on, reason)
    store.insert_exception(tx, granted)
    _record(tx, actor, "window.exception_granted", granted, reason)
    return granted


def revoke_exception(tx: Transaction, *, actor: Actor, exception: str, reason: str) -> WindowException:
    """Revoke an exception before its last day. Raise `NotFound` or `ExceptionIsOver`."""
    check_unclassified(reason, at="/reason")
    known = store.find_exception(tx, exception)
    if known is None:
        raise NotFound("exception")
    if not known.is_active(reporter_day(known.reporter, tx.now)):
        raise ExceptionIsOver(known)
    if not store.update_exception_revoked(tx, exception, by=actor.code, reason=reason):
        raise ExceptionIsOver(known)
    _record(tx, actor, "window.exception_ended", known, reason)
    return replace(known, ended_at=tx.now, ended_by=actor.code, end_reason=reason)


def list_exceptions(
    tx: Transaction, *, caller: Caller, after: str | None, limit: int
) -> list[WindowException]:
    """List the exceptions visible to the caller, the latest first, including those that are over."""
    reporters = None if caller.rights.rows == "all" else caller.structures
    return store.list_exceptions(tx, reporters=reporters, after=after, limit=limit)


def list_mapping_windows(tx: Transaction, *, caller: Caller) -> list[MappingWindow]:
    """List the windows of the mappings that the caller reports, or may read, the earliest first."""
    calendar = store.get_calendar(tx)
    kinds = kinds_submitted_by(caller.role) or KINDS
    today = reporter_day(caller.reporter, tx.now)
    set_for_all = [(each.kind, each.period) for each in calendar.windows]
    own = [(each.kind, each.period) for each in calendar.exceptions if each.reporter == caller.reporter]
    mappings = dict.fromkeys([*set_for_all, *own])
    return [
        MappingWindow(
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


def _mapping_errors(reporter: str, kind: str, period: str) -> Iterator[FieldError]:
    try:
        kinds = kinds_submitted_by(known_reporter(reporter).role)
    except ReporterIsUnknown as error:
        yield FieldError("/reporter", error.args[0], Text("the code of a structure or a member"))
        return
    if kind in CONTINUOUS:
        yield FieldError(
            "/kind", Text("The {kind} mapping is always open: it needs no exception.", kind=kind)
        )
    elif kind not in kinds:
        yield FieldError(
            "/kind",
            Text("{reporter} does not report the {kind} mapping.", reporter=reporter, kind=kind),
            listed_or(kinds),
        )
    if not is_period(kind, period):
        yield FieldError(
            "/period",
            Text("'{period}' is not a valid period of the {kind} mapping.", period=period, kind=kind),
        )


def _day_errors(expires_on: date, today: date) -> Iterator[FieldError]:
    last = today + MAX_EXCEPTION
    if not today <= expires_on <= last:
        expected = Text("a day from {first} until {last}", first=today, last=last)
        yield FieldError(
            "/expires_on", Text("{expires_on} is not an allowed last day.", expires_on=expires_on), expected
        )


def _record(tx: Transaction, actor: Actor, action: str, exception: WindowException, reason: str) -> None:
    audit.record_action(
        tx,
        actor=actor,
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
