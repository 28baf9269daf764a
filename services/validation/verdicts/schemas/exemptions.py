"""Request and response schemas of findings and their exemptions."""

from marshmallow import RAISE, Schema, fields, validate

from shared.http.paging import PageQuery

STATES = ("open", "fixed", "justified", "waived")
MAX_REASON = 2_000


class FindingsQuery(PageQuery):
    """The parameters of a list of findings; by default of any state."""

    state = fields.String(load_default=None, validate=validate.OneOf(STATES))


class FindingResponse(Schema):
    """A finding at one place. It is fixed when a later version passes; `note` is the reason for an exemption.

    `place` is a JSON pointer from the record to the value.
    """

    finding = fields.String(required=True)
    submission = fields.String(required=True)
    reporter = fields.String(required=True)
    rule = fields.String(required=True)
    severity = fields.String(required=True)
    ref = fields.String(required=True, allow_none=True)
    place = fields.String(required=True)
    value = fields.Raw(required=True, allow_none=True)
    message = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    first_version = fields.Integer(required=True)
    last_version = fields.Integer(required=True)
    note = fields.String(required=True, allow_none=True)
    decided_by = fields.String(required=True, allow_none=True)
    expires_on = fields.String(required=True, allow_none=True)


class FindingsResponse(Schema):
    """A page of findings; send `next` as `after` to get the next page."""

    items = fields.List(fields.Nested(FindingResponse), required=True)
    next = fields.String(required=True, allow_none=True)


class JustificationBody(Schema):
    """The reason why the value of a finding is correct."""

    class Meta:
        """Refuse unknown fields."""

        unknown = RAISE

    text = fields.String(required=True, validate=validate.Length(10, MAX_REASON))


class WaiverBody(Schema):
    """The reason for a waiver, and its last day."""

    class Meta:
        """Refuse unknown fields."""

        unknown = RAISE

    reason = fields.String(required=True, validate=validate.Length(10, MAX_REASON))
    expires_on = fields.Date(required=True)
