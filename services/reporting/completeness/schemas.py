"""Requests and responses of completeness."""

from marshmallow import Schema, fields

from shared.http.choices import Choices, FilterQuery, PillarChoices
from shared.reference.partners import PARTNERS
from shared.reference.periods import KINDS


class CompletenessQuery(FilterQuery):
    """The obligations to list."""

    period = Choices()
    kind = Choices(KINDS)
    partner = Choices(tuple(PARTNERS))
    pillar = PillarChoices()
    structure = Choices()


class Tally(Schema):
    """Numbers of obligations by state."""

    partner = fields.String()
    partner_label = fields.String()
    obligations = fields.Integer(required=True)
    missing = fields.Integer(required=True)
    received = fields.Integer(required=True)
    accepted = fields.Integer(required=True)
    returned = fields.Integer(required=True)
    percent_met = fields.String(
        required=True, metadata={"description": "A decimal text with one place, such as 66.7."}
    )
    percent_accepted = fields.String(
        required=True, metadata={"description": "A decimal text with one place, such as 66.7."}
    )


class ObligationResponse(Schema):
    """An obligation and its status."""

    obligation = fields.String(required=True)
    structure = fields.String(required=True)
    structure_label = fields.String(required=True)
    partner = fields.String(required=True)
    partner_label = fields.String(required=True)
    pillar = fields.String(required=True)
    pillar_label = fields.String(required=True)
    kind = fields.String(required=True)
    period = fields.String(required=True)
    due_on = fields.String(required=True)
    time_zone = fields.String(required=True, metadata={"description": "The time zone of its days."})
    state = fields.String(required=True)
    submissions = fields.Integer(required=True)
    records = fields.Integer(required=True)
    nothing_to_report = fields.Boolean(required=True)


class DeadlineResponse(Schema):
    """The due date of a mapping, and the meeting that it follows from."""

    deadline = fields.String(required=True)
    kind = fields.String(required=True)
    period = fields.String(required=True)
    due_on = fields.String(required=True)
    meeting = fields.String(required=True)
    title = fields.String(required=True, allow_none=True)
    held_on = fields.String(required=True, allow_none=True)
    is_cancelled = fields.Boolean(
        required=True,
        allow_none=True,
        metadata={"description": "Whether the meeting is cancelled; its deadlines stay."},
    )


class CompletenessResponse(Schema):
    """Obligations and their status, per structure and partner."""

    as_of = fields.String(
        required=True, allow_none=True, metadata={"description": "When completeness last changed"}
    )
    filters = fields.Dict(keys=fields.String(), values=fields.List(fields.String()), required=True)
    footnote = fields.String(metadata={"description": "Present where Kosovo* appears"})
    deadlines = fields.List(fields.Nested(DeadlineResponse), required=True)
    obligations = fields.List(fields.Nested(ObligationResponse), required=True)
    partners = fields.List(fields.Nested(Tally), required=True)
    total = fields.Nested(Tally, required=True)
