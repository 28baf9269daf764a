"""Rulesets of the IATI Standard, translated to the rule language."""
