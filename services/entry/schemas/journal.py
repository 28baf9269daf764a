"""The shapes of the changes feed and the audit log."""

from marshmallow import RAISE, Schema, fields, validate

from services.entry.domain.journal import PUBLISHED
from shared.http.paging import MAX_LIMIT, PageQuery

LARGEST_SEQUENCE = 2**31 - 1


class ChangesQuery(Schema):
    """Where to go on from."""

    class Meta:
        """Unknown parameters are mistakes."""

        unknown = RAISE

    after = fields.Integer(
        load_default=0,
        validate=validate.Range(0, LARGEST_SEQUENCE),
        metadata={"description": "The `next` of the last answer; 0, and all from the beginning come."},
    )
    limit = fields.Integer(load_default=50, validate=validate.Range(1, MAX_LIMIT))


class Change(Schema):
    """One thing that happened."""

    sequence = fields.Integer(required=True, metadata={"description": "Only grows; not without gaps."})
    at = fields.String(required=True)
    action = fields.String(required=True, validate=validate.OneOf(sorted(PUBLISHED)))
    actor = fields.String(required=True, metadata={"description": "Who did it; `iisgd` is this system."})
    reporter = fields.String(required=True, allow_none=True)
    partner = fields.String(required=True, allow_none=True)
    submission = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True, allow_none=True)
    detail = fields.Dict(required=True)


class ChangesAnswer(Schema):
    """Some changes, and where to go on from: `next` is there also when nothing new is."""

    items = fields.List(fields.Nested(Change), required=True)
    next = fields.Integer(required=True)


class JournalQuery(PageQuery):
    """Which entries to list."""

    reporter = fields.String(load_default=None, validate=validate.Length(1, 40))
    submission = fields.String(load_default=None, validate=validate.Length(1, 36))
    action = fields.String(
        load_default=None,
        validate=validate.Length(1, 40),
        metadata={"description": "Whole, or up to its dot: `submission.` is all that begin so."},
    )
    since = fields.AwareDateTime(load_default=None, format="iso")


class JournalEntry(Change):
    """One thing that was done, by whom and from where."""

    id = fields.String(required=True)
    sequence = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Null for the second until it is sealed."}
    )
    action = fields.String(required=True)
    client = fields.String(required=True, allow_none=True)
    address = fields.String(required=True, allow_none=True)


class JournalAnswer(Schema):
    """A page of the audit log."""

    items = fields.List(fields.Nested(JournalEntry), required=True)
    next = fields.String(required=True, allow_none=True)
