"""Rulesets of the IATI Standard, as rules of ours."""
