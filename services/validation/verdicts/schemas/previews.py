"""Request and response schemas of previews."""

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate, validates_schema

from services.validation.findings.domain.media_types import FORMATS
from services.validation.verdicts.schemas.queries import Query
from services.validation.verdicts.schemas.verdicts import FindingsReport
from shared.http.openapi import ANY_RECORD
from shared.reference import KINDS, PILLARS, TLP, canonical_pillar, is_period


class PreviewQuery(Query):
    """The parameters of a preview. `outcomes=all` adds the outcome of each rule for each record, in JSON only."""

    format = fields.String(load_default=None, validate=validate.OneOf(tuple(FORMATS)))
    outcomes = fields.String(load_default=None, validate=validate.OneOf(("all",)))

    @validates_schema
    def check(self, data: dict[str, Any], **_facts: Any) -> None:
        """Refuse outcomes in a format that cannot hold them."""
        if data["outcomes"] and data["format"] not in (None, "json"):
            raise ValidationError("Outcomes are available as JSON only; omit the format.", "format")


class Supersedes(Schema):
    """The version that a correction would replace."""

    class Meta:
        """Refuse unknown fields."""

        unknown = RAISE

    submission = fields.String(required=True, validate=validate.Length(1, 36))
    version = fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**31 - 1))


class PreviewBody(Schema):
    """The content of a preview. Records may be any JSON values; their faults become findings."""

    class Meta:
        """Refuse unknown fields."""

        unknown = RAISE

    pillar = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    period = fields.String(required=True)
    tlp = fields.String(required=True, validate=validate.OneOf(TLP))
    supersedes = fields.Nested(Supersedes, load_default=None)
    records = fields.List(fields.Raw(allow_none=True, metadata=ANY_RECORD), required=True)

    @post_load
    def check(self, data: dict[str, Any], **_facts: Any) -> dict[str, Any]:
        """Normalise the pillar, and refuse periods that the mapping does not have."""
        pillar = canonical_pillar(data["pillar"])
        if pillar is None:
            raise ValidationError(f"Unknown pillar; the pillars are {', '.join(PILLARS)}.", "pillar")
        if not is_period(data["kind"], data["period"]):
            example = "2025-2026, two years of which the first is odd" if data["kind"] == "need" else "2026"
            raise ValidationError(f"A {data['kind']} has a period such as {example}.", "period")
        return data | {"pillar": pillar}


class SkippedWhere(Schema):
    """The indexes of the records for which a rule was skipped, by reason."""

    missing = fields.List(fields.Integer())
    condition = fields.List(fields.Integer())
    broken = fields.List(fields.Integer())
    nothing = fields.List(fields.Integer())


class OutcomesWhere(Schema):
    """The indexes of records from 0 by outcome of a rule, once for each judged place."""

    passed = fields.List(fields.Integer())
    failed = fields.List(fields.Integer())
    skipped = fields.Nested(SkippedWhere)
    errored = fields.List(fields.Integer())


class PreviewResponse(FindingsReport):
    """The report of a preview. Rules over all records together have no outcome for single records."""

    by_record = fields.Dict(keys=fields.String(), values=fields.Nested(OutcomesWhere))
