"""Requests and responses of gaps."""

from marshmallow import Schema, fields

from shared.http.choices import Choices, FilterQuery, PillarChoices
from shared.reference.partners import PARTNERS


class GapsQuery(FilterQuery):
    """The periods, partners and pillars of the needs to count."""

    period = Choices()
    partner = Choices(tuple(PARTNERS))
    pillar = PillarChoices()


class Gap(Schema):
    """Numbers of needs: needs = covered + partly + open."""

    partner = fields.String()
    partner_label = fields.String()
    pillar = fields.String()
    pillar_label = fields.String()
    needs = fields.Integer(required=True)
    answered = fields.Integer(required=True)
    supported = fields.Integer(required=True)
    covered = fields.Integer(required=True)
    partly = fields.Integer(required=True)
    open = fields.Integer(required=True)


class GapTotals(Schema):
    """The sums of the matrix: by partner, by pillar and of all."""

    partners = fields.List(fields.Nested(Gap), required=True)
    pillars = fields.List(fields.Nested(Gap), required=True)
    all = fields.Nested(Gap, required=True)


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
