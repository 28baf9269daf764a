"""Shapes of responses about which records of a version count, and why others do not."""

from marshmallow import Schema, fields, validate

from services.entry.submissions.domain.counting import WORKBOOK_USES


class SupersedingSubmission(Schema):
    """A submission with later versions of records, which count instead."""

    submission = fields.String(required=True)
    records = fields.Integer(required=True, metadata={"description": "The number of these records."})


class Reason(Schema):
    """A reason for which a record was left out: a place that breaks a rule, and the expected value."""

    rule = fields.String(required=True)
    title = fields.String(required=True)
    severity = fields.String(required=True)
    pointer = fields.String(required=True)
    sheet = fields.String()
    row = fields.Integer()
    cell = fields.String()
    value = fields.Raw(required=True, allow_none=True)
    message = fields.String(required=True)
    expected = fields.String(required=True)


class LeftOutRecord(Schema):
    """A record that was left out, and the reasons."""

    ref = fields.String(required=True, allow_none=True)
    reasons = fields.List(fields.Nested(Reason), required=True)


class Workbook(Schema):
    """The version that a workbook was made from, as the workbook states it, and the use that was made of it."""

    submission = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True, allow_none=True)
    use = fields.String(
        required=True,
        validate=validate.OneOf(WORKBOOK_USES),
        metadata={
            "description": "correction: it corrects that version. plain: it is read like any file, for the stated reason."
        },
    )
    message = fields.String(required=True)
