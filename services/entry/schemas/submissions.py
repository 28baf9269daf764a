"""The shapes of submissions."""

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate, validates_schema

from shared.http.paging import PageQuery
from shared.reference import KINDS, PILLARS, TLP, canonical_pillar, is_period

MOST_RECORDS = 5_000
LONGEST_REF = 100


VERSIONS = validate.Range(1, 2**31 - 1)
"""No version has a larger number: none can be stored, nor told in an answer."""

OF_A_RECORD = {
    "type": "object",
    "required": ["ref"],
    "properties": {"ref": {"type": "string", "minLength": 1, "maxLength": LONGEST_REF}},
}
"""What is said of a record before the rules are asked, as JSON Schema."""


class Supersedes(Schema):
    """The version that a correction replaces."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    submission = fields.String(required=True, validate=validate.Length(1, 36))
    version = fields.Integer(required=True, strict=True, validate=VERSIONS)


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


class Mapping(Schema):
    """For which mapping something is handed in. Who hands it in comes from the credential."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    pillar = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    period = fields.String(required=True)
    tlp = fields.String(required=True, validate=validate.OneOf(TLP))
    reference = fields.String(
        load_default=None,
        validate=validate.Length(1, 100),
        metadata={"description": "The sender's own name for the submission: no two may have one."},
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


class HandedIn(Mapping):
    """How it is handed in."""

    mode = fields.String(
        load_default="upsert",
        validate=validate.OneOf(("upsert", "replace")),
        metadata={
            "description": "upsert: records that are not named stay as they are. "
            "replace: the reporter's records of this pillar, kind and period that are not named are withdrawn "
            "once this is accepted."
        },
    )
    on_error = fields.String(
        load_default="return",
        validate=validate.OneOf(("return", "accept")),
        metadata={
            "description": "Of a submission with records that cannot be accepted, return all, or accept the rest."
        },
    )
    dry_run = fields.Boolean(
        load_default=False,
        metadata={
            "description": "Do all that would be done, say what the verdict would be, and count nothing."
        },
    )


class SubmissionBody(HandedIn):
    """What a reporter hands in."""

    supersedes = fields.Nested(Supersedes, load_default=None)
    records = Records(Record(metadata=OF_A_RECORD), required=True, validate=validate.Length(1, MOST_RECORDS))


class FileQuery(HandedIn):
    """What a reporter says of a file; the file is the body."""

    supersedes = fields.String(load_default=None, validate=validate.Length(1, 36))
    version = fields.Integer(load_default=None, validate=VERSIONS)
    file_name = fields.String(load_default=None, validate=validate.Length(1, 200))

    @validates_schema
    def check_version(self, data: dict[str, Any], **_kwargs: object) -> None:
        """A correction says which version it replaces."""
        if (data["supersedes"] is None) != (data["version"] is None):
            missing = "version" if data["version"] is None else "supersedes"
            raise ValidationError(
                "A correction names the submission in 'supersedes' and its 'version'.", missing
            )


class Statement(Schema):
    """Who signs."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    signed_by = fields.String(required=True, validate=validate.Length(3, 200))
    function = fields.String(required=True, validate=validate.Length(3, 200))
    text = fields.String(load_default="", validate=validate.Length(0, 2000))


class NothingToReportBody(Mapping):
    """That there is nothing to report, signed."""

    statement = fields.Nested(Statement, required=True)


class WithdrawalBody(Schema):
    """Why a submission is taken back, and which version."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    version = fields.Integer(required=True, strict=True, validate=VERSIONS)
    reason = fields.String(required=True, validate=validate.Length(3, 1000))


class RecordsWithdrawalBody(WithdrawalBody):
    """Which records are taken back, and why."""

    refs = fields.List(
        fields.String(validate=validate.Length(1, LONGEST_REF)),
        required=True,
        validate=validate.Length(1, MOST_RECORDS),
    )


class DiffQuery(Schema):
    """Which two versions to compare."""

    class Meta:
        """Unknown parameters are mistakes."""

        unknown = RAISE

    former = fields.Integer(required=True, data_key="from", validate=VERSIONS)
    later = fields.Integer(required=True, data_key="to", validate=VERSIONS)


class ReceiptQuery(Schema):
    """Of which version; of the present one where nothing is said."""

    class Meta:
        """Unknown parameters are mistakes."""

        unknown = RAISE

    version = fields.Integer(load_default=None, validate=VERSIONS)


class SubmissionsQuery(PageQuery):
    """Which submissions to list."""

    pillar = fields.String(load_default=None, validate=validate.OneOf(tuple(PILLARS)))
    kind = fields.String(load_default=None, validate=validate.OneOf(KINDS))
    period = fields.String(load_default=None, validate=validate.Length(4, 9))
    reference = fields.String(load_default=None, validate=validate.Length(1, 100))
    is_trial = fields.Boolean(load_default=False, data_key="trials")

    state = fields.String(
        load_default=None, validate=validate.OneOf(("received", "accepted", "returned", "withdrawn"))
    )
