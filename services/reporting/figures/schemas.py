"""What is asked of reporting and what it answers, as shapes."""

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from shared.reference.partners import PARTNERS
from shared.reference.periods import KINDS
from shared.reference.pillars import PILLARS, canonical_pillar

KEYS = ("pillar", "partner", "kind", "theme", "category", "period", "status")
LONGEST = 64
MOST = 100


class Choices(fields.Field[list[str]]):
    """One or more codes: repeated, or separated by commas."""

    _code = validate.Regexp(rf"^[A-Za-z0-9_.:-]{{1,{LONGEST}}}$", error="{input} is no code.")

    def __init__(self, known: Sequence[str] = (), **options: Any) -> None:
        self._known = known
        metadata = {"type": "string", "description": "One or more, separated by commas."}
        super().__init__(load_default=list, metadata=metadata, **options)

    def _deserialize(
        self,
        value: Any,
        attr: str | None,  # noqa: ARG002 - marshmallow's signature
        data: Mapping[str, Any] | None,  # noqa: ARG002 - the same
        **kwargs: Any,  # noqa: ARG002 - the same
    ) -> list[str]:
        parts = [
            part.strip()
            for text in (value if isinstance(value, list) else [value])
            for part in text.split(",")
        ]
        codes = list(dict.fromkeys(self._canonical(part) for part in parts if part))
        if len(codes) > MOST:
            raise ValidationError(f"At most {MOST} codes may be given.")
        return codes

    def _canonical(self, code: str) -> str:
        if self._known and code not in self._known:
            raise ValidationError(f"There is no {code!r} here; known are {', '.join(self._known)}.")
        self._code(code)
        return code


class PillarChoices(Choices):
    """Pillars by any spelling that is accepted on input."""

    def _canonical(self, code: str) -> str:
        pillar = canonical_pillar(code)
        if pillar is None:
            raise ValidationError(f"{code!r} is no pillar; known are {', '.join(PILLARS)}.")
        return pillar


class _Query(Schema):
    class Meta:
        """Unknown parameters are mistakes."""

        unknown = RAISE


class AggregatesQuery(_Query):
    """Filters on any key, what to group by, and the format."""

    pillar = PillarChoices()
    partner = Choices((*PARTNERS, "89", "unstated"))
    kind = Choices(KINDS)
    theme = Choices()
    category = Choices()
    period = Choices()
    status = Choices()
    group_by = Choices(KEYS)
    format = fields.String(load_default=None, validate=validate.OneOf(("json", "csv")))


class GapsQuery(_Query):
    """Which needs: of which periods, partners and pillars."""

    period = Choices()
    partner = Choices(tuple(PARTNERS))
    pillar = PillarChoices()


class CompletenessQuery(_Query):
    """Which obligations."""

    period = Choices()
    kind = Choices(KINDS)
    partner = Choices(tuple(PARTNERS))
    pillar = PillarChoices()
    structure = Choices()


class Amount(Schema):
    """Money of one currency, as decimal texts."""

    currency = fields.String(required=True)
    estimated = fields.String(required=True, metadata={"description": "What needs are estimated to cost"})
    committed = fields.String(required=True)
    spent = fields.String(required=True)


class Measures(Schema):
    """Distinct records, and their money by currency."""

    records = fields.Integer(required=True)
    amounts = fields.List(fields.Nested(Amount), required=True)


class Row(Measures):
    """One group: the keys that were grouped by, and labels of those whose codes need one."""

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


class _Answer(Schema):
    as_of = fields.String(required=True, allow_none=True, metadata={"description": "When the last fold was"})
    filters = fields.Dict(keys=fields.String(), values=fields.List(fields.String()), required=True)
    footnote = fields.String(metadata={"description": "Where Kosovo* appears"})


class Aggregates(_Answer):
    """Figures by group; `total` counts distinct records and may be less than the sum of the rows."""

    group_by = fields.List(fields.String(), required=True)
    markings = fields.List(fields.String(), required=True, metadata={"description": "The markings counted"})
    rows = fields.List(fields.Nested(Row), required=True)
    total = fields.Nested(Measures, required=True)


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
    """The matrix summed."""

    partners = fields.List(fields.Nested(Gap), required=True)
    pillars = fields.List(fields.Nested(Gap), required=True)
    all = fields.Nested(Gap, required=True)


class Gaps(_Answer):
    """The gap matrix, partners and pillars in their canonical order."""

    markings = fields.List(fields.String(), required=True)
    cells = fields.List(fields.Nested(Gap), required=True)
    totals = fields.Nested(GapTotals, required=True)


class Tally(Schema):
    """Numbers of obligations by state."""

    partner = fields.String()
    partner_label = fields.String()
    obligations = fields.Integer(required=True)
    missing = fields.Integer(required=True)
    received = fields.Integer(required=True)
    accepted = fields.Integer(required=True)
    returned = fields.Integer(required=True)
    percent_met = fields.String(required=True)
    percent_accepted = fields.String(required=True)


class ObligationShown(Schema):
    """One obligation and how it stands."""

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
    state = fields.String(required=True)
    submissions = fields.Integer(required=True)
    records = fields.Integer(required=True)
    nothing_to_report = fields.Boolean(required=True)


class DeadlineShown(Schema):
    """When a mapping is due, and the meeting that this follows from."""

    deadline = fields.String(required=True)
    kind = fields.String(required=True)
    period = fields.String(required=True)
    due_on = fields.String(required=True)
    meeting = fields.String(required=True)
    title = fields.String(required=True, allow_none=True)
    held_on = fields.String(required=True, allow_none=True)


class Completeness(_Answer):
    """What is owed and how it stands."""

    deadlines = fields.List(fields.Nested(DeadlineShown), required=True)
    obligations = fields.List(fields.Nested(ObligationShown), required=True)
    partners = fields.List(fields.Nested(Tally), required=True)
    total = fields.Nested(Tally, required=True)
