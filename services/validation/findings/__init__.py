"""Findings: their lifecycle and their reports."""
