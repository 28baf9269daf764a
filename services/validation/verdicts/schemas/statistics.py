"""Statistics of rules."""

from marshmallow import Schema, fields


class RuleStatistics(Schema):
    """Statistics of a rule over the current verdicts.

    `share` of the judged places failed, for `reporters` of the `of_reporters` whose records it judged. `microseconds` is
    the cost of one place on the rule's own examples. A rule that fails nearly all records of nearly all reporters is
    likely wrong.
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


class RuleStatisticsResponse(Schema):
    """Statistics of all rules in force."""

    items = fields.List(fields.Nested(RuleStatistics), required=True)
