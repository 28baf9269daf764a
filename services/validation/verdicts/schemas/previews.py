"""A body that is to be checked, and what is said of it."""

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate, validates_schema

from services.validation.verdicts.schemas.queries import FORMATS, Query
from services.validation.verdicts.schemas.verdicts import Report
from shared.reference import KINDS, PILLARS, TLP, canonical_pillar, is_period


class CheckQuery(Query):
    """`outcomes=all` adds how each rule came out for each record, in JSON; else it comes in any form."""

    format = fields.String(load_default=None, validate=validate.OneOf(FORMATS))
    outcomes = fields.String(load_default=None, validate=validate.OneOf(("all",)))

    @validates_schema
    def check(self, data: dict[str, Any], **_facts: Any) -> None:
        """Refuse what would be left out."""
        if data["outcomes"] and data["format"] not in (None, "json"):
            raise ValidationError("Outcomes come as JSON only; leave the form out.", "format")


class Supersedes(Schema):
    """The version that a correction would replace."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    submission = fields.String(required=True, validate=validate.Length(1, 36))
    version = fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**31 - 1))


class CheckBody(Schema):
    """What would be handed in. Records may be anything: what they lack is said in findings."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    pillar = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    period = fields.String(required=True)
    tlp = fields.String(required=True, validate=validate.OneOf(TLP))
    supersedes = fields.Nested(Supersedes, load_default=None)
    records = fields.List(fields.Raw(allow_none=True), required=True)

    @post_load
    def check(self, data: dict[str, Any], **_facts: Any) -> dict[str, Any]:
        """Accept the spellings of a pillar, and only periods that the mapping has."""
        pillar = canonical_pillar(data["pillar"])
        if pillar is None:
            raise ValidationError(f"There is no such pillar; the pillars are {', '.join(PILLARS)}.", "pillar")
        if not is_period(data["kind"], data["period"]):
            example = "2025-2026, two years beginning with an odd one" if data["kind"] == "need" else "2026"
            raise ValidationError(f"A {data['kind']} has a period such as {example}.", "period")
        return data | {"pillar": pillar}


class SkippedWhere(Schema):
    """The records for which a rule was skipped, by why."""

    missing = fields.List(fields.Integer())
    condition = fields.List(fields.Integer())
    broken = fields.List(fields.Integer())
    nothing = fields.List(fields.Integer())


class OutcomesWhere(Schema):
    """The records for which a rule came out how: their indexes from 0, once for each place that was judged."""

    passed = fields.List(fields.Integer())
    failed = fields.List(fields.Integer())
    skipped = fields.Nested(SkippedWhere)
    errored = fields.List(fields.Integer())


class CheckAnswer(Report):
    """What the verdict would be now. Rules over all records together have no outcome for one of them."""

    by_record = fields.Dict(keys=fields.String(), values=fields.Nested(OutcomesWhere))
