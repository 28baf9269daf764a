"""What validation does: check a submission, forget one, answer for rules and verdicts."""

from services.validation.operations.checking import check_submission, forget_submission
from services.validation.operations.reading import VerdictIsUnknown, get_ruleset, get_verdict, list_rulesets
from services.validation.operations.rulesets import RulesetIsUnknown, check_rulesets, ruleset_for

__all__ = [
    "RulesetIsUnknown",
    "VerdictIsUnknown",
    "check_rulesets",
    "check_submission",
    "forget_submission",
    "get_ruleset",
    "get_verdict",
    "list_rulesets",
    "ruleset_for",
]
