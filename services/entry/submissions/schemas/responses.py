"""The shapes of what entry says of submissions."""

from marshmallow import Schema, fields, validate

from services.entry.submissions.domain.timeline import REASONS


class Stage(Schema):
    """One step of a submission's way."""

    version = fields.Integer(required=True)
    stage = fields.String(
        required=True,
        validate=validate.OneOf(("received", "checking", "accepted", "returned", "reported", "withdrawn")),
    )
    at = fields.String(required=True)
    reason = fields.String(metadata={"description": "What changed before a verdict; why it was taken back."})
    text = fields.String(
        metadata={"description": "The same in plain words, how far the checking is, or since when it counts."}
    )
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


class HandedFile(Schema):
    """The file that it came as."""

    name = fields.String(required=True, allow_none=True)
    media_type = fields.String(required=True)
    size = fields.Integer(required=True, metadata={"description": "In bytes."})
    sha256 = fields.String(required=True)


class Refusal(Schema):
    """Why a file could not be read: what, where and what would pass."""

    rule = fields.String(required=True)
    message = fields.String(required=True)
    expected = fields.String(required=True)
    place = fields.String()


class Queue(Schema):
    """The place among what is not judged yet."""

    position = fields.Integer(required=True)
    seconds = fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "How long it may take; null where nothing was judged lately."},
    )


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
    reference = fields.String(allow_none=True)
    is_trial = fields.Boolean(metadata={"description": "It is judged only, and counts nowhere."})
    late = fields.Boolean(metadata={"description": "It came after the deadline, and was taken."})
    content_hash = fields.String(
        allow_none=True,
        metadata={
            "description": "The sha-256 of the file that came, else of the canonical form of what was named."
        },
    )
    received_at = fields.String()
    receipt = fields.String(metadata={"description": "Where the signed receipt is; it is always the same."})
    mode = fields.String()
    on_error = fields.String()
    file = fields.Nested(HandedFile, allow_none=True)
    refusal = fields.Nested(Refusal, allow_none=True)
    left_out = fields.List(
        fields.String(), metadata={"description": "Records that the version does without."}
    )
    queue = fields.Nested(Queue, allow_none=True)
    in_report_since = fields.String(allow_none=True)
    timeline = fields.List(fields.Nested(Stage))
    verdict = fields.Nested(Verdict, allow_none=True)
    findings = fields.List(fields.Nested(Finding))


class SubmissionsAnswer(Schema):
    """A page of submissions."""

    items = fields.List(fields.Nested(SubmissionAnswer))
    next = fields.String(allow_none=True)


class Version(Schema):
    """One version."""

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
    file = fields.Nested(HandedFile, required=True, allow_none=True)
    refusal = fields.Nested(Refusal, required=True, allow_none=True)
    in_report_since = fields.String(required=True, allow_none=True)


class VersionsAnswer(Schema):
    """All versions, the first first."""

    items = fields.List(fields.Nested(Version), required=True)


class Difference(Schema):
    """A field that is not as it was."""

    pointer = fields.String(required=True)
    was = fields.Raw(required=True, allow_none=True)
    now = fields.Raw(required=True, allow_none=True)


class ChangedRecord(Schema):
    """A record that is not as it was."""

    ref = fields.String(required=True)
    fields_ = fields.List(fields.Nested(Difference), required=True, data_key="fields")


class DiffAnswer(Schema):
    """How two versions differ."""

    added = fields.List(fields.String(), required=True)
    withdrawn = fields.List(fields.String(), required=True)
    changed = fields.List(fields.Nested(ChangedRecord), required=True)
    counts = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "All of them; the lists have the first thousand."},
    )


class ReceiptAnswer(Schema):
    """What was handed in, signed."""

    receipt = fields.String(
        required=True, metadata={"description": "A JWS; `iisgd entry verify-receipt` checks it."}
    )
