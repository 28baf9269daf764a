"""Requests and responses of gaps."""

from marshmallow import Schema, fields, validate

from services.reporting.gaps.domain import STATES
from shared.http.choices import Choices, FilterQuery, PillarChoices
from shared.reference.partners import PARTNERS


class GapsQuery(FilterQuery):
    """The periods, partners and pillars of the needs to count, and the format."""

    period = Choices()
    partner = Choices(tuple(PARTNERS))
    pillar = PillarChoices()
    format = fields.String(load_default=None, validate=validate.OneOf(("json", "csv")))


class Gap(Schema):
    """Numbers of needs: needs = covered + partly + open. They are null where nothing was reported."""

    partner = fields.String()
    partner_label = fields.String()
    pillar = fields.String()
    pillar_label = fields.String()
    state = fields.String(
        required=True,
        validate=validate.OneOf(STATES),
        metadata={
            "description": "not_reported: there is no accepted submission, not even a nil return. unknown: you see no needs "
            "here, and may not know whether any were reported. partly_reported: a total over structures of which some have "
            "reported."
        },
    )
    needs = fields.Integer(required=True, allow_none=True)
    answered = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Needs with at least one response."}
    )
    supported = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Needs with at least one support record."}
    )
    covered = fields.Integer(required=True, allow_none=True)
    partly = fields.Integer(required=True, allow_none=True)
    open = fields.Integer(required=True, allow_none=True)


class GapTotal(Gap):
    """The sum over structures. It counts those that have reported."""

    structures = fields.Integer(required=True, metadata={"description": "The number of structures."})
    reported = fields.Integer(
        required=True,
        metadata={"description": "The number of structures that have reported, as far as you may know."},
    )


class GapTotals(Schema):
    """The sums of the matrix: by partner, by pillar and of all."""

    partners = fields.List(fields.Nested(GapTotal), required=True)
    pillars = fields.List(fields.Nested(GapTotal), required=True)
    all = fields.Nested(GapTotal, required=True)


class GapsResponse(Schema):
    """The gap matrix, with partners and pillars in their canonical order."""

    as_of = fields.String(
        required=True, allow_none=True, metadata={"description": "When the figures last changed"}
    )
    filters = fields.Dict(keys=fields.String(), values=fields.List(fields.String()), required=True)
    footnote = fields.String(metadata={"description": "Present where Kosovo* appears"})
    markings = fields.List(fields.String(), required=True)
    cells = fields.List(fields.Nested(Gap), required=True)
    totals = fields.Nested(GapTotals, required=True)
