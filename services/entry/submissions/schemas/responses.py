"""Shapes of responses about submissions."""

from marshmallow import Schema, fields, validate

from shared.http.account_schemas import Reading
from shared.reference.wording import VERDICT_REASONS


class TimelineStep(Schema):
    """One step in the timeline of a submission."""

    version = fields.Integer(required=True)
    stage = fields.String(
        required=True,
        validate=validate.OneOf(("received", "checking", "accepted", "returned", "reported", "withdrawn")),
    )
    at = fields.String(required=True)
    reason = fields.String(
        metadata={"description": "The change that led to a verdict, or the reason for a withdrawal."}
    )
    text = fields.String(metadata={"description": "The step in plain words."})
    judged = fields.Integer(metadata={"description": "The number of judged chunks of a large submission."})
    chunks = fields.Integer(metadata={"description": "The number of all its chunks."})


class Verdict(Schema):
    """The outcome of judging a version."""

    number = fields.Integer(
        required=True, metadata={"description": "The number of the verdict on its version, from 1."}
    )
    outcome = fields.String(required=True, validate=validate.OneOf(("accepted", "returned")))
    reason = fields.String(required=True, validate=validate.OneOf(VERDICT_REASONS))
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


class UploadedFile(Schema):
    """The file of a version."""

    name = fields.String(required=True, allow_none=True)
    media_type = fields.String(required=True)
    size = fields.Integer(required=True, metadata={"description": "In bytes."})
    sha256 = fields.String(required=True)


class Refusal(Schema):
    """The reason why a file could not be read: the rule, the place, and what the rule expects."""

    rule = fields.String(required=True)
    message = fields.String(required=True)
    expected = fields.String(required=True)
    place = fields.String()
    erased = fields.Boolean(
        metadata={
            "description": "True if the file was deleted. Only its hash is stored, not its name either."
        }
    )
    language = fields.String(
        metadata={"description": "The language of texts that have no translation into the requested one."}
    )


_NO_READING = {"description": "Null for a file that is not read yet, or could not be read."}


class Queue(Schema):
    """The place among unjudged submissions."""

    position = fields.Integer(required=True)
    seconds = fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "The estimated wait; null if nothing was judged recently."},
    )


class SubmissionResponse(Schema):
    """A submission as its reporter sees it."""

    id = fields.String(required=True)
    version = fields.Integer(required=True)
    state = fields.String(required=True)
    reporter = fields.String()
    partner = fields.String(allow_none=True)
    pillar = fields.String()
    kind = fields.String()
    period = fields.String()
    tlp = fields.String(allow_none=True)
    records = fields.Integer()
    reference = fields.String(allow_none=True)
    is_trial = fields.Boolean(metadata={"description": "A trial is only judged, and counts nowhere."})
    late = fields.Boolean(metadata={"description": "Received after the deadline, and accepted for judging."})
    content_hash = fields.String(
        allow_none=True,
        metadata={
            "description": "The sha-256 of the submitted file, or of the canonical body of the submitted records."
        },
    )
    received_at = fields.String()
    receipt = fields.String(
        metadata={
            "description": "The path of the signed receipt. Once a file is read, it also states what was read."
        }
    )
    mode = fields.String()
    on_error = fields.String()
    file = fields.Nested(UploadedFile, allow_none=True)
    refusal = fields.Nested(Refusal, allow_none=True)
    reading = fields.Nested(Reading, allow_none=True, metadata=_NO_READING)
    left_out = fields.List(
        fields.String(),
        metadata={"description": "The records of the previous version that this version omits."},
    )
    queue = fields.Nested(Queue, allow_none=True)
    in_report_since = fields.String(allow_none=True)
    timeline = fields.List(fields.Nested(TimelineStep))
    verdict = fields.Nested(Verdict, allow_none=True)
    findings = fields.List(fields.Nested(Finding))


class SubmissionsResponse(Schema):
    """A page of submissions."""

    items = fields.List(fields.Nested(SubmissionResponse), required=True)
    next = fields.String(required=True, allow_none=True)


class Version(Schema):
    """One version of a submission."""

    version = fields.Integer(required=True)
    state = fields.String(required=True)
    received_at = fields.String(required=True)
    tlp = fields.String(required=True, allow_none=True)
    records = fields.Integer(required=True)
    content_hash = fields.String(required=True, allow_none=True)
    mode = fields.String(required=True)
    on_error = fields.String(required=True)
    late = fields.Boolean(required=True)
    reason = fields.String(required=True, allow_none=True)
    left_out = fields.List(fields.String(), required=True)
    file = fields.Nested(UploadedFile, required=True, allow_none=True)
    refusal = fields.Nested(Refusal, required=True, allow_none=True)
    reading = fields.Nested(Reading, required=True, allow_none=True, metadata=_NO_READING)
    in_report_since = fields.String(required=True, allow_none=True)


class VersionsResponse(Schema):
    """All versions of a submission, the oldest first."""

    items = fields.List(fields.Nested(Version), required=True)


class FieldChange(Schema):
    """A changed field."""

    pointer = fields.String(required=True)
    was = fields.Raw(required=True, allow_none=True)
    now = fields.Raw(required=True, allow_none=True)


class ChangedRecord(Schema):
    """A changed record."""

    ref = fields.String(required=True)
    fields_ = fields.List(fields.Nested(FieldChange), required=True, data_key="fields")


class DiffResponse(Schema):
    """The differences between two versions."""

    added = fields.List(fields.String(), required=True)
    withdrawn = fields.List(fields.String(), required=True)
    changed = fields.List(fields.Nested(ChangedRecord), required=True)
    counts = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={
            "description": "The number of all records of each kind; the lists have the first thousand."
        },
    )


class ReceiptResponse(Schema):
    """A signed receipt."""

    receipt = fields.String(
        required=True, metadata={"description": "A JWS; `iisgd entry verify-receipt` checks it."}
    )
