"""Shapes of the changes feed and the audit log."""

from marshmallow import RAISE, Schema, fields, validate

from services.entry.audit.domain import MAX_SEQUENCE, PUBLISHED
from shared.http.paging import MAX_LIMIT, PageQuery


class ChangesQuery(Schema):
    """The cursor and the size of a page of changes."""

    class Meta:
        """Unknown parameters are errors."""

        unknown = RAISE

    after = fields.Integer(
        load_default=0,
        validate=validate.Range(0, MAX_SEQUENCE),
        metadata={"description": "The `next` of the last response; 0 lists all changes from the first."},
    )
    limit = fields.Integer(load_default=50, validate=validate.Range(1, MAX_LIMIT))


class Change(Schema):
    """A change: one action."""

    sequence = fields.Integer(required=True, metadata={"description": "Sequences only grow, with gaps."})
    at = fields.String(required=True)
    action = fields.String(required=True, validate=validate.OneOf(sorted(PUBLISHED)))
    actor = fields.String(
        required=True, metadata={"description": "The reporter that acted; `iisgd` is this system."}
    )
    reporter = fields.String(required=True, allow_none=True)
    partner = fields.String(required=True, allow_none=True)
    submission = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True, allow_none=True)
    detail = fields.Dict(required=True)


class ChangesResponse(Schema):
    """A page of changes. `next` is the cursor of the next request, also when the page is empty."""

    items = fields.List(fields.Nested(Change), required=True)
    next = fields.Integer(required=True)


class AuditLogQuery(PageQuery):
    """The entries to list."""

    reporter = fields.String(load_default=None, validate=validate.Length(1, 40))
    submission = fields.String(load_default=None, validate=validate.Length(1, 36))
    action = fields.String(
        load_default=None,
        validate=validate.Length(1, 40),
        metadata={"description": "An action, or a prefix that ends in a dot: `submission.`"},
    )
    since = fields.AwareDateTime(load_default=None, format="iso")


class AuditEntry(Change):
    """An entry of the audit log."""

    id = fields.String(required=True)
    sequence = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Null until the entry is sealed, within about a second."},
    )
    action = fields.String(required=True)
    client = fields.String(required=True, allow_none=True)
    address = fields.String(required=True, allow_none=True)


class AuditLogResponse(Schema):
    """A page of the audit log."""

    items = fields.List(fields.Nested(AuditEntry), required=True)
    next = fields.String(required=True, allow_none=True)
