"""Schemas of the mail API."""

from marshmallow import Schema, fields, validate

from services.notify.sending.domain import MailState
from shared.http.paging import PageQuery


class MailsQuery(PageQuery):
    """A page of mails, in one state if given."""

    state = fields.String(load_default=None, validate=validate.OneOf([state.value for state in MailState]))


class MailResponse(Schema):
    """A mail in the ledger."""

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


class MailsResponse(Schema):
    """A page of the ledger, the newest mail first."""

    items = fields.List(fields.Nested(MailResponse))
    next = fields.String(allow_none=True)
