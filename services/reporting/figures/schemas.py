"""Requests and responses of figures."""

from marshmallow import Schema, fields, validate

from services.reporting.figures.domain.cube import KEYS
from services.reporting.figures.domain.money import OUTSIDE, UNSTATED
from shared.http.choices import Choices, FilterQuery, PillarChoices
from shared.reference.partners import PARTNERS
from shared.reference.periods import KINDS


class AggregatesQuery(FilterQuery):
    """Filters on any key, the keys to group by, and the format."""

    pillar = PillarChoices()
    partner = Choices((*PARTNERS, "89", OUTSIDE, UNSTATED))
    kind = Choices(KINDS)
    theme = Choices()
    category = Choices()
    period = Choices()
    status = Choices()
    group_by = Choices(KEYS)
    format = fields.String(load_default=None, validate=validate.OneOf(("json", "csv")))


class Amount(Schema):
    """Money of one currency, as decimal texts."""

    currency = fields.String(required=True)
    estimated = fields.String(required=True, metadata={"description": "The estimated cost of needs"})
    committed = fields.String(required=True)
    spent = fields.String(required=True)


class Measures(Schema):
    """The number of distinct records, and their money by currency."""

    records = fields.Integer(required=True)
    amounts = fields.List(fields.Nested(Amount), required=True)


class FigureRow(Measures):
    """One group: its keys, and the labels of its pillar, partner and theme."""

    pillar = fields.String()
    pillar_label = fields.String()
    partner = fields.String()
    partner_label = fields.String()
    kind = fields.String()
    theme = fields.String()
    theme_label = fields.String()
    category = fields.String()
    period = fields.String()
    status = fields.String()


class AggregatesResponse(Schema):
    """Figures by group. `total` counts distinct records and may be less than the sum of the rows."""

    as_of = fields.String(
        required=True, allow_none=True, metadata={"description": "When the figures last changed"}
    )
    filters = fields.Dict(keys=fields.String(), values=fields.List(fields.String()), required=True)
    footnote = fields.String(metadata={"description": "Present where Kosovo* appears"})
    group_by = fields.List(fields.String(), required=True)
    markings = fields.List(fields.String(), required=True, metadata={"description": "The markings counted"})
    rows = fields.List(fields.Nested(FigureRow), required=True)
    total = fields.Nested(Measures, required=True)
