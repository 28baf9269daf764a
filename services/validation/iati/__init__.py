"""Rulesets of the IATI Standard, run as rules of the engine."""
