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


class MeetingBody(StrictSchema):
    """A meeting to create or change."""

    body = fields.String(required=True, validate=validate.OneOf([known.value for known in MeetingType]))
    title = fields.String(required=True, validate=_LINE)
    held_on = fields.Date(format="%Y-%m-%d", required=True, validate=_DAY)
    is_cancelled = fields.Boolean(
        load_default=False,
        metadata={"description": "Whether it will not be held. Its windows and deadlines stay."},
    )
    closes_on = fields.Dict(
        keys=fields.String(),
        values=fields.Date(format="%Y-%m-%d", validate=_DAY),
        load_default=dict,
        metadata={
            "description": "The last day of windows, by collection. Without it, an open window closes at the later of its "
            "old and new day.",
            "example": {"need-2025-2026": "2027-01-15"},
        },
    )


class MeetingQuery(StrictSchema):
    """The options of a change of a meeting."""

    dry_run = fields.Boolean(
        load_default=False, metadata={"description": "Only list what would change for whom."}
    )


class CollectionBody(StrictSchema):
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


class MeetingFacts(Schema):
    """The facts of a meeting."""

    body = fields.String()
    title = fields.String()
    held_on = fields.Date()
    is_cancelled = fields.Boolean()


class MeetingResponse(MeetingFacts):
    """A meeting and the collections towards it."""

    meeting = fields.String()
    collections = fields.List(fields.Nested(CollectionResponse))


class DatesResponse(Schema):
    """The dates of a collection."""

    opens_on = fields.Date()
    due_on = fields.Date()
    closes_on = fields.Date()


class CollectionChangeResponse(Schema):
    """The dates of a collection before and after a change of its meeting."""

    collection = fields.String()
    kind = fields.String()
    period = fields.String()
    was = fields.Nested(DatesResponse)
    now = fields.Nested(DatesResponse)


class NotifiedResponse(Schema):
    """A structure that is notified by mail, and the time zone of its days."""

    structure = fields.String()
    time_zone = fields.String()


class MeetingChangeResponse(MeetingResponse):
    """A meeting, the collections towards it, and the consequences of its change. `collections` is absent in a dry run."""

    is_dry_run = fields.Boolean()
    was = fields.Nested(MeetingFacts, allow_none=True, metadata={"description": "null for a new meeting."})
    changes = fields.List(fields.Nested(CollectionChangeResponse))
    notified = fields.List(fields.Nested(NotifiedResponse))


class MeetingsResponse(Schema):
    """All meetings, the earliest first."""

    items = fields.List(fields.Nested(MeetingResponse))


class ObligationResponse(DatedResponse):
    """A mapping that a structure owes; `state` is met, open, overdue or closed."""

    obligation = fields.String()
    structure = fields.String()
    time_zone = fields.String(metadata={"description": "The time zone of its days."})
    state = fields.String()


class ObligationsResponse(Schema):
    """Obligations by deadline."""

    items = fields.List(fields.Nested(ObligationResponse))
