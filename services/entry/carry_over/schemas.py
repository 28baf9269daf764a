"""Shapes of carrying needs over."""

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate

from services.entry.carry_over.domain import DISPOSITIONS, period_after
from shared.reference import PILLARS, TLP, canonical_pillar, is_period
from shared.reference.fields import MAX_REF

MAX_DISPOSITIONS = 5_000
"""The maximum number of needs that one request carries over."""

SUBMISSION = "services.entry.submissions.schemas.responses.SubmissionResponse"
"""The shape of a submission. Marshmallow finds it by name, since it belongs to another part."""


class PreviousNeedsQuery(Schema):
    """The pillar and period of the needs; the reporter comes from the credential."""

    class Meta:
        """Unknown fields are errors."""

        unknown = RAISE

    pillar = fields.String(required=True)
    former_period = fields.String(required=True, data_key="from")

    @post_load
    def check(self, data: dict[str, Any], **kwargs: object) -> dict[str, Any]:  # noqa: ARG002 - marshmallow's signature
        """Accept every spelling of a pillar, and only periods of needs."""
        pillar = canonical_pillar(data["pillar"])
        if pillar is None:
            raise ValidationError(f"There is no such pillar; the pillars are {', '.join(PILLARS)}.", "pillar")
        if not is_period("need", data["former_period"]):
            raise ValidationError("Needs have a period such as 2023-2024.", "from")
        return data | {"pillar": pillar}


class Disposition(Schema):
    """The disposition of one need, with the reason unless it is kept."""

    class Meta:
        """Unknown fields are errors."""

        unknown = RAISE

    ref = fields.String(required=True, validate=validate.Length(1, MAX_REF))
    disposition = fields.String(required=True, validate=validate.OneOf(DISPOSITIONS))
    into = fields.String(
        load_default=None,
        validate=validate.Length(1, MAX_REF),
        metadata={"description": "The ref of the need that this one is merged into."},
    )
    why = fields.String(load_default=None, validate=validate.Length(3, 1000))


class CarryOverBody(PreviousNeedsQuery):
    """The disposition of each waiting need."""

    period = fields.String(required=True, data_key="to")
    tlp = fields.String(required=True, validate=validate.OneOf(TLP))
    dispositions = fields.List(
        fields.Nested(Disposition), required=True, validate=validate.Length(0, MAX_DISPOSITIONS)
    )

    @post_load
    def check(self, data: dict[str, Any], **kwargs: object) -> dict[str, Any]:
        """Require the period that follows."""
        data = super().check(data, **kwargs)
        following = period_after(data["former_period"])
        if data["period"] != following:
            raise ValidationError(
                f"Needs of {data['former_period']} are carried over into {following}.", "to"
            )
        return data


class PreviousNeed(Schema):
    """An accepted need with its disposition; null while it waits for one."""

    ref = fields.String(required=True)
    title = fields.Raw(required=True, allow_none=True)
    was = fields.Raw(
        required=True, allow_none=True, metadata={"description": "The disposition in its own record."}
    )
    disposition = fields.String(required=True, allow_none=True, validate=validate.OneOf(DISPOSITIONS))
    into = fields.String(required=True, allow_none=True)
    why = fields.String(required=True, allow_none=True)
    submission = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True, allow_none=True)
    decided_by = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "Null if a record states the disposition: the need's own, or one of the next period."
        },
    )
    decided_at = fields.String(required=True, allow_none=True)


class PreviousNeedsResponse(Schema):
    """All needs of the period, and the number that wait for a disposition."""

    pillar = fields.String(required=True)
    former_period = fields.String(required=True, data_key="from")
    period = fields.String(required=True, data_key="to")
    waiting = fields.Integer(required=True)
    items = fields.List(fields.Nested(PreviousNeed), required=True)


class CarryOverResponse(Schema):
    """The number of needs with each disposition, and the submission that has each need as a record."""

    kept = fields.Integer(required=True)
    merged = fields.Integer(required=True)
    covered = fields.Integer(required=True)
    withdrawn = fields.Integer(required=True)
    submission = fields.Nested(SUBMISSION, required=True)
