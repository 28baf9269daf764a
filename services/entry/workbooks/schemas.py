"""Shapes of templates and records."""

from marshmallow import Schema, fields, validate

from shared.reference import KINDS


class RecordsResponse(Schema):
    """The canonical body of a version. Its receipt names the SHA-256."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    origins = fields.String(
        metadata={"description": "SHA-256 of the locations of the records in the uploaded file."}
    )
    reading = fields.String(
        metadata={
            "description": "SHA-256 of the account of the uploaded file: what was read, and what was not."
        }
    )
    partner = fields.String(required=True, allow_none=True)
    period = fields.String(required=True)
    pillar = fields.String(required=True)
    records = fields.List(fields.Dict(keys=fields.String()), required=True)
    reporter = fields.String(required=True)
    tlp = fields.String(required=True)
