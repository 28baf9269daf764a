"""The shapes of carrying needs over."""

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate

from services.entry.carry_over.domain import DISPOSITIONS, period_after
from services.entry.submissions.schemas.requests import LONGEST_REF, MOST_RECORDS
from services.entry.submissions.schemas.responses import SubmissionAnswer
from shared.reference import PILLARS, TLP, canonical_pillar, is_period


class Former(Schema):
    """Whose needs: of a pillar and a period; the reporter comes from the credential."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    pillar = fields.String(required=True)
    former_period = fields.String(required=True, data_key="from")

    @post_load
    def check(self, data: dict[str, Any], **kwargs: object) -> dict[str, Any]:  # noqa: ARG002 - marshmallow's signature
        """Accept the spellings of a pillar, and only periods that needs have."""
        pillar = canonical_pillar(data["pillar"])
        if pillar is None:
            raise ValidationError(f"There is no such pillar; the pillars are {', '.join(PILLARS)}.", "pillar")
        if not is_period("need", data["former_period"]):
            raise ValidationError("Needs have a period such as 2023-2024.", "from")
        return data | {"pillar": pillar}


class Disposition(Schema):
    """What is to become of one need; unless it is kept, why."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    ref = fields.String(required=True, validate=validate.Length(1, LONGEST_REF))
    disposition = fields.String(required=True, validate=validate.OneOf(DISPOSITIONS))
    into = fields.String(
        load_default=None,
        validate=validate.Length(1, LONGEST_REF),
        metadata={"description": "The ref of the need that it is merged into."},
    )
    why = fields.String(load_default=None, validate=validate.Length(3, 1000))


class CarryOverBody(Former):
    """What is to become of each need that waits."""

    period = fields.String(required=True, data_key="to")
    tlp = fields.String(required=True, validate=validate.OneOf(TLP))
    dispositions = fields.List(
        fields.Nested(Disposition), required=True, validate=validate.Length(0, MOST_RECORDS)
    )

    @post_load
    def check(self, data: dict[str, Any], **kwargs: object) -> dict[str, Any]:
        """Needs are carried over into the period that follows, and no other."""
        data = super().check(data, **kwargs)
        following = period_after(data["former_period"])
        if data["period"] != following:
            raise ValidationError(
                f"Needs of {data['former_period']} are carried over into {following}.", "to"
            )
        return data


class NeedShown(Schema):
    """A need that was accepted, with what became of it; nothing has yet, where its disposition is null."""

    ref = fields.String(required=True)
    title = fields.Raw(required=True, allow_none=True)
    was = fields.Raw(required=True, allow_none=True, metadata={"description": "What its own record says."})
    disposition = fields.String(required=True, allow_none=True, validate=validate.OneOf(DISPOSITIONS))
    into = fields.String(required=True, allow_none=True)
    why = fields.String(required=True, allow_none=True)
    submission = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True, allow_none=True)
    decided_by = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Null where a record says it: the need's own, or one of the next period."},
    )
    decided_at = fields.String(required=True, allow_none=True)


class FormerAnswer(Schema):
    """All needs of the period, and how many wait for a disposition."""

    pillar = fields.String(required=True)
    former_period = fields.String(required=True, data_key="from")
    period = fields.String(required=True, data_key="to")
    waiting = fields.Integer(required=True)
    items = fields.List(fields.Nested(NeedShown), required=True)


class CarryOverAnswer(Schema):
    """What was done: the submission has each need as a record."""

    kept = fields.Integer(required=True)
    merged = fields.Integer(required=True)
    covered = fields.Integer(required=True)
    withdrawn = fields.Integer(required=True)
    submission = fields.Nested(SubmissionAnswer, required=True)
