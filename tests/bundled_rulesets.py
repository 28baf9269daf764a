"""The rulesets as they ship, without an installation."""

from services.validation.engine.domain.rules import Ruleset
from services.validation.rulesets.operations.files import GENERAL, bundled_ruleset, combine


def ruleset_for(pillar: str) -> Ruleset:
    """All rules that ship for a pillar: the general ones, then its own."""
    return combine(bundled_ruleset(GENERAL), bundled_ruleset(pillar))
