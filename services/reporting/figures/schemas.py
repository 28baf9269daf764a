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


_CENTS = {"pattern": r"^-?\d+\.\d\d$"}


class Amount(Schema):
    """Money of one currency, as decimal texts with two places, such as "1250.00": numbers of JSON may lose cents."""

    currency = fields.String(
        required=True, metadata={"description": "ISO 4217; XXX where a record does not state it."}
    )
    estimated = fields.String(
        required=True, metadata=_CENTS | {"description": "The estimated cost of needs."}
    )
    committed = fields.String(
        required=True,
        metadata=_CENTS | {"description": "The own budget of responses, and the commitments to support."},
    )
    spent = fields.String(
        required=True,
        metadata=_CENTS | {"description": "The disbursements and expenditure of support."},
    )


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


class Block(Schema):
    """The figures of one kind. `total` counts distinct records and may be less than the sum of the rows."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    rows = fields.List(fields.Nested(FigureRow), required=True)
    total = fields.Nested(Measures, required=True)


class AggregatesResponse(Schema):
    """Figures by group, in a block per kind; docs/figures.md says what they mean and what adds up."""

    as_of = fields.String(
        required=True, allow_none=True, metadata={"description": "When the figures last changed"}
    )
    filters = fields.Dict(keys=fields.String(), values=fields.List(fields.String()), required=True)
    footnote = fields.String(metadata={"description": "Present where Kosovo* appears"})
    group_by = fields.List(fields.String(), required=True)
    markings = fields.List(fields.String(), required=True, metadata={"description": "The markings counted"})
    blocks = fields.List(
        fields.Nested(Block), required=True, metadata={"description": "A block per kind that is counted."}
    )
    rows = fields.List(
        fields.Nested(FigureRow),
        required=True,
        metadata={"description": "The rows of all blocks, each with its kind."},
    )
    total = fields.Nested(
        Measures,
        metadata={"description": "The total of the only block; absent if several kinds are counted."},
    )
