"""Shapes at validation's edge."""

from marshmallow import Schema, fields


class RulesetSummary(Schema):
    """A ruleset by its name, version and hash."""

    name = fields.String(required=True)
    title = fields.String(required=True)
    version = fields.String(required=True)
    hash = fields.String(required=True)
    rule_count = fields.Integer(required=True)


class Rulesets(Schema):
    """All of them."""

    items = fields.List(fields.Nested(RulesetSummary), required=True)


class RuleShown(Schema):
    """A rule as it is written, with its examples; docs/rules.md says what each part means."""

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


class RulesetShown(RulesetSummary):
    """A ruleset with all that it says."""

    rules = fields.List(fields.Nested(RuleShown), required=True)
    structure = fields.List(fields.Dict(), required=True)
    fields_ = fields.Dict(required=True, data_key="fields")


class RulesetStamp(Schema):
    """Which rules judged."""

    name = fields.String(required=True)
    version = fields.String(required=True)
    hash = fields.String(required=True)


class FindingShown(Schema):
    """What a rule says about one place; `value` is what stands there."""

    rule = fields.String(required=True)
    title = fields.String(required=True)
    severity = fields.String(required=True)
    outcome = fields.String(required=True)
    ref = fields.String(required=True, allow_none=True)
    pointer = fields.String(required=True)
    value = fields.Raw(required=True, allow_none=True)
    message = fields.String(required=True)
    expected = fields.String(required=True)
    why = fields.String(required=True)
    reference = fields.String(required=True)


class VerdictShown(Schema):
    """The verdict that stands; findings are left out for those who may not see them."""

    submission = fields.String(required=True)
    version = fields.Integer(required=True)
    verdict = fields.Integer(required=True)
    outcome = fields.String(required=True)
    judged_at = fields.String(required=True)
    ruleset = fields.Nested(RulesetStamp, required=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    outcomes = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    findings = fields.List(fields.Nested(FindingShown))
