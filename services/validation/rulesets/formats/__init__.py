"""Ruleset files and pages."""
