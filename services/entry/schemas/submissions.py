"""The shapes of submissions."""

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate

from services.entry.domain.timeline import REASONS
from shared.http import PageQuery
from shared.reference import KINDS, PILLARS, TLP, canonical_pillar, is_period

MOST_RECORDS = 5_000
LONGEST_REF = 100


class Supersedes(Schema):
    """The version that a correction replaces."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    submission = fields.String(required=True, validate=validate.Length(1, 36))
    version = fields.Integer(required=True, strict=True, validate=validate.Range(1))


class Record(fields.Field[dict[str, object]]):
    """A record: an object with a `ref`, the reporter's own name for it; kept as it came. The rules judge the rest."""

    def _deserialize(
        self,
        value: object,
        attr: str | None,  # noqa: ARG002 - marshmallow's signature
        data: object,  # noqa: ARG002 - the same
        **_kwargs: object,
    ) -> dict[str, object]:
        if not isinstance(value, dict):
            raise ValidationError("A record is an object of fields.")
        if "ref" not in value:
            raise ValidationError({"ref": ["Missing data for required field."]})
        if not isinstance(value["ref"], str) or not 1 <= len(value["ref"]) <= LONGEST_REF:
            raise ValidationError({"ref": [f"A ref is a text of 1 to {LONGEST_REF} characters."]})
        return value


class Records(fields.List[dict[str, object]]):
    """So many records at the most: counted before any of them is looked at."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(value, list) and not 1 <= len(value) <= MOST_RECORDS:
            raise ValidationError(f"A submission has 1 to {MOST_RECORDS} records; here are {len(value)}.")
        return super()._deserialize(value, *args, **kwargs)


class SubmissionBody(Schema):
    """What a reporter hands in. Who they are comes from the credential."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    pillar = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    period = fields.String(required=True)
    tlp = fields.String(required=True, validate=validate.OneOf(TLP))
    supersedes = fields.Nested(Supersedes, load_default=None)
    records = Records(
        Record(metadata={"type": "object"}), required=True, validate=validate.Length(1, MOST_RECORDS)
    )

    @post_load
    def check(self, data: dict[str, object], **kwargs: object) -> dict[str, object]:  # noqa: ARG002 - the same
        """Accept the spellings of a pillar, and only periods that the mapping has."""
        pillar = canonical_pillar(str(data["pillar"]))
        if pillar is None:
            raise ValidationError(f"There is no such pillar; the pillars are {', '.join(PILLARS)}.", "pillar")
        if not is_period(str(data["kind"]), str(data["period"])):
            example = "2025-2026, two years beginning with an odd one" if data["kind"] == "need" else "2026"
            raise ValidationError(f"A {data['kind']} has a period such as {example}.", "period")
        return data | {"pillar": pillar}


class WithdrawalBody(Schema):
    """Why a submission is taken back, and which version."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    version = fields.Integer(required=True, strict=True, validate=validate.Range(1))
    reason = fields.String(required=True, validate=validate.Length(3, 1000))


class SubmissionsQuery(PageQuery):
    """Which submissions to list."""

    state = fields.String(
        load_default=None, validate=validate.OneOf(("received", "accepted", "returned", "withdrawn"))
    )


class Stage(Schema):
    """One step of a submission's way."""

    version = fields.Integer(required=True)
    stage = fields.String(
        required=True,
        validate=validate.OneOf(("received", "checking", "accepted", "returned", "withdrawn")),
    )
    at = fields.String(required=True)
    reason = fields.String(metadata={"description": "What changed before a verdict; why it was taken back."})
    text = fields.String(metadata={"description": "The same in plain words, or how far the checking is."})
    judged = fields.Integer(metadata={"description": "Chunks of a large submission that are checked."})
    chunks = fields.Integer(metadata={"description": "All its chunks."})


class Verdict(Schema):
    """What the rules said."""

    number = fields.Integer(
        required=True, metadata={"description": "Counts the verdicts on one version, from 1."}
    )
    outcome = fields.String(required=True, validate=validate.OneOf(("accepted", "returned")))
    reason = fields.String(required=True, validate=validate.OneOf(REASONS))
    counts = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "Findings by severity."},
    )
    ruleset = fields.String(required=True)
    ruleset_hash = fields.String(required=True)
    judged_at = fields.String(required=True)


class Place(Schema):
    """Where a rule does not hold, and what would pass there. What came in a file has a sheet, a row and a cell too."""

    ref = fields.String(required=True, allow_none=True)
    pointer = fields.String(required=True)
    sheet = fields.String()
    row = fields.Integer()
    cell = fields.String()
    value = fields.Raw(required=True, allow_none=True)
    fingerprint = fields.String(metadata={"description": "Changes with any part of the value."})
    message = fields.String(required=True)
    expected = fields.String(required=True)
    state = fields.String(
        validate=validate.OneOf(("justified", "waived")), metadata={"description": "Why it may stand."}
    )


class Finding(Schema):
    """A rule that does not hold, with the first places."""

    rule = fields.String(required=True)
    version = fields.String(metadata={"description": "The rule's; former reports do not say it."})
    title = fields.String(required=True)
    severity = fields.String(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(("failed", "errored")))
    cause = fields.String(metadata={"description": "Why a rule could not be applied: it is our fault."})
    why = fields.String(required=True)
    reference = fields.String(required=True)
    count = fields.Integer(required=True, metadata={"description": "All places."})
    places = fields.List(fields.Nested(Place), required=True)
    left_out = fields.Integer(required=True, metadata={"description": "Places that are not listed here."})
    excused = fields.Integer(metadata={"description": "Places that may stand."})


class SubmissionAnswer(Schema):
    """A submission as its reporter sees it."""

    id = fields.String()
    version = fields.Integer()
    state = fields.String()
    reporter = fields.String()
    partner = fields.String(allow_none=True)
    pillar = fields.String()
    kind = fields.String()
    period = fields.String()
    tlp = fields.String(allow_none=True)
    records = fields.Integer()
    content_hash = fields.String(allow_none=True)
    received_at = fields.String()
    timeline = fields.List(fields.Nested(Stage))
    verdict = fields.Nested(Verdict, allow_none=True)
    findings = fields.List(fields.Nested(Finding))


class SubmissionsAnswer(Schema):
    """A page of submissions."""

    items = fields.List(fields.Nested(SubmissionAnswer))
    next = fields.String(allow_none=True)
