"""Notify over HTTP: the calendar, what is owed, what is sent."""

import hashlib
from dataclasses import asdict
from datetime import date
from typing import Any

from services.notify import operations, store
from services.notify.domain.calendar import Collection, Meeting, Obligation
from services.notify.domain.mails import Mail
from services.notify.domain.reminders import Reminder
from services.notify.store import Contact, SetCollection
from shared.clock import iso
from shared.errors import FieldError, NotFound, Unprocessable
from shared.http.paging import Page
from shared.http.routes import RequestContext, Result
from shared.identity.callers import Caller
from shared.reference import STRUCTURES

LONGEST_CODE = 64


def list_meetings(call: RequestContext) -> Result:
    """All meetings, with what is collected towards each."""
    collections = store.all_collections(call.tx)
    meetings = store.all_meetings(call.tx).values()
    return Result({"items": [_meeting(meeting, collections) for meeting in meetings]})


def get_meeting(call: RequestContext, meeting: str) -> Result:
    """One meeting."""
    known = store.find_meeting(call.tx, meeting)
    if known is None:
        raise NotFound("meeting")
    return _meeting_answer(call, known)


def put_meeting(call: RequestContext, meeting: str) -> Result:
    """Add a meeting, or change or move it."""
    # Who changes comes first, then what is compared: of two with the same ETag one is late.
    store.lock_planning(call.tx)
    known = store.find_meeting(call.tx, meeting)
    if known is not None:
        call.require_match(_meeting_tag(known, store.all_collections(call.tx)))
    _refuse_long_code(meeting, "meeting")
    changed = operations.set_meeting(call.tx, code=meeting, now=call.now, **call.body)
    return _meeting_answer(call, changed, status=200 if known else 201)


def get_collection(call: RequestContext, collection: str) -> Result:
    """One collection."""
    known = store.find_collection(call.tx, collection)
    if known is None:
        raise NotFound("collection")
    return Result(_collection(known), etag=str(known.sequence))


def put_collection(call: RequestContext, collection: str) -> Result:
    """Define a collection, or change it."""
    store.lock_planning(call.tx)
    known = store.find_collection(call.tx, collection)
    if known is not None:
        call.require_match(str(known.sequence))
    wanted = Collection(**call.body)
    if wanted.code != collection:
        raise Unprocessable([FieldError("/period", f"This is the collection {wanted.code}.", collection)])
    if store.find_meeting(call.tx, wanted.meeting) is None:
        raise Unprocessable([FieldError("/meeting", "There is no such meeting.", "the code of a meeting")])
    kept = operations.define_collection(call.tx, collection=wanted, now=call.now)
    return Result(_collection(kept), status=200 if known else 201, etag=str(kept.sequence))


def list_obligations(call: RequestContext) -> Result:
    """What the caller's structures owe."""
    obligations = store.all_obligations(call.tx, structures=_structures_of(call.known_caller))
    return Result({"items": [_obligation(obligation, call) for obligation in obligations]})


def list_reminders(call: RequestContext) -> Result:
    """What was, will be or would have been sent to the caller's structures."""
    limit = call.query["limit"]
    found = store.all_reminders(
        call.tx, _structures_of(call.known_caller), after=_after(call.query["after"]), limit=limit + 1
    )
    page = Page.of(found, limit=limit, key=lambda reminder: f"{reminder.send_on}.{reminder.id}")
    return Result(page | {"items": [_reminder(reminder) for reminder in page["items"]]})


def list_mails(call: RequestContext) -> Result:
    """The ledger of mails."""
    limit = call.query["limit"]
    found = store.all_mails(call.tx, state=call.query["state"], after=call.query["after"], limit=limit + 1)
    page = Page.of(found, limit=limit, key=lambda mail: mail.id)
    return Result(page | {"items": [_mail(mail) for mail in page["items"]]})


def get_contact(call: RequestContext, structure: str) -> Result:
    """A structure's mailbox."""
    known = store.all_contacts(call.tx).get(structure)
    if known is None:
        raise NotFound("contact")
    return Result(asdict(known), etag=_contact_tag(known))


def put_contact(call: RequestContext, structure: str) -> Result:
    """Set a structure's mailbox."""
    if structure not in STRUCTURES:
        raise NotFound("structure")
    store.lock_planning(call.tx)
    known = store.all_contacts(call.tx).get(structure)
    if known is not None:
        call.require_match(_contact_tag(known))
    contact = Contact(structure=structure, **call.body)
    operations.set_contact(call.tx, contact=contact)
    return Result(asdict(contact), status=200 if known else 201, etag=_contact_tag(contact))


def _structures_of(caller: Caller) -> tuple[str, ...]:
    """Whose obligations and reminders the caller may see."""
    if caller.role in {"analyst", "secretariat"}:
        return tuple(STRUCTURES)
    if caller.role == "coordinator":
        return tuple(code for code, known in STRUCTURES.items() if known.partner == caller.partner)
    return (caller.reporter,)


def _meeting_answer(call: RequestContext, meeting: Meeting, *, status: int = 200) -> Result:
    collections = store.all_collections(call.tx)
    return Result(_meeting(meeting, collections), status=status, etag=_meeting_tag(meeting, collections))


def _meeting_tag(meeting: Meeting, collections: tuple[SetCollection, ...]) -> str:
    """Names the state of the meeting and of what it is shown with; sequences only grow."""
    towards = sorted(
        f"{kept.collection.code}.{kept.sequence}"
        for kept in collections
        if kept.collection.meeting == meeting.code
    )
    return hashlib.sha256("|".join([str(meeting.sequence), *towards]).encode()).hexdigest()[:16]


def _contact_tag(contact: Contact) -> str:
    return hashlib.sha256(repr(contact).encode()).hexdigest()[:16]


def _meeting(meeting: Meeting, collections: tuple[SetCollection, ...]) -> dict[str, Any]:
    return {
        "meeting": meeting.code,
        "body": meeting.body,
        "title": meeting.title,
        "held_on": meeting.held_on.isoformat(),
        "collections": [_collection(kept) for kept in collections if kept.collection.meeting == meeting.code],
    }


def _collection(kept: SetCollection) -> dict[str, Any]:
    dates = {name: day.isoformat() for name, day in asdict(kept.dates).items()}
    return {"collection": kept.collection.code} | asdict(kept.collection) | dates


def _obligation(obligation: Obligation, call: RequestContext) -> dict[str, Any]:
    return {
        "obligation": obligation.code,
        "structure": obligation.structure,
        "kind": obligation.kind,
        "period": obligation.period,
        "meeting": obligation.meeting,
        "opens_on": obligation.opens_on.isoformat(),
        "due_on": obligation.due_on.isoformat(),
        "closes_on": obligation.closes_on.isoformat(),
        "state": obligation.state(call.now.date()),
    }


def _reminder(reminder: Reminder) -> dict[str, Any]:
    return {
        "structure": reminder.structure,
        "about": reminder.about,
        "step": reminder.step,
        "due_on": reminder.due_on.isoformat(),
        "previously": reminder.previously.isoformat() if reminder.previously else None,
        "send_on": reminder.send_on.isoformat(),
        "state": reminder.state.value,
        "mail": reminder.mail,
    }


def _mail(mail: Mail) -> dict[str, Any]:
    return {
        "mail": mail.id,
        "recipient": mail.recipient,
        "state": mail.state.value,
        "attempts": mail.attempts,
        "created_at": iso(mail.created_at),
        "due_at": iso(mail.due_at),
        "sent_at": iso(mail.sent_at) if mail.sent_at else None,
        "reason": mail.reason,
        "message_id": mail.message_id,
        "subject": mail.subject,
        "text": mail.text,
    }


def _after(key: str | None) -> tuple[date, str] | None:
    if key is None:
        return None
    day, _, reminder = key.partition(".")
    try:
        return date.fromisoformat(day), reminder
    except ValueError:
        raise Unprocessable(
            [FieldError("/query/after", "This is no page's key.", "'next' of a page")]
        ) from None


def _refuse_long_code(code: str, what: str) -> None:
    if len(code) > LONGEST_CODE:
        raise NotFound(what)
