"""Shapes of verdicts and their findings."""

from marshmallow import Schema, fields, validate

from shared.reference.wording import VERDICT_REASONS


class Verdict(Schema):
    """The outcome of judging a version."""

    number = fields.Integer(
        required=True, metadata={"description": "The number of the verdict on its version, from 1."}
    )
    outcome = fields.String(required=True, validate=validate.OneOf(("accepted", "returned")))
    reason = fields.String(
        required=True,
        validate=validate.OneOf(tuple(VERDICT_REASONS)),
        metadata={
            "description": "first: the first verdict on the submission. Else the change that required it."
        },
    )
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
    """A place that breaks a rule, and the expected value. In a file it has a sheet, a row and a cell too."""

    ref = fields.String(required=True, allow_none=True)
    pointer = fields.String(required=True)
    sheet = fields.String()
    row = fields.Integer()
    cell = fields.String()
    heading = fields.String(
        metadata={"description": "The heading of the column, as it is written in the table."}
    )
    element = fields.String(metadata={"description": "The part of an activity, such as: transaction 2."})
    reason = fields.String(metadata={"description": "The reason why a part of the file was not read."})
    values = fields.Dict(
        keys=fields.String(), metadata={"description": "The facts that the message about such a part names."}
    )
    value = fields.Raw(required=True, allow_none=True)
    fingerprint = fields.String(metadata={"description": "Changes with any part of the value."})
    message = fields.String(required=True)
    expected = fields.String(required=True)
    state = fields.String(
        validate=validate.OneOf(("justified", "waived")),
        metadata={"description": "The reason why the finding does not count."},
    )
    language = fields.String(
        metadata={"description": "The language of texts that have no translation into the requested one."}
    )


class Finding(Schema):
    """A broken rule, with its first places."""

    rule = fields.String(required=True)
    version = fields.String(metadata={"description": "The version of the rule; absent in old reports."})
    title = fields.String(required=True)
    severity = fields.String(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(("failed", "errored")))
    cause = fields.String(
        metadata={
            "description": "The error that kept the rule from being applied; it is ours, not the sender's."
        }
    )
    why = fields.String(required=True)
    reference = fields.String(required=True)
    count = fields.Integer(required=True, metadata={"description": "The number of all places."})
    places = fields.List(fields.Nested(Place), required=True)
    left_out = fields.Integer(
        required=True, metadata={"description": "The number of places that are not listed."}
    )
    excused = fields.Integer(metadata={"description": "The number of places that do not count."})
    language = fields.String(
        metadata={"description": "The language of texts that have no translation into the requested one."}
    )
