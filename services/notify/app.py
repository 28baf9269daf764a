"""Notify, declared."""

from collections.abc import Iterable

from services.notify import api, schemas, store, tasks
from services.notify.domain.calendar import PeriodIsUnknown, WindowIsUpsideDown
from shared.database import Transaction
from shared.events import (
    SubmissionAccepted,
    SubmissionReceived,
    SubmissionReturned,
    SubmissionWithdrawn,
    WebhookDisabled,
)
from shared.http.paging import PageQuery
from shared.http.problems import Problem
from shared.http.routes import Route
from shared.identity.rights import ROLES, Role
from shared.runtime.declarations import Handler, Sample, Service, Tick

OWED: frozenset[Role] = frozenset(("structure", "coordinator", "analyst", "secretariat"))
SECRETARIAT: frozenset[Role] = frozenset(("secretariat",))
SET = (200, 201)


def count_mails(tx: Transaction) -> Iterable[Sample]:
    """How many mails are in each state."""
    for state, count in store.count_mails(tx).items():
        yield ("mails", "Mails in the ledger, by state.", {"state": state}, float(count))


SERVICE = Service(
    name="notify",
    routes=(
        Route(
            "GET",
            "/meetings",
            api.list_meetings,
            allow=ROLES,
            response_schema=schemas.Meetings,
            summary="All meetings, with what is collected towards each",
        ),
        Route(
            "GET",
            "/meetings/<meeting>",
            api.get_meeting,
            allow=ROLES,
            response_schema=schemas.MeetingShown,
            summary="One meeting",
        ),
        Route(
            "PUT",
            "/meetings/<meeting>",
            api.put_meeting,
            allow=SECRETARIAT,
            request_schema=schemas.MeetingChange,
            response_schema=schemas.MeetingShown,
            statuses=SET,
            summary="Add a meeting, or change or move it",
        ),
        Route(
            "GET",
            "/collections/<collection>",
            api.get_collection,
            allow=ROLES,
            response_schema=schemas.CollectionShown,
            summary="One collection: its window and deadline",
        ),
        Route(
            "PUT",
            "/collections/<collection>",
            api.put_collection,
            allow=SECRETARIAT,
            request_schema=schemas.CollectionChange,
            response_schema=schemas.CollectionShown,
            statuses=SET,
            summary="Define a collection relative to a meeting",
        ),
        Route(
            "GET",
            "/obligations",
            api.list_obligations,
            allow=OWED,
            response_schema=schemas.Obligations,
            summary="What is owed, by deadline",
        ),
        Route(
            "GET",
            "/reminders",
            api.list_reminders,
            allow=OWED,
            query=PageQuery,
            response_schema=schemas.Reminders,
            summary="What was, will be or would have been sent",
        ),
        Route(
            "GET",
            "/mails",
            api.list_mails,
            allow=SECRETARIAT,
            query=schemas.MailsQuery,
            response_schema=schemas.Mails,
            summary="The ledger of mails",
        ),
        Route(
            "GET",
            "/contacts/<structure>",
            api.get_contact,
            allow=SECRETARIAT,
            response_schema=schemas.ContactShown,
            summary="A structure's mailbox",
        ),
        Route(
            "PUT",
            "/contacts/<structure>",
            api.put_contact,
            allow=SECRETARIAT,
            request_schema=schemas.ContactChange,
            response_schema=schemas.ContactShown,
            statuses=SET,
            summary="Set a structure's mailbox",
        ),
    ),
    handlers=(
        Handler(SubmissionReceived, tasks.note_received),
        Handler(SubmissionAccepted, tasks.note_accepted),
        Handler(SubmissionReturned, tasks.note_returned),
        Handler(SubmissionWithdrawn, tasks.note_withdrawn),
        Handler(WebhookDisabled, tasks.tell_webhook_disabled),
    ),
    ticks=(
        Tick("plan", 5, tasks.plan),
        Tick("send", 5, tasks.send),
    ),
    problems={
        WindowIsUpsideDown: Problem(422, "The window is upside down"),
        PeriodIsUnknown: Problem(422, "The period is unknown"),
    },
    metrics=count_mails,
)
