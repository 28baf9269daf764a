"""Shapes of responses about submissions."""

from marshmallow import Schema, fields, validate

from services.entry.submissions.schemas.counting import LeftOutRecord, SupersedingSubmission, Workbook
from services.entry.submissions.schemas.verdicts import Finding, Verdict
from shared.http.account_schemas import Reading


class TimelineStep(Schema):
    """One step in the timeline of a submission."""

    version = fields.Integer(required=True)
    stage = fields.String(
        required=True,
        validate=validate.OneOf(
            ("received", "checking", "accepted", "returned", "reported", "superseded", "withdrawn")
        ),
    )
    at = fields.String(required=True)
    reason = fields.String(
        metadata={"description": "The change that led to a verdict, or the reason for a withdrawal."}
    )
    text = fields.String(metadata={"description": "The step in plain words."})
    judged = fields.Integer(metadata={"description": "The number of judged chunks of a large submission."})
    chunks = fields.Integer(metadata={"description": "The number of all its chunks."})


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
    left_out_reasons = fields.List(
        fields.Nested(LeftOutRecord),
        metadata={
            "description": "The findings for which records were left out because `on_error` is accept, of the first "
            "1,000 records."
        },
    )
    workbook = fields.Nested(Workbook, allow_none=True)
    queue = fields.Nested(Queue, allow_none=True)
    in_report_since = fields.String(
        allow_none=True, metadata={"description": "Null unless records of this version count."}
    )
    superseded_by = fields.List(
        fields.Nested(SupersedingSubmission),
        metadata={
            "description": "Submissions with later versions of some of the records, which count instead."
        },
    )
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
    workbook = fields.Nested(Workbook, required=True, allow_none=True)
    in_report_since = fields.String(required=True, allow_none=True)
    superseded_by = fields.List(fields.Nested(SupersedingSubmission), required=True)


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
