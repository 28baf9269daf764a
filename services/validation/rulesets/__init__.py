"""Rulesets: files of rules, their versions and their publication."""
