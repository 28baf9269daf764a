"""The bundled rulesets, without an installation."""

from services.validation.engine.domain.rules import Ruleset
from services.validation.rulesets.operations.files import GENERAL, bundled_ruleset, combine


def ruleset_for(pillar: str) -> Ruleset:
    """Return all bundled rules of a pillar: first the general rules, then the pillar's own."""
    return combine(bundled_ruleset(GENERAL), bundled_ruleset(pillar))
