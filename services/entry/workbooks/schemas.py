"""The shapes of files for those who report."""

from marshmallow import RAISE, Schema, fields, validate

from shared.reference import KINDS, LANGUAGES


class TemplateQuery(Schema):
    """In which language the headings are."""

    class Meta:
        """Unknown parameters are mistakes."""

        unknown = RAISE

    language = fields.String(load_default="en", validate=validate.OneOf(LANGUAGES))


class RecordsResponse(Schema):
    """A version's canonical body, whose sha-256 its receipt names."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    origins = fields.String(
        metadata={"description": "Of what came as a file: where its records stand in it."}
    )
    partner = fields.String(required=True, allow_none=True)
    period = fields.String(required=True)
    pillar = fields.String(required=True)
    records = fields.List(fields.Dict(keys=fields.String()), required=True)
    reporter = fields.String(required=True)
    tlp = fields.String(required=True)
