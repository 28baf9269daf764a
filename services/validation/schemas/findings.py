"""Findings that are followed, and what is said for them."""

from marshmallow import RAISE, Schema, fields, validate

from shared.http.paging import PageQuery

STATES = ("open", "fixed", "justified", "waived")
LONGEST_REASON = 2_000


class FindingsQuery(PageQuery):
    """Findings of one state, or of any."""

    state = fields.String(load_default=None, validate=validate.OneOf(STATES))


class FindingFollowed(Schema):
    """A finding at one place. It is fixed when a later version passes; `note` says why one may stand that is not.

    `place` leads from the record to the value, as a JSON pointer.
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


class Findings(Schema):
    """A page of them; `next` is what comes `after` it."""

    items = fields.List(fields.Nested(FindingFollowed), required=True)
    next = fields.String(required=True, allow_none=True)


class Justification(Schema):
    """Why what a rule warns of is as it should be."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    text = fields.String(required=True, validate=validate.Length(10, LONGEST_REASON))


class Waiver(Schema):
    """Why a finding may stand for a while, and the last day of it."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    reason = fields.String(required=True, validate=validate.Length(10, LONGEST_REASON))
    expires_on = fields.Date(required=True)
