"""Use cases of rulesets."""
