"""Schemas of the calendar API."""

from datetime import date

from marshmallow import RAISE, Schema, fields, validate

from services.notify.calendar.domain import MeetingType
from shared.reference import KINDS

_DAYS = validate.Range(0, 730)
_DAY = validate.Range(date(2000, 1, 1), date(2099, 12, 31))
# The title becomes part of a mail header.
_LINE = (
    validate.Length(1, 200),
    validate.Predicate("isprintable", error="One line of text, without control characters."),
)


class StrictSchema(Schema):
    """A schema that refuses unknown fields."""

    class Meta:
        """Refuse unknown fields."""

        unknown = RAISE


class MeetingRequest(StrictSchema):
    """A meeting to create or change."""

    body = fields.String(required=True, validate=validate.OneOf([known.value for known in MeetingType]))
    title = fields.String(required=True, validate=_LINE)
    held_on = fields.Date(format="%Y-%m-%d", required=True, validate=_DAY)


class CollectionRequest(StrictSchema):
    """A collection to create or change. Its days are counted back from its meeting."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    period = fields.String(required=True)
    meeting = fields.String(required=True)
    opens_days_before = fields.Integer(required=True, strict=True, validate=_DAYS)
    due_days_before = fields.Integer(required=True, strict=True, validate=_DAYS)
    closes_days_before = fields.Integer(load_default=0, strict=True, validate=_DAYS)


class DatedResponse(Schema):
    """A mapping of one period, and the dates that follow from its meeting's."""

    kind = fields.String()
    period = fields.String()
    meeting = fields.String()
    opens_on = fields.Date()
    due_on = fields.Date()
    closes_on = fields.Date()


class CollectionResponse(DatedResponse):
    """A collection with its dates."""

    collection = fields.String()
    opens_days_before = fields.Integer()
    due_days_before = fields.Integer()
    closes_days_before = fields.Integer()


class MeetingResponse(Schema):
    """A meeting and the collections towards it."""

    meeting = fields.String()
    body = fields.String()
    title = fields.String()
    held_on = fields.Date()
    collections = fields.List(fields.Nested(CollectionResponse))


class MeetingsResponse(Schema):
    """All meetings, the earliest first."""

    items = fields.List(fields.Nested(MeetingResponse))


class ObligationResponse(DatedResponse):
    """A mapping that a structure owes; `state` is met, open, overdue or closed."""

    obligation = fields.String()
    structure = fields.String()
    state = fields.String()


class ObligationsResponse(Schema):
    """Obligations by deadline."""

    items = fields.List(fields.Nested(ObligationResponse))
