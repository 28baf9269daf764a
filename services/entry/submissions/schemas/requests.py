"""Shapes of requests about submissions."""

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate, validates_schema

from shared.http.openapi import ANY_RECORD
from shared.http.paging import PageQuery
from shared.reference import KINDS, PILLARS, TLP, canonical_pillar, is_period
from shared.reference.fields import MAX_REF
from shared.reference.refs import ref_key

MAX_RECORDS = 5_000

VERSIONS = validate.Range(1, 2**31 - 1)
"""The range of version numbers that can be stored."""


class _StrictSchema(Schema):
    """A shape without other fields."""

    class Meta:
        """Unknown fields are errors."""

        unknown = RAISE


class Supersedes(_StrictSchema):
    """The version that a correction replaces."""

    submission = fields.String(required=True, validate=validate.Length(1, 36))
    version = fields.Integer(required=True, strict=True, validate=VERSIONS)


class Record(fields.Field[dict[str, object]]):
    """A record: an object with a `ref`, the reporter's own name for it. It is stored unchanged; the rules judge the rest."""

    def _deserialize(
        self,
        value: object,
        attr: str | None,  # noqa: ARG002 - marshmallow's signature
        data: object,  # noqa: ARG002 - marshmallow's signature
        **_kwargs: object,
    ) -> dict[str, object]:
        if not isinstance(value, dict):
            raise ValidationError("A record is an object of fields.")
        if "ref" not in value:
            raise ValidationError({"ref": ["Missing data for required field."]})
        if not isinstance(value["ref"], str) or not 1 <= len(ref_key(value["ref"])) <= MAX_REF:
            raise ValidationError({"ref": [f"A ref is a text of 1 to {MAX_REF} characters."]})
        return value


class Records(fields.List[dict[str, object]]):
    """A list of records that is counted before any record is read."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(value, list) and not 1 <= len(value) <= MAX_RECORDS:
            raise ValidationError(f"A submission has 1 to {MAX_RECORDS} records; this one has {len(value)}.")
        return super()._deserialize(value, *args, **kwargs)


class Mapping(_StrictSchema):
    """The mapping of a submission. The reporter comes from the credential."""

    pillar = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    period = fields.String(required=True)
    tlp = fields.String(required=True, validate=validate.OneOf(TLP))
    reference = fields.String(
        load_default=None,
        validate=validate.Length(1, 100),
        metadata={"description": "The sender's own name for the submission, unique among its submissions."},
    )

    @post_load
    def check(self, data: dict[str, object], **kwargs: object) -> dict[str, object]:  # noqa: ARG002 - marshmallow's signature
        """Accept every spelling of a pillar, and only periods of the mapping."""
        pillar = canonical_pillar(str(data["pillar"]))
        if pillar is None:
            raise ValidationError(f"There is no such pillar; the pillars are {', '.join(PILLARS)}.", "pillar")
        if not is_period(str(data["kind"]), str(data["period"])):
            example = "2025-2026, two years beginning with an odd one" if data["kind"] == "need" else "2026"
            raise ValidationError(f"A {data['kind']} has a period such as {example}.", "period")
        return data | {"pillar": pillar}


class Submitting(Mapping):
    """The mapping and the options of a submission."""

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
            "description": "The result for a submission with unacceptable records: return everything, or accept the rest."
        },
    )
    dry_run = fields.Boolean(
        load_default=False,
        metadata={"description": "Submit a trial: it is judged like a submission, and counts nowhere."},
    )


class SubmissionBody(Submitting):
    """The records of a submission, with its mapping and options."""

    supersedes = fields.Nested(Supersedes, load_default=None)
    records = Records(Record(metadata=ANY_RECORD), required=True, validate=validate.Length(1, MAX_RECORDS))


class FileQuery(Submitting):
    """The mapping and options of a file; the file is the request body."""

    supersedes = fields.String(load_default=None, validate=validate.Length(1, 36))
    version = fields.Integer(load_default=None, validate=VERSIONS)
    new = fields.Boolean(
        load_default=False,
        metadata={
            "description": "Submit a workbook as new, although it was made from a version that it would correct."
        },
    )
    file_name = fields.String(load_default=None, validate=validate.Length(1, 200))

    @validates_schema
    def check_version(self, data: dict[str, Any], **_kwargs: object) -> None:
        """Require a correction to name the version that it replaces."""
        if data["new"] and data["supersedes"] is not None:
            raise ValidationError("A submission is either new or a correction.", "new")
        if (data["supersedes"] is None) != (data["version"] is None):
            missing = "version" if data["version"] is None else "supersedes"
            raise ValidationError(
                "A correction names the submission in 'supersedes' and its 'version'.", missing
            )


class Statement(_StrictSchema):
    """The signature of a nil return."""

    signed_by = fields.String(required=True, validate=validate.Length(3, 200))
    function = fields.String(required=True, validate=validate.Length(3, 200))
    text = fields.String(load_default="", validate=validate.Length(0, 2000))


class NilReturnBody(Mapping):
    """A nil return: a signed statement that there is nothing to report."""

    statement = fields.Nested(Statement, required=True)


class WithdrawalBody(_StrictSchema):
    """The version to withdraw, and the reason."""

    version = fields.Integer(required=True, strict=True, validate=VERSIONS)
    reason = fields.String(required=True, validate=validate.Length(3, 1000))


class RecordsWithdrawalBody(WithdrawalBody):
    """The records to withdraw, and the reason."""

    refs = fields.List(
        fields.String(validate=validate.Length(1, MAX_REF)),
        required=True,
        validate=validate.Length(1, MAX_RECORDS),
    )


class DiffQuery(_StrictSchema):
    """The two versions to compare."""

    former = fields.Integer(required=True, data_key="from", validate=VERSIONS)
    later = fields.Integer(required=True, data_key="to", validate=VERSIONS)


class ReceiptQuery(_StrictSchema):
    """The version of the receipt; by default the current one."""

    version = fields.Integer(load_default=None, validate=VERSIONS)


class SubmissionsQuery(PageQuery):
    """The submissions to list."""

    pillar = fields.String(load_default=None, validate=validate.OneOf(tuple(PILLARS)))
    kind = fields.String(load_default=None, validate=validate.OneOf(KINDS))
    period = fields.String(load_default=None, validate=validate.Length(4, 9))
    reference = fields.String(load_default=None, validate=validate.Length(1, 100))
    is_trial = fields.Boolean(load_default=False, data_key="trials")

    state = fields.String(
        load_default=None, validate=validate.OneOf(("received", "accepted", "returned", "withdrawn"))
    )
