"""Request and response schemas of rulesets."""

from marshmallow import RAISE, Schema, fields, validate


class RulesetVersion(Schema):
    """A version of one file of rules. `until` is the day on which a successor comes, or came, into force.

    The bundled file is in force until a version is published, and has no dates.
    """

    version = fields.String(required=True)
    hash = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(("coming", "in_force", "retired")))
    in_force_from = fields.String(required=True, allow_none=True)
    until = fields.String(required=True, allow_none=True)
    published_at = fields.String(required=True, allow_none=True)
    published_by = fields.String(required=True, allow_none=True)
    applied_at = fields.String(required=True, allow_none=True)


class RulesetSummary(Schema):
    """A ruleset with name, version and hash; `page` is the URL of its web page."""

    name = fields.String(required=True)
    title = fields.String(required=True)
    version = fields.String(required=True)
    hash = fields.String(required=True)
    rule_count = fields.Integer(required=True)
    page = fields.String(required=True)
    versions = fields.List(fields.Nested(RulesetVersion), required=True)


class RulesetsResponse(Schema):
    """All rulesets in force."""

    items = fields.List(fields.Nested(RulesetSummary), required=True)


class RuleResponse(Schema):
    """A rule as it is written, with its examples; docs/rules.md explains each part."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    severity = fields.String(required=True)
    level = fields.String(required=True)
    kinds = fields.List(fields.String(), required=True)
    periods = fields.Dict()
    for_each = fields.String()
    when = fields.String()
    assertion = fields.String(required=True, data_key="assert")
    missing = fields.String()
    field = fields.String(required=True)
    message = fields.String(required=True)
    expected = fields.String(required=True)
    why = fields.String(required=True)
    reference = fields.String()
    examples = fields.Dict()
    translations = fields.Dict(
        keys=fields.String(),
        values=fields.Dict(keys=fields.String(), values=fields.String()),
        metadata={"description": "The texts of the rule by language; a missing one is shown in English."},
    )


class RulesetResponse(RulesetSummary):
    """A ruleset with its rules and fields."""

    rules = fields.List(fields.Nested(RuleResponse), required=True)
    structure = fields.List(fields.Dict(), required=True)
    fields_ = fields.Dict(required=True, data_key="fields")


class RulesetQuery(Schema):
    """The version: one of the ruleset's own, or a verdict's stamp; by default the one in force."""

    class Meta:
        """Refuse unknown parameters."""

        unknown = RAISE

    version = fields.String(load_default=None, validate=validate.Length(1, 60))
