"""Request and response schemas of verdicts and their reports."""

from marshmallow import Schema, fields, validate

from services.validation.findings.domain.media_types import FORMATS
from services.validation.verdicts.schemas.queries import Query
from shared.http.account_schemas import Reading


class RulesetStamp(Schema):
    """The rules that judged."""

    name = fields.String(required=True)
    version = fields.String(required=True)
    hash = fields.String(required=True)


class Stamp(Schema):
    """The basis of a verdict: equal stamps and equal data give equal reports."""

    ruleset = fields.Nested(RulesetStamp, required=True)
    codelists = fields.String(required=True, allow_none=True)
    engine = fields.String(required=True)
    snapshot = fields.String(required=True, allow_none=True)


class Place(Schema):
    """A place of a finding. `fingerprint` changes with the value.

    Records received as a file have sheet, row and cell.

    An exempted place has a state: `justified` by the reporter, or `waived` by the Secretariat.
    """

    ref = fields.String(required=True, allow_none=True)
    pointer = fields.String(required=True)
    value = fields.Raw(required=True, allow_none=True)
    fingerprint = fields.String()
    message = fields.String(required=True)
    expected = fields.String(required=True)
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
    language = fields.String(
        metadata={"description": "The language of texts that have no translation into the requested one."}
    )
    state = fields.String(validate=validate.OneOf(("justified", "waived")))


class ReportFinding(Schema):
    """A finding of a rule in `count` places, of which `left_out` are not listed and `excused` are exempted."""

    rule = fields.String(required=True)
    version = fields.String(required=True)
    title = fields.String(required=True)
    severity = fields.String(required=True)
    outcome = fields.String(required=True)
    cause = fields.String()
    why = fields.String(required=True)
    reference = fields.String(required=True)
    count = fields.Integer(required=True)
    places = fields.List(fields.Nested(Place), required=True)
    left_out = fields.Integer(required=True)
    excused = fields.Integer()
    language = fields.String(
        metadata={"description": "The language of texts that have no translation into the requested one."}
    )


class Skipped(Schema):
    """The number of places where a rule was skipped, by reason."""

    missing = fields.Integer(required=True)
    condition = fields.Integer(required=True)
    broken = fields.Integer(required=True)
    nothing = fields.Integer(required=True)


class RuleOutcomes(Schema):
    """The number of places by outcome of a rule."""

    passed = fields.Integer(required=True)
    failed = fields.Integer(required=True)
    skipped = fields.Nested(Skipped, required=True)
    errored = fields.Integer(required=True)


class Counted(Schema):
    """An outcome with its stamp and figures: `counts` are places of findings by severity."""

    outcome = fields.String(required=True)
    stamp = fields.Nested(Stamp, required=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class FindingsReport(Counted):
    """The findings report, without findings for callers who may not see them."""

    records = fields.Integer(required=True, allow_none=True)
    outcomes = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    rules = fields.Dict(keys=fields.String(), values=fields.Nested(RuleOutcomes), required=True)
    findings = fields.List(fields.Nested(ReportFinding))
    reading = fields.Nested(
        Reading,
        allow_none=True,
        metadata={"description": "Null for records posted as JSON, all of which are read."},
    )


class _VerdictFacts(Schema):
    """The number, time and reason of a verdict."""

    submission = fields.String(required=True)
    version = fields.Integer(required=True)
    verdict = fields.Integer(required=True)
    reason = fields.String(required=True)
    reason_text = fields.String(required=True)
    judged_at = fields.String(required=True)


class VerdictResponse(_VerdictFacts, FindingsReport):
    """A verdict with its report."""

    tlp = fields.String(required=True, allow_none=True)


class VerdictListed(_VerdictFacts, Counted):
    """A verdict in the list of all verdicts on a submission."""


class VerdictHistory(Schema):
    """All verdicts on a submission, the current one first."""

    items = fields.List(fields.Nested(VerdictListed), required=True)


class VerdictQuery(Query):
    """The verdict: without a version the current one, without a verdict the last one on the version."""

    version = fields.Integer(load_default=None, validate=validate.Range(1, 2**31 - 1))
    verdict = fields.Integer(load_default=None, validate=validate.Range(1, 2**31 - 1))


class ReportQuery(VerdictQuery):
    """The verdict and the format of its report; without a format the header Accept decides."""

    format = fields.String(load_default=None, validate=validate.OneOf(tuple(FORMATS)))
