"""Statistics of rules."""

from marshmallow import Schema, fields


class RuleFares(Schema):
    """How a rule fares over the verdicts that stand.

    `share` of what it judged failed, for so many reporters of those whose records it judged; it costs so many
    microseconds a place on its own examples. A rule that fails nearly everything of nearly everybody is the rule's
    problem.
    """

    id = fields.String(required=True)
    title = fields.String(required=True)
    severity = fields.String(required=True)
    ruleset = fields.String(required=True)
    version = fields.String(required=True)
    judged = fields.Integer(required=True)
    failed = fields.Integer(required=True)
    errored = fields.Integer(required=True)
    share = fields.Float(required=True)
    reporters = fields.Integer(required=True)
    of_reporters = fields.Integer(required=True)
    justified = fields.Integer(required=True)
    waived = fields.Integer(required=True)
    microseconds = fields.Float(required=True)
    fails_everybody = fields.Boolean(required=True)


class RuleStatistics(Schema):
    """All rules in force."""

    items = fields.List(fields.Nested(RuleFares), required=True)
