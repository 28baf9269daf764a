"""Shapes at notify's edge."""

from datetime import date

from marshmallow import RAISE, Schema, fields, validate

from services.notify.domain.calendar import Body
from services.notify.domain.mails import MailState
from shared.http.paging import PageQuery
from shared.reference import KINDS

_DAYS = validate.Range(0, 730)
# One line: it goes into a mail's header.
_LINE = (
    validate.Length(1, 200),
    validate.Predicate("isprintable", error="One line of text, without control characters."),
)
_DAY = validate.Range(date(2000, 1, 1), date(2099, 12, 31))
# A mail server in the way may know no other letters in an address (RFC 6531 is an extension).
_MAILBOX = (validate.Email(), validate.Length(max=254), validate.Regexp(r"^[\x21-\x7e]+$"))


class Strict(Schema):
    """Unknown fields are mistakes."""

    class Meta:
        """Said once."""

        unknown = RAISE


class MeetingChange(Strict):
    """What a meeting is to be."""

    body = fields.String(required=True, validate=validate.OneOf([body.value for body in Body]))
    title = fields.String(required=True, validate=_LINE)
    held_on = fields.Date(format="%Y-%m-%d", required=True, validate=_DAY)


class CollectionChange(Strict):
    """What is to be collected, towards which meeting; the days are counted back from it."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    period = fields.String(required=True)
    meeting = fields.String(required=True)
    opens_days_before = fields.Integer(required=True, strict=True, validate=_DAYS)
    due_days_before = fields.Integer(required=True, strict=True, validate=_DAYS)
    closes_days_before = fields.Integer(load_default=0, strict=True, validate=_DAYS)


class ContactChange(Strict):
    """The role mailbox of a structure."""

    address = fields.String(required=True, validate=_MAILBOX)
    backup = fields.String(load_default=None, allow_none=True, validate=_MAILBOX)
    label = fields.String(required=True, validate=_LINE)


class MailsQuery(PageQuery):
    """Mails of one state, or all."""

    state = fields.String(load_default=None, validate=validate.OneOf([state.value for state in MailState]))


class CollectionShown(Schema):
    """A collection with the dates that follow from its meeting's."""

    collection = fields.String()
    kind = fields.String()
    period = fields.String()
    meeting = fields.String()
    opens_days_before = fields.Integer()
    due_days_before = fields.Integer()
    closes_days_before = fields.Integer()
    opens_on = fields.Date()
    due_on = fields.Date()
    closes_on = fields.Date()


class MeetingShown(Schema):
    """A meeting, and what is collected towards it."""

    meeting = fields.String()
    body = fields.String()
    title = fields.String()
    held_on = fields.Date()
    collections = fields.List(fields.Nested(CollectionShown))


class Meetings(Schema):
    """All meetings, the earliest first."""

    items = fields.List(fields.Nested(MeetingShown))


class ObligationShown(Schema):
    """What a structure owes; `state` is met, open, overdue or closed."""

    obligation = fields.String()
    structure = fields.String()
    kind = fields.String()
    period = fields.String()
    meeting = fields.String()
    opens_on = fields.Date()
    due_on = fields.Date()
    closes_on = fields.Date()
    state = fields.String()


class Obligations(Schema):
    """What is owed, by deadline."""

    items = fields.List(fields.Nested(ObligationShown))


class ReminderShown(Schema):
    """A reminder that was, will be or would have been sent."""

    structure = fields.String()
    about = fields.String()
    step = fields.String()
    due_on = fields.Date()
    previously = fields.Date(allow_none=True)
    send_on = fields.Date()
    state = fields.String()
    mail = fields.String(allow_none=True)


class Reminders(Schema):
    """Reminders by the day on which they are sent."""

    items = fields.List(fields.Nested(ReminderShown))
    next = fields.String(allow_none=True)


class MailShown(Schema):
    """A mail of the ledger."""

    mail = fields.String()
    recipient = fields.String()
    state = fields.String()
    attempts = fields.Integer()
    created_at = fields.String()
    due_at = fields.String()
    sent_at = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    message_id = fields.String(allow_none=True)
    subject = fields.String(allow_none=True)
    text = fields.String(allow_none=True)


class Mails(Schema):
    """The ledger, the newest first."""

    items = fields.List(fields.Nested(MailShown))
    next = fields.String(allow_none=True)


class ContactShown(Schema):
    """A structure's mailbox."""

    structure = fields.String()
    address = fields.String()
    backup = fields.String(allow_none=True)
    label = fields.String()
