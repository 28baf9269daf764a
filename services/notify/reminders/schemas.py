"""Schemas of the reminder API."""

from marshmallow import Schema, fields


class ReminderResponse(Schema):
    """A reminder, sent or planned, or the reason why it was not sent."""

    structure = fields.String()
    about = fields.String()
    step = fields.String()
    due_on = fields.Date()
    previously = fields.Date(allow_none=True)
    send_on = fields.Date()
    time_zone = fields.String(metadata={"description": "The time zone of its days."})
    state = fields.String()
    mail = fields.String(allow_none=True)


class RemindersResponse(Schema):
    """A page of reminders by the day on which they are sent."""

    items = fields.List(fields.Nested(ReminderResponse))
    next = fields.String(allow_none=True)
